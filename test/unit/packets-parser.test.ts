/** Reading capture files: every format and byte order, any chunk boundaries, damage as data, bounded memory; writers against tshark's own eyes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat } from '../../electron/cli/demo/frames/index.ts';
import { CaptureParser } from '../../electron/packets/pcap/capture-parser.ts';
import { readPacketOptions } from '../../electron/packets/pcap/packet-options.ts';
import type { PacketSink } from '../../electron/packets/pcap/types.ts';
import * as write from '../../electron/packets/pcap/writer.ts';

type Seen = [offset: number, cap: number, wire: number, iface: number, ns: number, verdict: number, direction: number];

function parse(file: Uint8Array, chunk = file.length || 1) {
  const seen: Seen[] = [];
  const sink: PacketSink = { packet: (...columns) => seen.push(columns) };
  const parser = new CaptureParser(sink);
  for (let at = 0; at < file.length; at += chunk) parser.push(file.subarray(at, at + chunk));
  parser.end();
  return { seen, parser };
}

const EPOCH = 1_704_164_645_123_456_789n;
const payload = Uint8Array.from({ length: 61 }, (_, i) => i);
const packet = (more: Partial<write.PacketToWrite> = {}) =>
  write.enhancedPacket({ interfaceId: 0, epochNs: EPOCH, wireLen: 61, bytes: payload, ...more });
const head = concat(
  write.sectionHeader({ application: 'test' }),
  write.interfaceDescription({ linkType: 1, name: 'eth0' }),
);

/** The same file with every integer of blocks in big-endian: written by hand, as our writer has one order only. */
function bigEndian(): Uint8Array {
  const view = new DataView(new ArrayBuffer(28 + 28 + 32 + 4 + 12));
  const words = (at: number, ...values: number[]) => {
    for (const [i, value] of values.entries()) view.setUint32(at + 4 * i, value);
  };
  words(0, 0x0a0d0d0a, 28, 0x1a2b3c4d, 0x00010000, 0xffffffff, 0xffffffff, 28);
  words(28, 1, 28, 0x00010000, 65535, 0x00090001, 0x06000000, 28);
  words(56, 6, 48, 0, 0x00060e00, 0x12345678, 4, 60, 0xdeadbeef, 0x00020004, 2, 0, 48);
  return new Uint8Array(view.buffer);
}

test('enhanced packets carry offset, lengths, time, interface, verdict and direction', () => {
  const first = packet({ direction: 1, xdpVerdict: 1, queue: 3, dropCount: 7n, comment: 'grüße' });
  const file = concat(head, first, packet({ epochNs: EPOCH + 1_500n, direction: 2 }));
  const { seen, parser } = parse(file);
  assert.equal(parser.damage, undefined);
  assert.equal(parser.baseNs, EPOCH);
  assert.equal(parser.application, 'test');
  assert.equal(parser.interfaces[0]!.name, 'eth0');
  assert.deepEqual(seen, [
    [head.length + 28, 61, 61, 0, 0, 1, 1],
    [head.length + first.length + 28, 61, 61, 0, 1500, 255, 2],
  ]);
  const source = { read: (offset: number, length: number) => file.subarray(offset, offset + length) };
  assert.deepEqual(readPacketOptions(source, seen[0]![0], 61), {
    comments: ['grüße'],
    flags: 1,
    queue: 3,
    dropCount: '7',
    verdict: { kind: 2, value: 1n },
  });
});

test('tc verdicts share the index of the XDP action that means the same', () => {
  for (const [action, expected] of [
    [0n, 2],
    [2n, 1],
    [7n, 4],
    [-1n, 2],
    [4n, 255],
  ] as const) {
    const file = concat(head, packet({ xdpVerdict: 0 }));
    const view = new DataView(file.buffer, file.byteOffset);
    const at = file.length - 8 - 12; // option value: kind, then 64 bits; end of options and the block length follow
    assert.equal(view.getUint8(at), 2);
    view.setUint8(at, 1);
    view.setBigInt64(at + 1, action, true);
    assert.equal(parse(file).seen[0]![5], expected, `action ${action}`);
  }
});

test('big-endian sections read the same', () => {
  const { seen, parser } = parse(bigEndian());
  assert.equal(parser.damage, undefined);
  assert.equal(parser.interfaces[0]!.linkType, 1);
  assert.equal(parser.baseNs, 0x00060e0012345678n * 1000n);
  assert.deepEqual(seen, [[84, 4, 60, 0, 0, 255, 2]]);
});

