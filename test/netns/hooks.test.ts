/**
 * The hooks beside plain XDP and tc on one interface: packet sockets, several interfaces and namespaces at once, the order of TCX programs,
 * XDP on every kind of interface, sampling, and refusals that say why. The sender's count is the ground truth.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PROTOCOL_KEYS, readU64, STATS_BYTES, STATS_GROUPS } from '../../electron/shared/abi.ts';
import type { CaptureTarget, Hook, XdpMode } from '../../electron/shared/capture.ts';
import { addon } from './lib/addon.ts';
import { AddonCapture } from './lib/addon-capture.ts';
import { numberedFrames, pattern, udpFrame, udpPacket } from './lib/frames.ts';
import { generate } from './lib/generator.ts';
import { type VethEnd, withNetwork, withPair } from './lib/network.ts';
import { attempt, eventually, onOneCpu, run } from './lib/process.ts';
import { TunDevice } from './lib/tun.ts';

const PAIR = { prefix: 'xh', quiet: true };
type Place = { ifname: string; netns: string };
const at = ({ ifname, netns }: Place, hook: Hook, more: Partial<CaptureTarget> = {}): CaptureTarget => ({
  ifname,
  netns,
  hook,
  ...more,
});
const send = (end: Place, frames: Uint8Array[]) => addon.sendFrames({ ifname: end.ifname, netns: end.netns, frames });
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
/** Not the kernel's own answer that nobody listens at the test's port. */
const ours = ({ bytes }: { bytes: Uint8Array }) => !(bytes[12] === 8 && bytes[13] === 0 && bytes[23] === 1);
const matched = (capture: AddonCapture, count: number) =>
  eventually(`${count} packets seen`, () => capture.capture.counters().matchedPackets >= count);
/** Sender and kernel have said all: also the answers of a stack that nobody listens. */
async function seen(capture: AddonCapture, count: number): Promise<void> {
  let [last, sinceMs] = [-1, 0];
  await eventually(`${count} packets seen, and no more to come`, () => {
    const { matchedPackets } = capture.capture.counters();
    if (matchedPackets !== last) sinceMs = performance.now();
    last = matchedPackets;
    return matchedPackets >= count && performance.now() - sinceMs > 100;
  });
}
const attachedTo = ({ ifname, netns }: Place) =>
  addon
    .interfaces(netns)
    .find((each) => each.ifname === ifname)!
    .attached.map(({ name }) => name);

describe('packet socket', () => {
  for (const buffer of ['mapped', 'ring', 'perf'] as const)
    test(`both directions, byte for byte, with flows and statistics, over the ${buffer} buffer`, () =>
      withPair({ ...PAIR, mtu: 9000 }, async (a, b) => {
        const capture = new AddonCapture([at(b, 'socket')], { buffer });
        const [attachment] = capture.capture.attachments;
        assert.equal(attachment?.via, 'socket');
        assert.deepEqual(attachedTo(b), [], 'nothing sits on the interface itself');
        const inward = [
          udpFrame(a, b, pattern(9)),
          udpFrame(a, b, pattern(8000)),
          udpFrame(a, b, pattern(40), { family: 6, tags: [{ id: 5 }] }),
        ];
        const outward = numberedFrames(b, a, 20);
        await send(a, inward);
        await seen(capture, inward.length);
        await send(b, outward);
        await seen(capture, inward.length + outward.length);
        const stats = capture.capture.readStats();
        const { packets: all, counters } = await capture.finish();
        const packets = all.filter(ours);
        assert.deepEqual(
          packets.filter(({ direction }) => direction === 1).map(({ bytes }) => hex(bytes)),
          inward.map(hex),
        );
        assert.deepEqual(
          packets.filter(({ direction }) => direction === 2).map(({ bytes }) => hex(bytes)),
          outward.map(hex),
        );
        assert.ok(
          packets.every(({ verdict }) => verdict === 255),
          'a socket judges nothing',
        );
        assert.equal(counters.lostKernel + counters.lostPipe, 0);
        const view = new DataView(stats.buffer, stats.byteOffset);
        const udp = STATS_GROUPS.protocol + PROTOCOL_KEYS.indexOf('udp');
        let counted = 0;
        for (let cpu = 0; cpu * STATS_BYTES < stats.length; cpu++)
          counted += readU64(view, cpu * STATS_BYTES + udp * 16);
        assert.equal(counted, 23);
      }));

  test('loopback: each packet once', () =>
    withNetwork({ prefix: 'xh' }, async (network) => {
      const netns = await network.namespace('l');
      const capture = new AddonCapture([at({ ifname: 'lo', netns }, 'socket')]);
      await run('ping', ['-c', '3', '-i', '0.1', '127.0.0.1'], { netns });
      await matched(capture, 6);
      const { packets } = await capture.finish();
      assert.equal(packets.length, 6, '3 requests, 3 replies');
    }));

  test('a tunnel: raw IP, both ways', () =>
    withNetwork({ prefix: 'xh' }, async (network) => {
      const netns = await network.namespace('t');
      const tun = await TunDevice.open(netns, { addresses: ['10.9.0.1/24'] });
      const packet = udpPacket(
        { mac: '', ipv4: '10.9.0.2', ipv6: 'fd09::2' },
        { mac: '', ipv4: '10.9.0.1', ipv6: 'fd09::1' },
        pattern(12),
      );
      const capture = new AddonCapture([at(tun, 'socket')]);
      assert.equal(capture.capture.attachments[0]?.linkType, 101);
      tun.inject([packet]);
      await eventually('the answer too', () => capture.capture.counters().matchedPackets >= 2);
      const { packets } = await capture.finish();
      assert.equal(hex(packets[0]!.bytes), hex(packet));
      assert.equal(packets[1]!.direction, 2);
      await tun.close();
    }));
});

