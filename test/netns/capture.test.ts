/**
 * The capture core on real interfaces, with the sender's count as ground truth: every hook, mode and transport takes each frame once, byte
 * for byte; counters add up exactly, also when the reader or the buffer is too slow; nothing stays attached.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import {
  FLOW,
  FLOW_RECORD_BYTES,
  PROTOCOL_KEYS,
  readU64,
  STATS_BYTES,
  STATS_GROUPS,
} from '../../electron/shared/abi.ts';
import type { BufferKind, CaptureCounters, CaptureTarget, Hook, XdpMode } from '../../electron/shared/capture.ts';
import { addon } from './lib/addon.ts';
import { AddonCapture, type Finished } from './lib/addon-capture.ts';
import { losesNothing } from './lib/attempts.ts';
import { concat, ethernet, numberedFrames, pattern, u16, udpFrame, udpPacket } from './lib/frames.ts';
import { generate } from './lib/generator.ts';
import { type VethEnd, withNetwork, withPair } from './lib/network.ts';
import { attempt, eventually, onOneCpu, run } from './lib/process.ts';
import { TunDevice } from './lib/tun.ts';

const PAIR = { prefix: 'xn', quiet: true };
/** At most, until a buffer overflows. */
const targetOf = (
  end: { ifname: string; netns: string },
  hook: Hook = 'xdp',
  mode: XdpMode = 'auto',
): CaptureTarget => ({ ifname: end.ifname, netns: end.netns, hook, ...(hook === 'xdp' && { mode }) });
const send = (end: VethEnd, frames: Uint8Array[]) => addon.sendFrames({ ifname: end.ifname, netns: end.netns, frames });
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function assertAttachedNowhere(end: VethEnd): void {
  assert.deepEqual(addon.interfaces(end.netns).find(({ ifname }) => ifname === end.ifname)?.attached, []);
}

function assertExactly(finished: Finished, sent: readonly Uint8Array[]): void {
  const { counters, packets } = finished;
  assert.deepEqual(
    packets.map(({ bytes }) => hex(bytes)),
    sent.map(hex),
  );
  assert.equal(counters.matchedPackets, sent.length);
  assert.equal(
    counters.matchedBytes,
    sent.reduce((sum, { length }) => sum + length, 0),
  );
  assert.equal(counters.capturedPackets, sent.length);
  assert.equal(counters.lostKernel + counters.lostPipe, 0);
}

