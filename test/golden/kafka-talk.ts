/**
 * Kafka's messages as bytes, after the type definitions of the protocol guide: one function a type, a message is the list of its values. Records of both
 * formats, and compressed as producers do it.
 */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { lz4Frame } from '../fixtures/lz4-frame.ts';
import { raw } from './sample-parts.ts';
import { Talk } from './talk.ts';

const { concat, u16, u32 } = f;
type Bytes = Uint8Array;
export const NOTHING = new Uint8Array(0);
export const i8 = (value: number) => Uint8Array.of(value & 255);
export const i16 = (value: number) => u16(value & 0xffff);
export const i32 = (value: number) => u32(value >>> 0);
export const i64 = (value: number | bigint) => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value));
  return bytes;
};
export const text = (value: string | null) => (value === null ? i16(-1) : concat(i16(value.length), f.ascii(value)));
export const bytes = (value: Bytes | null) => (value === null ? i32(-1) : concat(i32(value.length), value));
export const array = (...items: Bytes[]) => concat(i32(items.length), ...items);
export const none = i32(-1);

/** Of flexible versions: lengths are unsigned varints and one too large. */
export const unsigned = (value: number): Bytes =>
  value < 128 ? i8(value) : concat(i8((value & 127) | 128), unsigned(Math.floor(value / 128)));
export const short = (value: string | null) =>
  value === null ? i8(0) : concat(unsigned(value.length + 1), f.ascii(value));
export const shortBytes = (value: Bytes) => concat(unsigned(value.length + 1), value);
export const shortArray = (...items: Bytes[]) => concat(unsigned(items.length + 1), ...items);
export const TAGS = i8(0);

/** A signed varint, as records have them. */
const zigzag = (value: number) => unsigned(value >= 0 ? 2 * value : -2 * value - 1);
const recordBytes = (value: string | null) =>
  value === null ? zigzag(-1) : concat(zigzag(value.length), f.ascii(value));
const record = (delta: number, key: string | null, value: string, headers: [string, string][] = []) => {
  const body = concat(
    i8(0),
    zigzag(10 * delta),
    zigzag(delta),
    recordBytes(key),
    recordBytes(value),
    zigzag(headers.length),
    ...headers.flatMap(([name, said]) => [recordBytes(name), recordBytes(said)]),
  );
  return concat(zigzag(body.length), body);
};
/** A record batch (magic 2). */
export const batch = (attributes: number, count: number, records: Bytes) => {
  const body = concat(
    i32(0),
    i8(2),
    i32(0x1a2b3c4d),
    i16(attributes),
    i32(count - 1),
    i64(1_704_164_645_123n),
    i64(1_704_164_645_456n),
    i64(-1),
    i16(-1),
    i32(-1),
    i32(count),
    records,
  );
  return concat(i64(0), i32(body.length), body);
};
/** A message of the older format (magic 0 or 1). */
export const oldMessage = (
  offset: number,
  magic: 0 | 1,
  attributes: number,
  key: Bytes | null,
  value: Bytes | null,
) => {
  const body = concat(
    i32(0x0badc0de),
    i8(magic),
    i8(attributes),
    magic === 1 ? i64(1_704_164_645_123n) : NOTHING,
    bytes(key),
    bytes(value),
  );
  return concat(i64(offset), i32(body.length), body);
};
export const RECORDS = concat(record(0, 'k', 'first value', [['trace', 'abc']]), record(1, null, 'second'));

/** Sixteen letters alike, for what copies. */
const ALIKE = record(0, null, 'a'.repeat(16));
const le16 = (value: number) => Uint8Array.of(value & 255, value >> 8);
/** Snappy: ALIKE up to its first letter as it is, then fifteen times the byte before, then the rest. */
const snappy = () => {
  const first = ALIKE.indexOf(97) + 1;
  const literal = (from: number, to: number) => concat(i8((to - from - 1) << 2), ALIKE.slice(from, to));
  return concat(
    unsigned(ALIKE.length),
    literal(0, first),
    i8((14 << 2) | 2),
    le16(1),
    literal(first + 15, ALIKE.length),
  );
};
/** As the Java library writes it: a header, and blocks with their lengths. */
export const snappyStream = () => concat(raw('82534e4150505900 00000001 00000001'), sized(snappy()));
export const lz4 = () => {
  const frame = lz4Frame(concat(RECORDS, ALIKE), true);
  frame[6] = 0xc0; // its header's checksum
  return frame;
};

function sized(...parts: Bytes[]): Bytes {
  const body = concat(...parts);
  return concat(i32(body.length), body);
}
/** Of the last request; counted anew in each connection, so that samples do not depend on each other. */
let correlation = 0;
export const kafkaTalk = (clientPort: number): Talk => {
  correlation = 0;
  return new Talk(9092, clientPort);
};
export const ask = (key: number, version: number, ...body: Bytes[]) =>
  sized(i16(key), i16(version), i32(++correlation), text('tester'), ...body);
/** With the header that has tagged fields. */
export const askFlexible = (key: number, version: number, ...body: Bytes[]) => ask(key, version, TAGS, ...body);
export const answer = (...body: Bytes[]) => sized(i32(correlation), ...body);
export const answerFlexible = (...body: Bytes[]) => answer(TAGS, ...body);