describe('several interfaces and namespaces in one capture', () => {
  test('each packet carries its interface; counters by interface add up', () =>
    withNetwork({ prefix: 'xh' }, async (network) => {
      const [left, right] = [await network.namespace('a'), await network.namespace('b')];
      const links: [VethEnd, VethEnd][] = [];
      for (const ifname of ['one', 'two', 'three'])
        links.push(await network.veth(left, right, { ifname, quiet: true }));
      const hooks = ['xdp', 'tc-ingress', 'socket'] as const;
      const capture = new AddonCapture(links.map(([, b], i) => at(b, hooks[i]!)));
      for (const [i, [a, b]] of links.entries()) await send(a, numberedFrames(a, b, 10 * (i + 1)));
      await seen(capture, 60);
      const { counters, packets: all, pcapng } = await capture.finish();
      const packets = all.filter(ours);
      assert.deepEqual(
        [0, 1, 2].map((id) => packets.filter(({ interfaceId }) => interfaceId === id).length),
        [10, 20, 30],
      );
      assert.deepEqual(
        counters.interfaces?.map(({ matchedPackets }) => matchedPackets),
        [0, 1, 2].map((id) => all.filter(({ interfaceId }) => interfaceId === id).length),
      );
      assert.equal(
        counters.cpus?.reduce((sum, { matchedPackets }) => sum + matchedPackets, 0),
        all.length,
      );
      const text = Buffer.from(pcapng).toString('latin1');
      for (const word of ['one', 'two', 'three', 'seen at XDP', 'seen at tc ingress', 'seen by a packet socket'])
        assert.ok(text.includes(word), word);
    }));

  test('the two ends of one link, in their namespaces, at three hooks: every packet at every place', () =>
    withPair(PAIR, async (a, b) => {
      const capture = new AddonCapture([at(a, 'tc-egress'), at(b, 'xdp'), at(b, 'tc-ingress')]);
      await send(a, numberedFrames(a, b, 25));
      await matched(capture, 75);
      const { packets } = await capture.finish();
      for (const id of [0, 1, 2]) assert.equal(packets.filter(({ interfaceId }) => interfaceId === id).length, 25);
    }));
});