describe('each frame once, byte for byte', () => {
  const ways: { hook: Hook; mode: XdpMode; buffer: BufferKind; forceClsact?: boolean }[] = [
    { hook: 'xdp', mode: 'native', buffer: 'mapped' },
    { hook: 'xdp', mode: 'native', buffer: 'ring' },
    { hook: 'xdp', mode: 'native', buffer: 'perf' },
    { hook: 'xdp', mode: 'generic', buffer: 'mapped' },
    { hook: 'xdp', mode: 'generic', buffer: 'ring' },
    { hook: 'xdp', mode: 'generic', buffer: 'perf' },
    { hook: 'tc-ingress', mode: 'auto', buffer: 'mapped' },
    { hook: 'tc-ingress', mode: 'auto', buffer: 'ring' },
    { hook: 'tc-ingress', mode: 'auto', buffer: 'perf' },
    { hook: 'tc-egress', mode: 'auto', buffer: 'mapped' },
    { hook: 'tc-egress', mode: 'auto', buffer: 'ring' },
    { hook: 'tc-egress', mode: 'auto', buffer: 'perf' },
    { hook: 'tc-ingress', mode: 'auto', buffer: 'ring', forceClsact: true },
    { hook: 'tc-egress', mode: 'auto', buffer: 'perf', forceClsact: true },
  ];
  for (const { hook, mode, buffer, forceClsact = false } of ways)
    test(`${hook} ${mode} over the ${buffer} buffer${forceClsact ? ', clsact' : ''}`, () =>
      withPair(PAIR, async (a, b) => {
        // Both families, sizes of every ring class, odd lengths, no payload at all, the largest frame, a tag in the frame.
        const sizes = [0, 1, 9, 15, 16, 17, 21, 22, 79, 80, 81, 207, 208, 527, 528, 1039, 1040, 1041, 1471, 1472];
        const frames = [
          ...sizes.map((size) => udpFrame(a, b, pattern(size))),
          udpFrame(a, b, pattern(33), { family: 6 }),
          ...numberedFrames(a, b, 200),
        ];
        const seenAt = hook === 'tc-egress' ? a : b;
        const capture = new AddonCapture([targetOf(seenAt, hook, mode)], { buffer, forceClsact });
        const [attachment] = capture.capture.attachments;
        assert.equal(attachment?.via, hook === 'xdp' ? 'xdp-link' : forceClsact ? 'clsact' : 'tcx-link');
        assert.equal(attachment?.actualMode, hook === 'xdp' ? mode : undefined);
        assert.equal(capture.capture.bufferUsed, buffer);
        assert.equal(await send(a, frames), frames.length);
        await eventually('all frames seen', () => capture.capture.counters().matchedPackets >= frames.length);
        const finished = await capture.finish();
        assertExactly(finished, frames);
        const direction = hook === 'tc-egress' ? 2 : 1;
        assert.ok(
          finished.packets.every((packet) => packet.verdict === 2 && packet.direction === direction),
          'verdict pass and direction',
        );
        assertAttachedNowhere(seenAt);
      }));

  test('VLAN tags, in the frame and moved to metadata by the kernel, are all there', () =>
    withPair(PAIR, async (a, b) => {
      const tags = [{ id: 42, priority: 5 }];
      const frames = [
        udpFrame(a, b, pattern(30), { tags }),
        udpFrame(a, b, pattern(30), { tags: [{ id: 7 }, { id: 42 }] }),
      ];
      for (const hook of ['xdp', 'tc-ingress'] as const) {
        const capture = new AddonCapture([targetOf(b, hook)]);
        await send(a, frames);
        await eventually('both frames', () => capture.capture.counters().matchedPackets >= 2);
        assertExactly(await capture.finish(), frames);
      }
    }));

  test('jumbo frames in several buffers arrive whole', () =>
    withPair({ ...PAIR, mtu: 9000 }, async (a, b) => {
      const frames = [pattern(1500), pattern(4000), pattern(8950)].map((payload) => udpFrame(a, b, payload));
      for (const [hook, mode] of [
        ['xdp', 'generic'],
        ['xdp', 'native'],
        ['tc-ingress', 'auto'],
      ] as const) {
        const capture = new AddonCapture([targetOf(b, hook, mode)]);
        await send(a, frames);
        await eventually(`three frames at ${hook} ${mode}`, () => capture.capture.counters().matchedPackets >= 3);
        assertExactly(await capture.finish(), frames);
      }
    }));

  test('a tunnel has no Ethernet header: raw IP, both directions at once', () =>
    withNetwork({ prefix: 'xn' }, async (network) => {
      const netns = await network.namespace('t');
      const tun = await TunDevice.open(netns, { addresses: ['10.9.0.1/24'] });
      const here = { mac: '', ipv4: '10.9.0.1', ipv6: 'fd09::1' };
      const there = { mac: '', ipv4: '10.9.0.2', ipv6: 'fd09::2' };
      const inward = Array.from({ length: 20 }, (_, i) => udpPacket(there, here, pattern(i + 9)));
      const outward = Array.from({ length: 30 }, (_, i) => udpPacket(here, there, pattern(i + 9)));
      const capture = new AddonCapture([targetOf(tun, 'tc-ingress'), targetOf(tun, 'tc-egress')]);
      assert.deepEqual(
        capture.capture.attachments.map(({ linkType }) => linkType),
        [101, 101],
      );
      tun.inject(inward);
      await addon.sendFrames({ ifname: tun.ifname, netns, frames: outward });
      // The kernel answers the datagrams to a closed port: more than 30 may leave.
      await eventually('both ways', () => capture.capture.counters().matchedPackets >= 50);
      const { packets } = await capture.finish();
      const udp = packets.filter(({ bytes }) => bytes[9] === 17);
      assert.deepEqual(
        udp.filter(({ interfaceId }) => interfaceId === 0).map(({ bytes }) => hex(bytes)),
        inward.map(hex),
      );
      assert.deepEqual(
        udp.filter(({ interfaceId }) => interfaceId === 1).map(({ bytes }) => hex(bytes)),
        outward.map(hex),
      );
      await tun.close();
    }));
});

