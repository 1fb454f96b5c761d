/** The library's programs that judge: what passes, what is dropped, what is aborted, and what they count. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { withFolder } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { numberedFrames, udpFrame, type VlanTag } from './lib/frames.ts';
import { startTcpdump } from './lib/ground-truth.ts';
import { countersOf, pairKey, u32Key, withLibrary } from './lib/library.ts';
import { type VethEnd, withPair } from './lib/network.ts';
import { eventually } from './lib/process.ts';

const quiet = { prefix: 'xll', quiet: true } as const;
const payload = new TextEncoder().encode('library');
const tagged = (a: VethEnd, b: VethEnd, family: 4 | 6, ...tags: VlanTag[]) => udpFrame(a, b, payload, { family, tags });
const send = (a: VethEnd, frames: Uint8Array[]) => addon.sendFrames({ netns: a.netns, ifname: a.ifname, frames });

for (const mode of ['native', 'generic'] as const)
  test(`xdp_pass, xdp_drop and xdp_abort in ${mode} mode: the stack gets all or nothing, every frame is counted`, () =>
    withPair(quiet, (a, b) =>
      withFolder((folder) =>
        withLibrary(async (lab) => {
          const frames = [4, 6].flatMap((family) => numberedFrames(a, b, 50, 31, { family: family as 4 | 6 }));
          for (const [name, verdict, arrive] of [
            ['xdp_pass', 'pass', 100],
            ['xdp_drop', 'drop', 0],
            ['xdp_abort', 'aborted', 0],
          ] as const) {
            const program = await lab.attach(name, b, {}, mode);
            assert.equal(program.mode, mode);
            const witness = await startTcpdump(b, path.join(folder, `${name}.pcap`), { direction: 'in' });
            await send(a, frames);
            await eventually(`${name} counts`, () => program.verdicts()[verdict] === 100);
            assert.equal((await witness.finish(arrive)).length, arrive);
            assert.deepEqual(program.verdicts(), { [verdict]: 100 });
            const [, bytes] = countersOf(program.maps['verdicts']!, u32Key).get(
              name === 'xdp_pass' ? '2' : name === 'xdp_drop' ? '1' : '0',
            )!;
            assert.equal(
              bytes,
              frames.reduce((sum, frame) => sum + frame.length, 0),
            );
            await program.detach();
          }
        }),
      ),
    ));

test('xdp_stats on loopback counts both families by protocol, per CPU', () =>
  withPair({ prefix: 'xll' }, (a) =>
    withLibrary(async (lab) => {
      const lo = { netns: a.netns, ifname: 'lo' };
      const program = await lab.attach('xdp_stats', lo, {}, 'generic');
      const local = { mac: '00:00:00:00:00:00', ipv4: '127.0.0.1', ipv6: '::1' };
      const frames = [
        ...numberedFrames(local, local, 20, 33, { family: 4 }),
        ...numberedFrames(local, local, 11, 20, { family: 6 }),
        tagged({ ...a, ...local }, { ...a, ...local }, 6, { id: 5 }),
      ];
      await addon.sendFrames({ ...lo, frames });
      await eventually('all are counted', () => (program.verdicts()['pass'] ?? 0) >= 32);
      const [packets, bytes] = countersOf(program.maps['protocols']!, u32Key).get('17')!;
      assert.equal(packets, 32);
      assert.equal(
        bytes,
        frames.reduce((sum, frame) => sum + frame.length, 0),
      );
    }),
  ));

test('vlan_drop drops tagged frames of both tag types and families, and nothing else', () =>
  withPair(quiet, (a, b) =>
    withFolder((folder) =>
      withLibrary(async (lab) => {
        const program = await lab.attach('vlan_drop', b);
        const witness = await startTcpdump(b, path.join(folder, 'b.pcap'), { direction: 'in' });
        const plain = [udpFrame(a, b, payload, { family: 4 }), udpFrame(a, b, payload, { family: 6 })];
        await send(a, [
          tagged(a, b, 4, { id: 7 }),
          plain[0]!,
          tagged(a, b, 6, { id: 7 }),
          tagged(a, b, 4, { id: 7, tpid: 0x88a8 }, { id: 8 }),
          plain[1]!,
          tagged(a, b, 6, { id: 0, priority: 5 }),
        ]);
        const arrived = await witness.finish(2);
        assert.deepEqual(
          arrived.map(({ bytes }) => Buffer.from(bytes).toString('hex')),
          plain.map((bytes) => Buffer.from(bytes).toString('hex')),
        );
        assert.deepEqual(program.verdicts(), { drop: 4, pass: 2 });
      }),
    ),
  ));

test('vlan_collect counts ids by depth and aborts inner id 42, which the tracepoint of exceptions tells the monitor', () =>
  withPair(quiet, (a, b) =>
    withFolder((folder) =>
      withLibrary(async (lab) => {
        await lab.workbench.request('monitorStart', {});
        const program = await lab.attach('vlan_collect', b);
        const witness = await startTcpdump(b, path.join(folder, 'b.pcap'), { direction: 'in' });
        const outer = { id: 100, tpid: 0x88a8 };
        await send(a, [
          tagged(a, b, 4, outer, { id: 42 }),
          tagged(a, b, 6, outer, { id: 42 }),
          tagged(a, b, 4, outer, { id: 41, priority: 7, dropEligible: true }),
          tagged(a, b, 4, { id: 42 }),
          tagged(a, b, 6, { id: 42 }, { id: 100 }, { id: 42 }),
          udpFrame(a, b, payload),
          // Cut within its tag.
          tagged(a, b, 4, { id: 9 }).subarray(0, 16),
        ]);
        assert.equal((await witness.finish(4)).length, 4);
        assert.deepEqual(program.verdicts(), { aborted: 3, pass: 4 });
        const vlans = countersOf(program.maps['vlans']!, pairKey);
        assert.deepEqual(Object.fromEntries([...vlans].map(([key, [count]]) => [key, count])), {
          '0/100': 3,
          '1/42': 2,
          '1/41': 1,
          '0/42': 2,
          '1/100': 1,
        });
        const { exceptions } = await lab.workbench.request('monitorRead', {});
        assert.equal(
          exceptions.filter(({ action }) => action === 0).reduce((sum, each) => sum + each.count, 0),
          3,
        );
      }),
    ),
  ));

test('vlan_collect aborts the inner id that is set', () =>
  withPair(quiet, (a, b) =>
    withLibrary(async (lab) => {
      const program = await lab.attach('vlan_collect', b, { inner_id: '7' });
      await send(a, [tagged(a, b, 4, { id: 1 }, { id: 7 }), tagged(a, b, 4, { id: 1 }, { id: 42 })]);
      await eventually('both are counted', () => program.verdicts()['pass'] === 1);
      assert.deepEqual(program.verdicts(), { aborted: 1, pass: 1 });
    }),
  ));
