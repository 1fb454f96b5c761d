/**
 * Debian's kernels, booted under qemu in software emulation, each with the built product: every test of guest/ is a test here, named with
 * the kernel's release. See README.md.
 */
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, test } from 'node:test';
import { bootAndTest } from './boot.ts';
import { makeDisk } from './image.ts';
import { fetchKernel, KERNELS, type KernelName } from './kernels.ts';
import { guestTests } from './run.ts';

const disk = makeDisk();

describe('kernels', { concurrency: Math.min(2, availableParallelism()) }, () => {
  for (const name of Object.keys(KERNELS) as KernelName[])
    test(`Linux ${name}`, { timeout: 960_000 }, async (t) => {
      const kernel = await fetchKernel(name);
      const { results, status, log } = await bootAndTest(kernel, await disk, guestTests());
      for (const { name: title, error, ms } of results)
        await t.test(`${kernel.release}: ${title} (${ms} ms inside)`, () => {
          if (error !== undefined) assert.fail(`${error}\nThe end of what the guest said:\n${log.slice(-4000)}`);
        });
      const failed = results.some(({ error }) => error);
      assert.equal(status, failed ? 1 : 0, `${results.length} results, then the guest said:\n${log}`);
      assert.ok(results.length >= guestTests().length, `every file ran:\n${log}`);
    });
});