describe('flows and statistics', () => {
  test('are what was sent, also with packets switched off', () =>
    withPair(PAIR, async (a, b) => {
      const frames = [
        ...numberedFrames(a, b, 40, 22, { sourcePort: 1111 }),
        ...numberedFrames(a, b, 25, 100, { sourcePort: 2222, family: 6 }),
        ethernet({ source: a.mac, destination: b.mac, type: 0x88b5 }, concat(u16(1), pattern(60))),
      ];
      const capture = new AddonCapture([targetOf(b)], { packets: false });
      await send(a, frames);
      await eventually('all counted', () => capture.capture.counters().matchedPackets >= frames.length);
      const flows = capture.capture.readFlows();
      const view = new DataView(flows.buffer, flows.byteOffset, flows.byteLength);
      const found = Array.from({ length: flows.length / FLOW_RECORD_BYTES }, (_, i) => i * FLOW_RECORD_BYTES)
        .map((at) => ({
          port: view.getUint16(at + FLOW.sourcePort, true),
          to: view.getUint16(at + FLOW.destinationPort, true),
          family: view.getUint8(at + FLOW.family),
          packets: readU64(view, at + FLOW.packets),
          bytes: readU64(view, at + FLOW.bytes),
          ageMs: Number(BigInt(Date.now()) * 1_000_000n - view.getBigUint64(at + FLOW.lastNs, true)) / 1e6,
        }))
        .sort((x, y) => x.port - y.port);
      assert.ok(
        found.every(({ ageMs }) => ageMs > -5 && ageMs < 20_000),
        'times are wall-clock times',
      );
      assert.deepEqual(
        found.map(({ ageMs: _, ...rest }) => rest),
        [
          { port: 1111, to: 9, family: 4, packets: 40, bytes: 40 * 64 },
          { port: 2222, to: 9, family: 6, packets: 25, bytes: 25 * 162 },
        ],
      );

      const stats = capture.capture.readStats();
      const counters = new DataView(stats.buffer, stats.byteOffset, stats.byteLength);
      const packetsOf = (index: number) => {
        let sum = 0;
        for (let cpu = 0; cpu < stats.length / STATS_BYTES; cpu++)
          sum += readU64(counters, cpu * STATS_BYTES + index * 16);
        return sum;
      };
      assert.equal(packetsOf(STATS_GROUPS.verdict + 2), frames.length);
      assert.equal(packetsOf(STATS_GROUPS.protocol + PROTOCOL_KEYS.indexOf('udp')), 65);
      assert.equal(packetsOf(STATS_GROUPS.protocol + PROTOCOL_KEYS.indexOf('other')), 1);
      assert.equal(packetsOf(STATS_GROUPS.size), 40);
      assert.equal((await capture.finish()).packets.length, 0);
    }));

  test('a full flow table lets the oldest go and keeps counting', () =>
    withPair(PAIR, async (a, b) => {
      const frames = Array.from({ length: 3000 }, (_, i) => udpFrame(a, b, pattern(20), { sourcePort: 1000 + i }));
      const capture = new AddonCapture([targetOf(b)], { maxFlows: 1024, packets: false });
      await send(a, frames);
      await eventually('all counted', () => capture.capture.counters().matchedPackets >= 3000);
      const flows = capture.capture.readFlows();
      const view = new DataView(flows.buffer, flows.byteOffset, flows.byteLength);
      const ports = new Set(
        Array.from({ length: flows.length / FLOW_RECORD_BYTES }, (_, i) =>
          view.getUint16(i * FLOW_RECORD_BYTES + FLOW.sourcePort, true),
        ),
      );
      assert.ok(ports.size > 0 && ports.size <= 1024, `${ports.size} flows`);
      assert.ok(ports.has(3999), 'the newest flow is in the table');
      await capture.finish();
    }));
});

