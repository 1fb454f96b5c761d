/** By hand: `node test/vm/run.ts 6.1 [test/vm/guest/x.test.ts …]` boots one kernel and shows everything it prints. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { bootAndTest } from './boot.ts';
import { makeDisk } from './image.ts';
import { fetchKernel, KERNELS, type KernelName } from './kernels.ts';

export function guestTests(): string[] {
  return readdirSync(path.join(import.meta.dirname, 'guest'))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/vm/guest/${name}`);
}

if (import.meta.main) {
  const [name = '', ...files] = process.argv.slice(2);
  if (!Object.hasOwn(KERNELS, name)) throw new Error(`name one of the kernels ${Object.keys(KERNELS).join(', ')}`);
  const kernel = await fetchKernel(name as KernelName);
  const { results, status } = await bootAndTest(kernel, await makeDisk(), files.length > 0 ? files : guestTests(), {
    onLine: (line) => process.stdout.write(`${line}\n`),
  });
  process.stdout.write(
    `${results.filter(({ error }) => !error).length} of ${results.length} passed on ${kernel.release}\n`,
  );
  process.exitCode = status ?? 1;
}
