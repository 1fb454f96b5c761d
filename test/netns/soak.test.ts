/**
 * Again and again: the root process killed at random moments, captures attached and detached by the thousand. Nothing may be left on an
 * interface, nothing may grow.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { Hook } from '../../electron/shared/capture.ts';
import { capturing, nothingAttached, withFolder } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { AddonCapture, parsePackets } from './lib/addon-capture.ts';
import { numberedFrames } from './lib/frames.ts';
import { withPair } from './lib/network.ts';
import { eventually, run } from './lib/process.ts';

const PAIR = { prefix: 'xk', quiet: true };
const HOOKS = ['xdp', 'tc-ingress', 'tc-egress', 'socket', 'afxdp'] as const satisfies Hook[];

/** The root process that a command started. */
function childOf(parent: number): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(parent);
      } catch {
        return false; // it ended meanwhile
      }
    });
}

async function killOnce(round: number): Promise<void> {
  await withPair(PAIR, (a, b) =>
    withFolder(async (folder) => {
      const file = path.join(folder, 'f.pcapng');
      const hook = HOOKS[round % HOOKS.length]!;
      const dump = await capturing(['dump', '-i', b.ifname, '--hook', hook, '-w', file], b.netns);
      const end = hook === 'tc-egress' ? b : a;
      const sending = addon.sendFrames({
        ifname: end.ifname,
        netns: end.netns,
        frames: numberedFrames(end, end === a ? b : a, 100),
        intervalUs: 200,
        repeat: 10,
      });
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 150));
      process.kill(childOf(dump.pid)!, 'SIGKILL');
      const { status, stderr } = await dump.ended;
      assert.equal(status, 1, stderr);
      assert.match(stderr, /SIGKILL/);
      await nothingAttached(b.netns, b.ifname);
      // Whatever reached the file is whole.
      if (existsSync(file)) parsePackets(readFileSync(file));
      await sending;
    }),
  );
}

describe('again and again', () => {
  test('the root process killed at a random moment, 100 times', { timeout: 300_000 }, async () => {
    let next = 0;
    const worker = async () => {
      while (next < 100) await killOnce(next++);
    };
    await Promise.all([worker(), worker(), worker()]);
  });

  test(
    '1,000 rounds of attaching and detaching: no growth in descriptors, programs, maps or memory',
    { timeout: 300_000 },
    () =>
      withPair(PAIR, async (a, b) => {
        const round = async (i: number) => {
          const capture = new AddonCapture([{ ifname: b.ifname, netns: b.netns, hook: HOOKS[i % HOOKS.length]! }], {
            bufferBytes: 65536,
            maxFlows: 64,
            buffer: i % 2 ? 'ring' : 'perf',
          });
          if (i % 100 === 0)
            await addon.sendFrames({ ifname: a.ifname, netns: a.netns, frames: numberedFrames(a, b, 5) });
          await capture.finish();
        };
        const ours = async (kind: 'prog' | 'map') =>
          (JSON.parse(await run('bpftool', ['-j', kind, 'list'])) as { name?: string }[]).filter(({ name }) =>
            /^xdpeek_|^(ring|perf|flows|stats|counters|stages|xsks)$/.test(name ?? ''),
          ).length;
        const measure = async () => {
          globalThis.gc?.();
          return {
            descriptors: readdirSync('/proc/self/fd').length,
            programs: await ours('prog'),
            maps: await ours('map'),
            memoryKb: Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]),
          };
        };
        for (let i = 0; i < 50; i++) await round(i);
        await new Promise((resolve) => setTimeout(resolve, 500));
        const before = await measure();
        for (let i = 0; i < 1000; i++) await round(i);
        await eventually(
          'programs and maps are freed',
          async () => (await ours('prog')) <= before.programs && (await ours('map')) <= before.maps,
          10_000,
        );
        const after = await measure();
        assert.ok(
          after.descriptors <= before.descriptors,
          `${after.descriptors} descriptors, ${before.descriptors} before`,
        );
        assert.ok(after.memoryKb < before.memoryKb + 24_000, `${after.memoryKb} kB, ${before.memoryKb} kB before`);
      }),
  );
});