describe('exact under load', () => {
  for (const buffer of ['mapped', 'ring', 'perf'] as const)
    test(`${buffer}: a buffer far too small loses, and sent = captured + lost`, () =>
      withPair(PAIR, async (a, b) => {
        await run('ethtool', ['-K', b.ifname, 'gro', 'on'], { netns: b.netns });
        const capture = new AddonCapture([targetOf(b, 'xdp', 'native')], { buffer, bufferBytes: 65536 });
        // Whose fault it is that a mapped area is full is told apart: too small, or not taken.
        const lost = ({ lostKernel, lostPipe }: CaptureCounters) => lostKernel + (buffer === 'mapped' ? lostPipe : 0);
        const { sent } = await onOneCpu(() => generate(a, { pps: 0, count: 600_000, first: true }, b));
        const { counters, packets } = await capture.finish();
        assert.equal(counters.matchedPackets, sent);
        assert.equal(counters.capturedPackets + counters.lostKernel + counters.lostPipe, sent);
        assert.equal(packets.length, counters.capturedPackets);
        assert.ok(lost(counters) > 0, 'the test did overload the buffer');
      }));

  test('400,000 packets a second of 60 bytes for 5 seconds, or what this machine takes: every one captured, once, with times that never run backwards on a CPU', () =>
    withPair(PAIR, async (a, b) => {
      await run('ethtool', ['-K', b.ifname, 'gro', 'on'], { netns: b.netns });
      await losesNothing(400_000, async (pps) => {
        const capture = new AddonCapture([targetOf(b, 'xdp', 'native')]);
        const { sent } = await generate(a, { pps, count: pps * 5 }, b);
        const { counters, inStream: packets } = await capture.finish();
        const lost = counters.lostKernel + counters.lostPipe;
        assert.equal(counters.capturedPackets + lost, sent);
        assert.equal(packets.length, counters.capturedPackets);
        const numbers = new Uint8Array(sent);
        let backwards = 0;
        for (const [i, { bytes, epochNs }] of packets.entries()) {
          numbers[new DataView(bytes.buffer, bytes.byteOffset + 42).getUint32(0, true)]!++;
          if (i > 0 && epochNs < packets[i - 1]!.epochNs) backwards++;
        }
        assert.ok(
          numbers.every((times) => times <= 1),
          'no number twice',
        );
        assert.equal(backwards, 0);
        return lost;
      });
    }));

  test('without credit packets wait in the kernel while there is room; then they are counted as lost in the pipe', () =>
    withPair(PAIR, async (a, b) => {
      const capture = new AddonCapture([targetOf(b)], { creditBytes: 0, bufferBytes: 65_536 });
      await send(a, numberedFrames(a, b, 100));
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal(capture.capture.counters().lostPipe, 0);
      // A frame of packets needs credit for 512 KiB; after this one there is less.
      capture.capture.grantCredit((512 << 10) + 4000);
      await eventually('the first ones', () => capture.capture.counters().capturedPackets === 100);
      await send(a, numberedFrames(a, b, 2000));
      await eventually('counted', () => {
        const { lostPipe, lostKernel } = capture.capture.counters();
        return lostPipe > 0 && lostPipe + lostKernel > 1400;
      });
      const { packets, counters } = await capture.finish();
      assert.equal(packets.length, 100);
      assert.equal(counters.capturedPackets + counters.lostPipe + counters.lostKernel, 2100);
    }));
});

