/**
 * Hostile capture files over everything that reads them: blocks, records, options and compressed streams whose lengths lie, that are cut, doubled, out of
 * order. Never a throw, never a byte outside the file, never longer than a moment. FUZZ_SEED repeats a run, FUZZ_ROUNDS makes it longer.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { BlockCopier } from '../../electron/packets/pcap/block-copier.ts';
import { CaptureParser } from '../../electron/packets/pcap/capture-parser.ts';
import { Lz4Decoder } from '../../electron/packets/pcap/lz4.ts';
import { readPacketOptions } from '../../electron/packets/pcap/packet-options.ts';
import type { Damage } from '../../electron/packets/pcap/types.ts';
import { PacketStore } from '../../electron/packets/store/packet-store.ts';
import { unpacked } from '../../electron/session/files/unpack.ts';
import { XdpeekError } from '../../electron/shared/errors.ts';
import { VARIANTS } from '../fixtures/capture-variants.ts';
import { joined } from '../fixtures/capture-writer.ts';
import { lz4Frame } from '../fixtures/lz4-frame.ts';
import { mutate, random } from './mutate.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_129);
const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 20_000);
/** For one file of these sizes, in CPU time of this process, so that a busy machine is no hang. */
const SLOW_MS = 500;
const FILES = [...VARIANTS.values()];
const NAMES = [...VARIANTS.keys()];

type Next = (below: number) => number;
const EDGES = [
  0, 1, 3, 4, 8, 11, 12, 13, 16, 20, 28, 31, 32, 0xff, 0xffff, 0x10000, 0xffffff, 0x1000000, 0x7fffffff, 0x80000000,
  0xfffffffc, 0xffffffff,
];

/** Where blocks begin, by their lengths; records of a pcap likewise. */
function parts(file: Uint8Array, name: string): number[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const pcap = name.startsWith('pcap-');
  const little = !name.endsWith('-be');
  const found: number[] = [];
  for (let at = pcap ? 24 : 0; at + 16 <= file.length; ) {
    found.push(at);
    const length = pcap ? 16 + view.getUint32(at + 8, little) : view.getUint32(at + 4, little);
    if (length < 12 || at + length > file.length) break;
    at += length;
  }
  return found;
}

/** What only somebody who knows the format would break. */
function broken(index: number, next: Next): Uint8Array {
  const file = FILES[index]!;
  const name = NAMES[index]!;
  const little = !name.endsWith('-be');
  const starts = parts(file, name);
  const at = starts[next(starts.length || 1)] ?? 0;
  const end = starts.find((start) => start > at) ?? file.length;
  const block = file.subarray(at, end);
  const out = file.slice();
  const view = new DataView(out.buffer);
  const value = next(3) === 0 ? next(4096) : EDGES[next(EDGES.length)]!;
  const put32 = (offset: number) => void (offset + 4 <= out.length && view.setUint32(offset, value, little));
  switch (next(9)) {
    case 0:
      put32(at + 4); // a block's length, a record's fraction
      break;
    case 1:
      put32(at + 4);
      put32(Math.max(0, end - 4));
      break;
    case 2:
      put32(at + 8 + 4 * next(6)); // interface, time, lengths
      break;
    case 3: {
      const offset = at + 8 + 2 * next(Math.max(1, (end - at - 8) >> 1)); // an option's code or length
      if (offset + 2 <= out.length) view.setUint16(offset, value & 0xffff, little);
      break;
    }
    case 4:
      return joined(out.subarray(0, at), out.subarray(end)); // one is missing
    case 5:
      return joined(out.subarray(0, end), block, out.subarray(end)); // one is there twice
    case 6:
      return joined(out.subarray(0, at), FILES[next(FILES.length)]!, out.subarray(at)); // another file in the middle
    case 7:
      return out.slice(0, at + next(end - at)); // cut inside
    default:
      return joined(
        out.subarray(0, at),
        Uint8Array.from({ length: next(40) }, () => next(256)),
        out.subarray(at),
      );
  }
  return out;
}

function timed(seed: number, round: number, file: Uint8Array, run: () => void): void {
  const before = process.cpuUsage();
  try {
    run();
  } catch (error) {
    throw new Error(`FUZZ_SEED=${seed}, round ${round}: ${Buffer.from(file.subarray(0, 400)).toString('hex')}`, {
      cause: error,
    });
  }
  const { user, system } = process.cpuUsage(before);
  assert.ok((user + system) / 1000 < SLOW_MS, `FUZZ_SEED=${seed}, round ${round}: ${(user + system) / 1000} ms`);
}

