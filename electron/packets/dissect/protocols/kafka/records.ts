/**
 * What producers write and consumers read: record batches (magic 2) and the messages of older formats (magic 0 and 1), which hold a set of messages
 * where they are compressed. Compressed records are unpacked once a layer, when somebody looks at them.
 */
import { u32 } from '../../bytes.ts';
import type { DataSource, Dissection, Layer } from '../../dissection.ts';
import { GROUP } from '../../field.ts';
import { note } from '../../notes.ts';
import { source } from '../../tcp-payload.ts';
import { F } from './fields.ts';
import { Reader } from './reader.ts';
import { unpack } from './unpack.ts';

const MAGIC_AT = 16;
const LENGTH_AT = 8;
/** Message sets in message sets: there is one of them in truth. */
const MAX_DEPTH = 3;
const MAX_RECORDS = 20_000;
const MAX_UNPACKED_IN_ALL = 64 << 20;

/** Compressed records by where they lie: in the layer, or in those that hold them. */
export class Unpacked {
  readonly sources: DataSource[] = [];
  readonly #found = new Map<Uint8Array, Map<number, DataSource | undefined>>();
  #size = 0;
  readonly #d: Dissection;
  readonly #layer: Layer;

  constructor(d: Dissection, layer: Layer) {
    this.#d = d;
    this.#layer = layer;
  }