describe('refusals and ends', () => {
  test('a second XDP program is refused by name and stays; tc goes beside it', () =>
    withPair(PAIR, async (_, b) => {
      const first = new AddonCapture([targetOf(b)]);
      assert.throws(
        () => new AddonCapture([targetOf(b)]),
        (error: { code: string; message: string; hint: string }) => {
          assert.equal(error.code, 'EBUSY');
          assert.match(error.message, /already runs program 'xdpeek_xdp' \(id \d+\) in native mode/);
          assert.match(error.hint, /never replaces/);
          return true;
        },
      );
      const beside = new AddonCapture([targetOf(b, 'tc-ingress')]);
      await beside.finish();
      await first.finish();
      assertAttachedNowhere(b);
    }));

  test('when the second of two targets cannot be attached, the first is let go', () =>
    withPair(PAIR, async (a, b) => {
      assert.throws(() => new AddonCapture([targetOf(b), { ...targetOf(a), ifname: 'nonesuch' }]), { code: 'ENODEV' });
      const busy = new AddonCapture([targetOf(a)]);
      assert.throws(() => new AddonCapture([targetOf(b), targetOf(a)]), { code: 'EBUSY' });
      assertAttachedNowhere(b);
      await busy.finish();
    }));

  test('deleting the interface is told once, with its name', () =>
    withPair(PAIR, async (_, b) => {
      const capture = new AddonCapture([targetOf(b)]);
      const told: Error[] = [];
      capture.capture.onFailure((error) => told.push(error));
      await run('ip', ['-n', b.netns, 'link', 'delete', b.ifname]);
      await eventually('told', () => told.length > 0);
      assert.match(told[0]!.message, /veth0 \(XDP\).*the interface was removed/);
      await capture.finish();
      assert.equal(told.length, 1);
    }));

  test('stop and close twice are one; anything after close says CLOSED', () =>
    withPair(PAIR, async (_, b) => {
      const capture = new AddonCapture([targetOf(b)]);
      const once = capture.capture.stop();
      assert.deepEqual(capture.capture.stop(), once);
      await capture.finish();
      capture.capture.close();
      assert.throws(() => capture.capture.counters(), { code: 'CLOSED' });
    }));

  test('a clsact filter that a killed process left is removed at the next start, and only that', () =>
    withPair(PAIR, async (_, b) => {
      const journal = mkdtempSync(path.join(tmpdir(), 'xn-journal-'));
      const child = `const { createRequire } = require('node:module');
        const addon = require(${JSON.stringify(path.resolve(import.meta.dirname, '../../dist/native/xdpeek.node'))});
        const writer = new addon.FrameWriter({ fd: require('node:fs').openSync('/dev/null', 'w'), queueBytes: 1 << 20 });
        new addon.Capture({ captureId: 1, targets: [{ ifname: '${b.ifname}', netns: '${b.netns}', hook: 'tc-ingress' }], snaplen: 100, buffer: 'auto', bufferBytes: 0, packets: true,
          flows: true, stats: true, maxFlows: 16, sample: 1, bpfDir: ${JSON.stringify(path.resolve(import.meta.dirname, '../../dist/bpf'))}, writer, creditBytes: 1, application: '', journalDir: '${journal}', forceClsact: true });
        process.kill(process.pid, 'SIGKILL');`;
      assert.equal((await attempt(process.execPath, ['-e', child])).signal, 'SIGKILL');
      const attached = () => addon.interfaces(b.netns).find(({ ifname }) => ifname === b.ifname)!.attached;
      assert.equal(attached().length, 1, 'the kernel keeps a legacy filter');
      writeFileSync(path.join(journal, 'clsact-1'), `${b.netns} ${b.ifname} 1 1 1 1 1 0 999999\n`);
      const removed = addon.cleanStale(journal);
      assert.equal(removed.length, 1);
      assert.match(removed[0]!, new RegExp(`${b.ifname}.*${b.netns}`));
      assert.deepEqual(attached(), []);
      assert.deepEqual(addon.cleanStale(journal), []);
      rmSync(journal, { recursive: true });
    }));
});