describe('sampling', () => {
  test('1 in 10: the others are counted as skipped, and flows still see every packet', () =>
    withPair(PAIR, async (a, b) => {
      const capture = new AddonCapture([at(b, 'xdp')], { sample: 10 });
      await send(a, numberedFrames(a, b, 1000));
      await matched(capture, 1000);
      const { counters, packets } = await capture.finish();
      assert.equal(counters.capturedPackets + counters.skippedPackets, 1000);
      // Every CPU that saw packets starts with its first.
      assert.ok(
        packets.length >= 100 && packets.length <= 100 + addon.probe().cpusPossible,
        `${packets.length} captured`,
      );
    }));

  test('under overload the sum is exact as well', () =>
    withPair(PAIR, async (a, b) => {
      await run('ethtool', ['-K', b.ifname, 'gro', 'on'], { netns: b.netns });
      const capture = new AddonCapture([at(b, 'xdp', { mode: 'native' })], { sample: 3, bufferBytes: 65536 });
      const { sent } = await onOneCpu(() => generate(a, { bytes: 1400, pps: 0, count: 600_000, first: true }, b));
      const { counters } = await capture.finish();
      assert.equal(counters.matchedPackets, sent);
      assert.equal(counters.capturedPackets + counters.skippedPackets + counters.lostKernel + counters.lostPipe, sent);
      assert.ok(counters.lostKernel > 0, 'the test did overload the buffer');
    }));
});

describe('the order of TCX programs', () => {
  for (const hook of ['tc-ingress', 'tc-egress'] as const)
    test(`${hook}: first and last are where they say`, () =>
      withPair(PAIR, async (_, b) => {
        const middle = new AddonCapture([at(b, hook)]);
        const first = new AddonCapture([at(b, hook, { order: 'first' })]);
        const last = new AddonCapture([at(b, hook, { order: 'last' })]);
        const order = addon
          .interfaces(b.netns)
          .find(({ ifname }) => ifname === b.ifname)!
          .attached.map(({ programId }) => programId);
        const ids = [first, middle, last].map(({ capture }) => capture.attachments[0]!.programId);
        assert.deepEqual(order, ids);
        for (const each of [first, middle, last]) await each.finish();
      }));
});

describe('XDP on every kind of interface works, or says why not', () => {
  const kinds: { name: string; mode: XdpMode; make(netns: string): Promise<string> }[] = [
    { name: 'loopback', mode: 'auto', make: async () => 'lo' },
    {
      name: 'bridge',
      mode: 'auto',
      make: async (netns) => {
        await run('ip', ['-n', netns, 'link', 'add', 'br0', 'type', 'bridge']);
        await run('ip', ['-n', netns, 'link', 'set', 'br0', 'up']);
        return 'br0';
      },
    },
  ];
  for (const { name, mode, make } of kinds)
    test(`${name}: ${mode} takes generic mode and says so`, () =>
      withNetwork({ prefix: 'xh' }, async (network) => {
        const netns = await network.namespace('k');
        const ifname = await make(netns);
        const capture = new AddonCapture([at({ ifname, netns }, 'xdp', { mode })]);
        const [attachment] = capture.capture.attachments;
        assert.equal(attachment?.actualMode, 'generic');
        assert.match(attachment!.note!, /no native XDP/);
        await run('ping', ['-c', '2', '-i', '0.1', '127.0.0.1'], { netns });
        if (ifname === 'lo') await matched(capture, 4);
        await capture.finish();
        assert.throws(() => new AddonCapture([at({ ifname, netns }, 'xdp', { mode: 'native' })]), {
          code: 'EOPNOTSUPP',
          hint: /generic/,
        });
      }));

  test('a port of a bridge, native: frames are seen and still forwarded', () =>
    withNetwork({ prefix: 'xh' }, async (network) => {
      const [left, middle, right] = [
        await network.namespace('a'),
        await network.namespace('m'),
        await network.namespace('b'),
      ];
      const [a, port] = await network.veth(left, middle, { ifname: 'p0', quiet: true });
      const [b, other] = await network.veth(right, middle, { ifname: 'p1', quiet: true });
      await run('ip', ['-n', middle, 'link', 'add', 'br0', 'type', 'bridge']);
      for (const ifname of [port.ifname, other.ifname])
        await run('ip', ['-n', middle, 'link', 'set', ifname, 'master', 'br0']);
      await run('ip', ['-n', middle, 'link', 'set', 'br0', 'up']);
      const capture = new AddonCapture([at(port, 'xdp', { mode: 'native' }), at(b, 'xdp')]);
      const frames = numberedFrames(a, b, 30);
      await eventually('the bridge forwards', async () => {
        await send(a, frames);
        return capture.capture.counters().interfaces![1]!.matchedPackets >= 30;
      });
      const { counters } = await capture.finish();
      assert.ok(counters.interfaces![0]!.matchedPackets >= 30);
    }));

  test('a tap device, native, and a tun device, which has no Ethernet header', () =>
    withNetwork({ prefix: 'xh' }, async (network) => {
      const netns = await network.namespace('t');
      const tap = await TunDevice.open(netns, { ifname: 'tap0', kind: 'tap' });
      const end = { mac: '02:00:00:00:00:01', ipv4: '10.9.1.1', ipv6: 'fd09::1' };
      const capture = new AddonCapture([at(tap, 'xdp')]);
      const frame = udpFrame(end, { ...end, mac: 'ff:ff:ff:ff:ff:ff' }, pattern(20));
      tap.inject([frame]);
      await matched(capture, 1);
      const { packets } = await capture.finish();
      assert.equal(hex(packets[0]!.bytes), hex(frame));
      await tap.close();
    }));

  test('offload on a card that cannot: refused with the reason, nothing attached', () =>
    withPair(PAIR, async (_, b) => {
      assert.throws(() => new AddonCapture([at(b, 'xdp', { mode: 'offload' })]), {
        code: 'EOPNOTSUPP',
        message: /driver veth cannot run this program on the network card/,
        hint: /native mode, or auto/,
      });
      assert.deepEqual(attachedTo(b), []);
    }));

  test('observing an interface without a program says so', () =>
    withPair(PAIR, async (_, b) => {
      assert.throws(() => new AddonCapture([at(b, 'observe')]), {
        code: 'ENOENT',
        message: /runs no XDP program/,
        hint: /--hook xdp/,
      });
    }));
});