  of(codec: number, bytes: Uint8Array, at: number, end: number): DataSource | undefined {
    const known = this.#found.get(bytes) ?? new Map<number, DataSource | undefined>();
    this.#found.set(bytes, known);
    if (known.has(at)) return known.get(at);
    const plain = this.#size < MAX_UNPACKED_IN_ALL ? unpack(codec, bytes.subarray(at, end)) : undefined;
    const made = plain && source(this.#d, this.#layer.start, plain, 'Decompressed Kafka');
    this.#size += plain?.length ?? 0;
    known.set(at, made);
    if (made) this.sources.push(made);
    return made;
  }
}

/** All that a record set shows: without one of them wanted it is passed over. */
const SHOWN = [
  ...[F.offset, F.messageSize, F.leaderEpoch, F.magic, F.crc, F.codec, F.timestampType, F.timestamp, F.messageKey],
  ...[F.messageValue, F.batchCrc, F.batchCodec, F.batchTimestampType, F.transactional, F.control, F.lastDelta],
  ...[F.firstTime, F.lastTime, F.producer, F.producerEpoch, F.baseSequence, F.batchSize, F.attributes, F.headerKey],
  ...[F.headerValue, F.truncated],
];

interface Records {
  d: Dissection;
  unpacked: Unpacked;
  /** Records that were shown, over all batches. */
  shown: number;
}

/** @param silent only what is compressed is looked for: the sources are needed before anything is shown */
export function recordSet(r: Reader, unpacked: Unpacked, d: Dissection, silent: boolean): void {
  const { out } = r;
  if (out ? !out.asks(...SHOWN) : !silent) {
    r.within(() => {});
    return;
  }
  r.within((at, end) => {
    const records: Records = { d, unpacked, shown: 0 };
    const inner = new Reader(r.bytes, at, end, { version: r.version, flexible: false }, out);
    inner.group('Message Set', () => set(inner, records, 0));
  });
}

function set(r: Reader, records: Records, depth: number): void {
  while (r.left > 0) {
    const size = r.left > LENGTH_AT + 4 ? u32(r.bytes, r.at + LENGTH_AT) : 0;
    const magic = r.bytes[r.at + MAGIC_AT];
    // A broker cuts the last one where the answer ends.
    if (r.left <= MAGIC_AT || LENGTH_AT + 4 + size > r.left || size < 6) {
      r.show(F.truncated, r.left, r.bytes.subarray(r.at, r.end));
      return;
    }
    const end = r.at + LENGTH_AT + 4 + size;
    r.group(magic === 2 ? 'Record Batch' : 'Message', () => {
      if (magic === 2) batch(r, end, records);
      else message(r, end, records, depth);
      r.at = end;
    });
  }
}

function batch(r: Reader, end: number, records: Records): void {
  r.i64(F.offset);
  r.i32(F.messageSize);
  r.i32(F.leaderEpoch);
  r.i8(F.magic);
  r.i32(F.batchCrc);
  const codec = r.bytes[r.at + 1]! & 7;
  for (const field of [F.batchCodec, F.batchTimestampType, F.transactional, F.control]) r.out?.item(field, r.at, 2);
  r.at += 2;
  r.i32(F.lastDelta);
  const first = r.time(F.firstTime);
  r.time(F.lastTime);
  r.i64(F.producer);
  r.i16(F.producerEpoch);
  r.i32(F.baseSequence);
  const count = r.i32(F.batchSize);
  const base = { time: first * 1_000_000n, offset: 0n };
  inside(r, records, codec, r.at, end, (inner) => {
    for (let i = 0; i < count && inner.left > 0 && records.shown < MAX_RECORDS; i++) {
      if (r.out) records.shown++;
      record(inner, base);
    }
  });
}

/** Records between `at` and `end`, in the clear or not. */
function inside(r: Reader, records: Records, codec: number, at: number, end: number, show: (r: Reader) => void): void {
  const { out } = r;
  const kind = { version: r.version, flexible: false };
  if (codec === 0) {
    if (out) show(new Reader(r.bytes, at, end, kind, out));
    return;
  }
  const from = records.unpacked.of(codec, r.bytes, at, end);
  if (!from) {
    if (!out) return;
    out.open(GROUP, at, end - at, null, { label: 'Compressed records' });
    note(
      out,
      'warn',
      'Undecoded',
      'Compressed records cannot be unpacked: damaged, too large or of an unknown kind',
      at,
    );
    out.close();
    return;
  }
  const open = () => show(new Reader(from.bytes, from.prefix, from.bytes.length, kind, out));
  if (out) out.within(from, open);
  else open();
}

/** Signed, as records have their numbers. */
function signed(r: Reader): number {
  const value = r.varint();
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function record(r: Reader, base: { time: bigint; offset: bigint }): void {
  const start = r.at;
  const size = signed(r);
  if (size <= 0 || size > r.left) {
    r.at = start;
    r.show(F.truncated, r.left, r.bytes.subarray(start, r.end));
    return;
  }
  const end = r.at + size;
  r.at = start;
  r.group('Record', () => {
    signed(r);
    r.i8(F.attributes);
    const timeAt = r.at;
    const time = base.time + BigInt(signed(r)) * 1_000_000n;
    const timeSize = r.at - timeAt;
    r.at = timeAt;
    r.show(F.timestamp, timeSize, time);
    const offsetAt = r.at;
    const offset = base.offset + BigInt(signed(r));
    const offsetSize = r.at - offsetAt;
    r.at = offsetAt;
    r.show(F.offset, offsetSize, offset);
    recordBytes(r, F.messageKey);
    recordBytes(r, F.messageValue);
    headers(r, end);
    r.at = end;
  });
}

function headers(r: Reader, end: number): void {
  r.group('Headers', () => {
    const count = signed(r);
    for (let i = 0; i < count && r.at < end; i++)
      r.group('Header', () => {
        const start = r.at;
        const length = Math.max(0, Math.min(signed(r), r.left));
        const body = r.at;
        const name = String.fromCharCode(...r.bytes.subarray(body, body + Math.min(length, 1000)));
        r.at = start;
        r.show(F.headerKey, body - start + length, name);
        recordBytes(r, F.headerValue);
      });
  });
}

function recordBytes(r: Reader, field: typeof F.messageKey): void {
  const start = r.at;
  const length = signed(r);
  const size = Math.max(0, Math.min(length, r.left));
  bytesAs(r, field, start, r.at, length < 0 ? undefined : r.bytes.subarray(r.at, r.at + size));
}

const PRINTABLE = /^[ -~]*$/;

/** Text shows as text. */
function bytesAs(
  r: Reader,
  field: typeof F.messageKey,
  start: number,
  body: number,
  value: Uint8Array | undefined,
): void {
  r.at = start;
  const size = body - start + (value?.length ?? 0);
  if (!r.out?.asks(field)) {
    r.at += size;
    return;
  }
  const text = value && value.length > 0 && value.length <= 200 ? String.fromCharCode(...value) : '';
  const said = value === undefined ? '<NULL>' : text && PRINTABLE.test(text) ? `"${text}"` : undefined;
  const label = said === undefined ? undefined : { label: `${field.title}: ${said}` };
  r.show(field, size, value ?? new Uint8Array(0), label);
}

function message(r: Reader, end: number, records: Records, depth: number): void {
  r.i64(F.offset);
  r.i32(F.messageSize);
  r.i32(F.crc);
  const magic = r.i8(F.magic);
  const codec = r.bytes[r.at]! & 7;
  r.out?.item(F.codec, r.at, 1);
  r.out?.item(F.timestampType, r.at, 1);
  r.at++;
  if (magic === 1) r.time(F.timestamp);
  sized(r, end, F.messageKey);
  if (codec === 0 || depth >= MAX_DEPTH) {
    sized(r, end, F.messageValue);
    return;
  }
  const length = u32(r.bytes, r.at) | 0;
  const at = r.at + 4;
  if (length > 0) inside(r, records, codec, at, Math.min(at + length, end), (inner) => set(inner, records, depth + 1));
}

function sized(r: Reader, end: number, field: typeof F.messageKey): void {
  const start = r.at;
  const length = start + 4 <= end ? u32(r.bytes, start) | 0 : -1;
  const body = Math.min(start + 4, end);
  bytesAs(r, field, start, body, length < 0 ? undefined : r.bytes.subarray(body, Math.min(body + length, end)));
}
