/**
 * AF_XDP: what matches goes into a socket of its queue and not to the stack; all else goes on. A tc capture on the same interface is the
 * witness of what the stack got, the sender's count of what there was.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { compileFilter } from '../../electron/session/filter/index.ts';
import type { CaptureTarget } from '../../electron/shared/capture.ts';
import type { CaptureConfig } from '../../native/index.d.ts';
import { tsharkFields, withFolder } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { AddonCapture } from './lib/addon-capture.ts';
import { losesNothing } from './lib/attempts.ts';
import { numberedFrames, pattern, udpFrame } from './lib/frames.ts';
import { generate } from './lib/generator.ts';
import { type VethEnd, withPair } from './lib/network.ts';
import { eventually, onOneCpu, run } from './lib/process.ts';

const PAIR = { prefix: 'xa', quiet: true };
const hex = ({ bytes }: { bytes: Uint8Array }) => Buffer.from(bytes).toString('hex');
const send = (end: VethEnd, frames: Uint8Array[]) => addon.sendFrames({ ifname: end.ifname, netns: end.netns, frames });
const open = (end: VethEnd, more: Partial<CaptureTarget> = {}, options: Partial<CaptureConfig> = {}) =>
  new AddonCapture([{ ifname: end.ifname, netns: end.netns, hook: 'afxdp', ...more }], options);
const stack = (end: VethEnd) => new AddonCapture([{ ifname: end.ifname, netns: end.netns, hook: 'tc-ingress' }]);
const attachedTo = (end: VethEnd) => addon.interfaces(end.netns).find(({ ifname }) => ifname === end.ifname)!.attached;
const matched = (capture: AddonCapture, count: number) =>
  eventually(`${count} matched`, () => capture.capture.counters().matchedPackets >= count);
const captured = (capture: AddonCapture, count: number) =>
  eventually(`${count} captured`, () => capture.capture.counters().capturedPackets >= count);

describe('AF_XDP', () => {
  for (const [mode, busyPoll] of [
    ['native', false],
    ['native', true],
    ['generic', false],
  ] as const)
    test(`${mode}${busyPoll ? ', busy-polling' : ''}: each frame once, byte for byte, whole up to 9,000 bytes; none for the stack`, () =>
      withPair({ ...PAIR, mtu: 9000 }, async (a, b) => {
        const witness = stack(b);
        const capture = open(b, { mode, ...(busyPoll && { busyPoll }) });
        const [attachment] = capture.capture.attachments;
        assert.equal(attachment?.via, 'xdp-link');
        assert.equal(attachment?.actualMode, mode);
        assert.match(attachment?.note ?? '', /no zero-copy/);
        const frames = [
          ...numberedFrames(a, b, 300),
          ...[0, 1, 1000, 1472, 3700, 4000, 8000, 8900].map((size) => udpFrame(a, b, pattern(size))),
          udpFrame(a, b, pattern(40), { family: 6, tags: [{ id: 5 }] }),
        ];
        await send(a, frames);
        await captured(capture, frames.length);
        const stats = capture.capture.readStats();
        assert.ok(stats.length > 0 && capture.capture.readFlows().length >= 80 * 2);
        const { inStream: packets, counters } = await capture.finish();
        assert.deepEqual(
          packets.map(hex),
          frames.map((bytes) => hex({ bytes })),
        );
        assert.ok(packets.every(({ verdict, direction }) => verdict === 4 && direction === 1));
        assert.ok(packets.every(({ epochNs }, i) => i === 0 || epochNs >= packets[i - 1]!.epochNs));
        assert.ok(Math.abs(Number(packets[0]!.epochNs) / 1e6 - Date.now()) < 60_000);
        assert.equal(counters.lostKernel + counters.lostPipe, 0);
        assert.equal((await witness.finish()).packets.length, 0);
        assert.deepEqual(attachedTo(b), []);
      }));

  test('what the filter refuses and what sampling leaves out goes to the stack; a filter can be changed meanwhile', () =>
    withPair(PAIR, async (a, b) => {
      const witness = stack(b);
      const filter = compileFilter('udp dst port 9', [1]);
      const capture = open(b, {}, { filter, sample: 4 });
      const wanted = numberedFrames(a, b, 100);
      const others = Array.from({ length: 50 }, () => udpFrame(a, b, pattern(30), { destinationPort: 10 }));
      await send(a, [...wanted, ...others]);
      await matched(capture, 100);
      await eventually('50 refused', () => capture.capture.counters().filteredPackets === 50);
      capture.capture.setFilter(compileFilter('udp dst port 10', [1]));
      await send(a, others);
      await matched(capture, 150);
      const { packets, counters } = await capture.finish();
      assert.equal(counters.filteredPackets, 50);
      assert.equal(counters.matchedPackets, 150);
      assert.equal(counters.skippedPackets + counters.capturedPackets, 150);
      assert.equal(packets.length, counters.capturedPackets);
      assert.ok(packets.length >= 150 / 4 && packets.length <= 150 / 4 + 2 * 8);
      await matched(witness, 50 + counters.skippedPackets);
      assert.equal((await witness.finish()).packets.length, 50 + counters.skippedPackets);
    }));

  test('four queues: a socket for each; every packet comes with the number of its queue', () =>
    withPair({ ...PAIR, queues: 4 }, async (a, b) => {
      const capture = open(b);
      const frames = Array.from({ length: 400 }, (_, i) => udpFrame(a, b, pattern(20), { sourcePort: 1000 + i }));
      await send(a, frames);
      await captured(capture, frames.length);
      const { packets, pcapng } = await capture.finish();
      assert.deepEqual(packets.map(hex).sort(), frames.map((bytes) => hex({ bytes })).sort());
      await withFolder(async (folder) => {
        const file = path.join(folder, 'queues.pcapng');
        writeFileSync(file, pcapng);
        const queues = new Set(await tsharkFields(file, ['frame.interface_queue']));
        assert.ok(queues.size >= 2 && !queues.has(''), `queues ${[...queues]}`);
      });
    }));

  test('counters only: nothing is taken away from the stack', () =>
    withPair(PAIR, async (a, b) => {
      const witness = stack(b);
      const capture = open(b, {}, { packets: false });
      await send(a, numberedFrames(a, b, 40));
      await matched(capture, 40);
      assert.equal((await capture.finish()).packets.length, 0);
      await matched(witness, 40);
      assert.equal((await witness.finish()).packets.length, 40);
    }));

  test('beside other hooks in one capture', () =>
    withPair(PAIR, async (a, b) => {
      const place = { ifname: b.ifname, netns: b.netns };
      const capture = new AddonCapture(
        [
          { ...place, hook: 'tc-ingress' },
          { ...place, hook: 'afxdp' },
        ],
        { filter: compileFilter('udp', [1]) },
      );
      await send(a, numberedFrames(a, b, 60));
      await captured(capture, 60);
      const { packets, counters } = await capture.finish();
      assert.deepEqual(
        packets.map(({ interfaceId }) => interfaceId),
        Array.from({ length: 60 }, () => 1),
      );
      assert.deepEqual(
        counters.interfaces?.map(({ matchedPackets }) => matchedPackets),
        [0, 60],
      );
    }));

  test('overload: sent = captured + counted losses, exactly', () =>
    withPair(PAIR, async (a, b) => {
      await run('ethtool', ['-K', b.ifname, 'gro', 'on'], { netns: b.netns });
      const capture = open(b, {}, { bufferBytes: 1 << 20, creditBytes: 16 << 20 });
      const { sent } = await onOneCpu(() => generate(a, { pps: 0, count: 1_000_000, first: true }, b));
      await matched(capture, sent);
      const { counters, packets } = await capture.finish();
      assert.equal(counters.matchedPackets, sent);
      assert.equal(counters.capturedPackets + counters.lostKernel + counters.lostPipe, sent, JSON.stringify(counters));
      assert.equal(packets.length, counters.capturedPackets);
      assert.ok(counters.lostKernel > 0, 'the test did overload the socket');
      assert.equal(counters.lostInterface, 0, 'no loss is counted twice');
    }));

  test('300,000 packets a second, or what this machine takes: all of them', () =>
    withPair(PAIR, async (a, b) => {
      await run('ethtool', ['-K', b.ifname, 'gro', 'on'], { netns: b.netns });
      await losesNothing(300_000, async (pps) => {
        const capture = open(b);
        const { sent } = await generate(a, { pps, count: pps * 2 }, b);
        await matched(capture, sent);
        const { counters, packets } = await capture.finish();
        const lost = counters.lostKernel + counters.lostPipe;
        assert.equal(packets.length + lost, sent);
        return lost;
      });
    }));
});