describe('the file as Wireshark reads it', () => {
  test('interface, filter text, hardware, direction, reception type, queue, hash, verdict, drops', () =>
    withPair(PAIR, async (a, b) => {
      const everything = { text: 'udp or arp', programs: [{ linkType: 1, code: [0x06, 0, 0, 262144] }] };
      const capture = new AddonCapture([at(b, 'xdp'), at(b, 'tc-ingress')], { filter: everything });
      const broadcast = { ...b, mac: 'ff:ff:ff:ff:ff:ff' };
      const multicast = { ...b, mac: '01:00:5e:00:00:01' };
      const overheard = { ...b, mac: '02:99:99:99:99:99' };
      await send(
        a,
        [b, multicast, broadcast, overheard].map((to) => udpFrame(a, to, pattern(30))),
      );
      await matched(capture, 8);
      const { pcapng } = await capture.finish();
      const folder = await run('mktemp', ['-d']);
      const file = `${folder.trim()}/x.pcapng`;
      await import('node:fs').then(({ writeFileSync }) => writeFileSync(file, pcapng));
      const fields = [
        'frame.interface_name',
        'frame.interface_description',
        'frame.packet_flags_direction',
        'frame.packet_flags_reception_type',
        'frame.interface_queue',
        'frame.verdict.ebpf_xdp',
      ];
      const read = await attempt('tshark', ['-r', file, '-T', 'fields', ...fields.flatMap((name) => ['-e', name])]);
      assert.equal(read.status, 0, read.stderr);
      assert.doesNotMatch(read.stderr, /warning|error|damaged|cut short/i);
      const rows = read.stdout
        .trim()
        .split('\n')
        .map((line) => line.split('\t'));
      const xdp = rows.filter(([, description]) => description?.startsWith('seen at XDP'));
      assert.equal(rows.length, 8);
      assert.deepEqual(
        xdp.map(([name, , direction, reception]) => [name, Number(direction), Number(reception)]),
        [1, 2, 3, 4].map((type) => [b.ifname, 1, type]),
      );
      assert.ok(xdp.every(([, , , , queue, verdict]) => queue === '0' && verdict === '2'));
      const info = await run('capinfos', [file]);
      for (const line of [/Filter string = udp or arp/, /Number of packets = +4/, /xdpeek test/])
        assert.match(info, line);
      await run('rm', ['-r', folder.trim()]);
    }));
});