/** Opens a file as the session does, asks everything of its packets, and copies it. */
function exercise(file: Uint8Array, chunk: number): void {
  const source = { read: (offset: number, length: number) => file.subarray(offset, offset + length) };
  const store = new PacketStore(source);
  const parser = new CaptureParser(store);
  const copier = new BlockCopier(chunk % 2 === 0);
  const copy: Uint8Array[] = [];
  let asked = 0;
  for (let at = 0; at < file.length && !parser.damage; at += chunk) {
    const piece = file.subarray(at, at + chunk);
    parser.push(piece);
    if (parser.format !== 'pcapng') continue;
    const broken = parser.damage as Damage | undefined; // the loop's condition does not know that `push` sets it
    const good = broken ? piece.subarray(0, Math.max(0, broken.offset - at)) : piece;
    copy.push(...copier.push(good, () => asked++ < store.count));
  }
  parser.end();
  const { damage } = parser;
  if (damage) {
    assert.ok(damage.offset >= 0 && damage.offset <= file.length, `${damage.offset} of ${file.length}`);
    assert.ok(damage.reason.length > 10 && !/undefined|NaN/.test(damage.reason), damage.reason);
  }
  for (let row = 0; row < store.count; row++) {
    const offset = store.offset(row);
    assert.ok(offset >= 0 && offset + store.capLen(row) <= file.length, `row ${row}`);
    assert.ok(Number.isFinite(store.timeNs(row)), `row ${row}: ${store.timeNs(row)}`);
    assert.ok(store.interfaceId(row) < parser.interfaces.length);
    store.epochNs(row);
    readPacketOptions(source, offset, store.capLen(row));
  }
  if (parser.format !== 'pcapng') return;
  const again = new PacketStore(source);
  const second = new CaptureParser(again);
  second.push(joined(...copy));
  assert.equal(again.count, store.count, 'a copy has the packets of its source');
}

test(`${ROUNDS} broken files parse in any pieces, and are copied as far as they are good`, () => {
  const next = random(SEED);
  for (let round = 0; round < ROUNDS; round++) {
    let file = broken(next(FILES.length), next);
    if (next(3) === 0) file = mutate(file, FILES[next(FILES.length)]!, next);
    const chunk = [file.length || 1, 4 + next(64), 4 + next(2048)][next(3)]!;
    timed(SEED, round, file, () => exercise(file, chunk));
  }
});

test(`${ROUNDS / 5} broken LZ4 streams: blocks or an error, and never more than 255 times the input and a block`, () => {
  const next = random(SEED + 1);
  for (let round = 0; round < ROUNDS / 5; round++) {
    const source = FILES[next(FILES.length)]!;
    const other = lz4Frame(FILES[next(FILES.length)]!, next(2) === 0);
    const stream = mutate(
      joined(lz4Frame(source, next(2) === 0), next(4) === 0 ? other : new Uint8Array(0)),
      other,
      next,
    );
    const chunk = 1 + next([8, 64, 4096][next(3)]!);
    timed(SEED + 1, round, stream, () => {
      const decoder = new Lz4Decoder();
      let size = 0;
      try {
        for (let at = 0; at < stream.length; at += chunk)
          for (const block of decoder.push(stream.subarray(at, at + chunk))) size += block.length;
      } catch (error) {
        assert.match((error as Error).message, /LZ4/);
      }
      assert.ok(size <= stream.length * 255 + 64, `${size} of ${stream.length}`);
    });
  }
});

test(`${ROUNDS / 20} broken compressed files end in packets or in a sentence`, async () => {
  const next = random(SEED + 2);
  const pack = [gzipSync, zstdCompressSync, (bytes: Uint8Array) => lz4Frame(bytes, true)];
  for (let round = 0; round < ROUNDS / 20; round++) {
    const whole = pack[next(3)]!(FILES[next(FILES.length)]!);
    const stream = mutate(next(4) === 0 ? joined(whole, whole) : whole, FILES[next(FILES.length)]!, next);
    const pieces = async function* () {
      for (let at = 0; at < stream.length; at += 100) yield stream.subarray(at, at + 100);
    };
    const parser = new CaptureParser(new PacketStore({ read: () => new Uint8Array(0) }));
    try {
      for await (const piece of unpacked(pieces())) parser.push(piece);
    } catch (error) {
      assert.ok(
        error instanceof XdpeekError && error.code === 'EBADMSG',
        `FUZZ_SEED=${SEED}, round ${round}: ${error}`,
      );
    }
    parser.end();
  }
});
