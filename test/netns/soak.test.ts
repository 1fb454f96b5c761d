/**
 * Again and again: the root process killed at random moments, captures attached and detached by the thousand. Nothing may be left on an
 * interface, nothing may grow.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { BufferKind, Hook } from '../../electron/shared/capture.ts';
import { capturing, nothingAttached, withFolder } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { AddonCapture, parsePackets } from './lib/addon-capture.ts';
import { numberedFrames } from './lib/frames.ts';
import { withPair } from './lib/network.ts';
import { eventually, run } from './lib/process.ts';

const PAIR = { prefix: 'xk', quiet: true };
const HOOKS = ['xdp', 'tc-ingress', 'tc-egress', 'socket', 'afxdp'] as const satisfies Hook[];
const BUFFERS = ['mapped', 'ring', 'perf'] as const satisfies BufferKind[];

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

interface Held {
  prog: Set<number>;
  map: Set<number>;
}

/** Adds the programs and maps that this process has open. */
function hold(held: Held): void {
  for (const fd of readdirSync('/proc/self/fdinfo')) {
    const file = `/proc/self/fdinfo/${fd}`;
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    for (const kind of ['prog', 'map'] as const) {
      const [, id] = new RegExp(`^${kind}_id:\\s+(\\d+)`, 'm').exec(text) ?? [];
      if (id !== undefined) held[kind].add(Number(id));
    }
  }
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
        const held: Held = { prog: new Set(), map: new Set() };
        const round = async (i: number) => {
          const capture = new AddonCapture([{ ifname: b.ifname, netns: b.netns, hook: HOOKS[i % HOOKS.length]! }], {
            bufferBytes: 65536,
            maxFlows: 64,
            buffer: BUFFERS[i % BUFFERS.length]!,
          });
          for (const { programId } of capture.capture.attachments) held.prog.add(programId);
          if (i % 20 === 0) hold(held);
          if (i % 100 === 0)
            await addon.sendFrames({ ifname: a.ifname, netns: a.netns, frames: numberedFrames(a, b, 5) });
          await capture.finish();
        };
        const measure = () => {
          globalThis.gc?.();
          return {
            descriptors: readdirSync('/proc/self/fd').length,
            memoryKb: Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]),
          };
        };
        for (let i = 0; i < 50; i++) await round(i);
        await new Promise((resolve) => setTimeout(resolve, 500));
        const before = measure();
        for (let i = 0; i < 1000; i++) await round(i);
        // By their ids: other tests have programs and maps of the same names.
        for (const kind of ['prog', 'map'] as const)
          await eventually(`each ${kind} is freed`, async () => {
            const there = JSON.parse(await run('bpftool', ['-j', kind, 'list'])) as { id: number }[];
            return there.every(({ id }) => !held[kind].has(id));
          });
        assert.ok(held.prog.size >= 1000 && held.map.size >= 100);
        const after = measure();
        assert.ok(
          after.descriptors <= before.descriptors,
          `${after.descriptors} descriptors, ${before.descriptors} before`,
        );
        assert.ok(after.memoryKb < before.memoryKb + 24_000, `${after.memoryKb} kB, ${before.memoryKb} kB before`);
      }),
  );
});