test('sections of both byte orders in one file keep one interface count', () => {
  const { seen, parser } = parse(concat(head, packet(), bigEndian(), head, packet()));
  assert.equal(parser.damage, undefined);
  assert.deepEqual(
    seen.map((columns) => columns[3]),
    [0, 1, 2],
  );
  assert.equal(parser.interfaces.length, 3);
});

test('any chunk boundaries give the same packets', () => {
  const file = concat(head, packet(), bigEndian(), head, packet({ direction: 1 }), packet({ epochNs: EPOCH - 5n }));
  const whole = parse(file).seen;
  assert.equal(whole.length, 4);
  assert.equal(whole[3]![4], -5);
  for (let chunk = 1; chunk < 70; chunk++) assert.deepEqual(parse(file, chunk).seen, whole, `chunks of ${chunk}`);
});

/** A little-endian block of 32-bit words. */
function block(type: number, ...words: number[]): Uint8Array {
  const length = 12 + 4 * words.length;
  const view = new DataView(new ArrayBuffer(length));
  for (const [i, word] of [type, length, ...words, length].entries()) view.setUint32(4 * i, word, true);
  return new Uint8Array(view.buffer);
}

test('simple and obsolete packet blocks are read, unknown, custom and name blocks passed over', () => {
  const file = concat(
    head,
    block(4, 0, 0), // name resolution
    block(0xbad, 32473, 1, 2), // custom
    block(0x7fffffff, ...new Array<number>(3000).fill(7)),
    packet(),
    block(3, 6, 0x03020100, 0x0504), // simple, 6 bytes
    block(2, 0x00050000, 0, 1000, 4, 60, 0xdeadbeef), // obsolete: interface 0, 5 drops
  );
  for (const chunk of [file.length, 13]) {
    const { seen, parser } = parse(file, chunk);
    assert.equal(parser.damage, undefined);
    assert.deepEqual(
      seen.map(([, cap, wire]) => [cap, wire]),
      [
        [61, 61],
        [6, 6],
        [4, 60],
      ],
    );
    assert.equal(seen[1]![4], 0, 'a packet without a time has that of the one before');
  }
});

test('resolutions and offsets of timestamps', () => {
  const description = (tsresol: number, offset = 0) => block(1, 1, 0, 0x00010009, tsresol, 0x0008000e, offset, 0, 0);
  const at = (tsresol: number, high: number, low: number, offset = 0) =>
    parse(concat(write.sectionHeader(), description(tsresol, offset), block(6, 0, high, low, 0, 0))).parser.baseNs;
  assert.equal(at(0, 0, 5), 5_000_000_000n);
  assert.equal(at(3, 0, 5), 5_000_000n);
  assert.equal(at(9, 1, 5), 4294967301n);
  assert.equal(at(12, 0, 5_000), 5n);
  assert.equal(at(0x80 | 10, 0, 1536), 1_500_000_000n);
  assert.equal(at(6, 0, 1, 100), 100_000_001_000n);
  assert.equal(at(127, 0xffffffff, 0xffffffff), (0xffffffffffffffffn * 1_000_000_000n) / 10n ** 18n);
});

test('interface statistics are kept, of a stranger ignored', () => {
  const statistics = write.interfaceStatistics({ interfaceId: 0, epochNs: EPOCH, received: 10n, dropped: 3n });
  const { parser } = parse(concat(head, packet(), statistics, block(5, 9, 0, 0)));
  assert.equal(parser.damage, undefined);
  assert.deepEqual(parser.interfaces[0]!.statistics, { received: '10', dropped: '3' });
});

/** Classic pcap by hand: any byte order and magic. */
function classic(magic: number, little: boolean, records: number[][]): Uint8Array {
  const kuznetzov = magic === 0xa1b2cd34;
  const header = new DataView(new ArrayBuffer(24));
  header.setUint32(0, magic, little);
  header.setUint16(4, 2, little);
  header.setUint16(6, 4, little);
  header.setUint32(16, 65535, little);
  header.setUint32(20, 0x50000000 | 113, little); // FCS length in the high bits
  const rest = records.map(([seconds, fraction, type]) => {
    const record = new DataView(new ArrayBuffer((kuznetzov ? 24 : 16) + 3));
    for (const [i, word] of [seconds!, fraction!, 3, 99].entries()) record.setUint32(4 * i, word, little);
    if (kuznetzov) record.setUint8(22, type!);
    return new Uint8Array(record.buffer);
  });
  return concat(new Uint8Array(header.buffer), ...rest);
}

test('classic pcap: µs, ns, Kuznetzov, both byte orders', () => {
  for (const little of [true, false])
    for (const [magic, unit] of [
      [0xa1b2c3d4, 1000n],
      [0xa1b23c4d, 1n],
      [0xa1b2cd34, 1000n],
    ] as const) {
      const file = classic(magic, little, [
        [1_700_000_000, 5, 0],
        [1_700_000_001, 4, 4],
      ]);
      for (const chunk of [file.length, 1, 7]) {
        const { seen, parser } = parse(file, chunk);
        assert.equal(parser.damage, undefined);
        assert.equal(parser.baseNs, 1_700_000_000_000_000_000n + 5n * unit);
        assert.equal(parser.interfaces[0]!.linkType, 113);
        assert.deepEqual(
          seen.map(([, cap, wire, , ns]) => [cap, wire, ns]),
          [
            [3, 99, 0],
            [3, 99, 1e9 - Number(unit)],
          ],
        );
        assert.deepEqual(
          seen.map((columns) => columns[6]),
          magic === 0xa1b2cd34 ? [1, 2] : [0, 0],
        );
      }
    }
});

test('our pcap files read back', () => {
  const file = concat(
    write.pcapHeader(1),
    write.pcapRecord(EPOCH, 61, payload),
    write.pcapRecord(EPOCH + 1n, 99, payload),
  );
  const { seen, parser } = parse(file);
  assert.equal(parser.baseNs, EPOCH);
  assert.deepEqual(
    seen.map(([offset, cap, wire, , ns]) => [offset, cap, wire, ns]),
    [
      [40, 61, 61, 0],
      [40 + 61 + 16, 61, 99, 1],
    ],
  );
});

test('damage says where and why, and what came before is delivered', () => {
  const good = concat(head, packet());
  const cases: [Uint8Array, RegExp, number][] = [
    [new Uint8Array(), /empty/, 0],
    [Uint8Array.of(1, 2, 3), /too short/, 0],
    [new TextEncoder().encode('hello world, this is text'), /not a pcap/, 0],
    [concat(good, block(6, 5, 0, 0, 0, 0)), /names an interface/, 1],
    [concat(good, block(6, 0, 0, 0, 1000, 1000)), /does not fit/, 1],
    [concat(good, block(6, 0)), /too short/, 1],
    [concat(good, Uint8Array.of(6, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0)), /impossible length/, 1],
    [concat(good, Uint8Array.of(6, 0, 0, 0, 0, 0, 0, 0x7f, 0, 0, 0, 0)), /absurd length/, 1],
    [concat(good, packet().subarray(0, 50)), /cut short/, 1],
    [concat(good, Uint8Array.of(0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 1, 2, 3, 4)), /byte-order magic/, 1],
    [
      (() => {
        const wrong = concat(good, packet());
        wrong[wrong.length - 1] = 9;
        return wrong;
      })(),
      /two length fields differ/,
      1,
    ],
    [concat(write.pcapHeader(1, 65535), write.pcapRecord(EPOCH, 1, payload), Uint8Array.of(1)), /cut short/, 1],
    [concat(write.pcapHeader(1, 65535), new Uint8Array(16).fill(0xff)), /absurd length/, 0],
  ];
  for (const [file, reason, packets] of cases)
    for (const chunk of [file.length || 1, 5]) {
      const { seen, parser } = parse(file, chunk);
      assert.match(parser.damage?.reason ?? 'no damage', reason);
      assert.equal(seen.length, packets, String(reason));
      assert.ok(parser.damage!.offset <= file.length);
    }
});

test('a block of absurd length that is passed over costs no memory', () => {
  const parser = new CaptureParser({ packet: () => assert.fail('there is no packet') });
  const lying = new DataView(new ArrayBuffer(12));
  lying.setUint32(0, 0xbad, true);
  lying.setUint32(4, 0xfffffff0, true);
  parser.push(concat(head, new Uint8Array(lying.buffer)));
  const chunk = new Uint8Array(1 << 20);
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 200; i++) parser.push(chunk);
  assert.ok(process.memoryUsage().arrayBuffers - before < 8 << 20);
  assert.equal(parser.damage, undefined);
  parser.end();
  assert.match(parser.damage!.reason, /cut short/);
});

test('a long block in tiny chunks is put together in linear time', () => {
  const bytes = new Uint8Array(1 << 20).fill(1);
  const file = concat(head, packet({ bytes, wireLen: bytes.length }), packet());
  const startMs = performance.now();
  const { seen, parser } = parse(file, 16);
  assert.equal(parser.damage, undefined);
  assert.deepEqual(
    seen.map(([, cap]) => cap),
    [1 << 20, 61],
  );
  assert.ok(performance.now() - startMs < 5000);
});
