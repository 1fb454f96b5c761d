/**
 * Reads the body of a Kafka message: the types of the protocol guide, in their plain and their flexible form (KIP-482). The same walk shows the fields,
 * or is silent: to know how long an element is and what its line says before it is opened, and what the Info column says. Never past the end; what a
 * count claims and the bytes do not have ends the walk.
 */
import { decodeUtf8 } from '../../../text/utf8.ts';
import { u16, u32, u64 } from '../../bytes.ts';
import type { Extra, FieldSink } from '../../dissection.ts';
import { type Field, GROUP } from '../../field.ts';
import { errorName } from '../../names/kafka.ts';
import { F } from './fields.ts';

export const NO_TEXT = '[ Null ]';
/** Elements that are looked at in one message, silent walks included. */
const MAX_WORK = 100_000;

export class Reader {
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly version: number;
  readonly flexible: boolean;
  at: number;
  /** Codes other than 0, as the Info column names them. */
  readonly errors: string[] = [];
  /** More elements were claimed than are looked at, or than there are. */
  over = false;
  readonly #out: FieldSink | undefined;
  #silent = 0;
  #work = 0;

  /** @param out without it the walk is silent */
  constructor(
    bytes: Uint8Array,
    at: number,
    end: number,
    { version, flexible }: { version: number; flexible: boolean },
    out?: FieldSink,
  ) {
    this.bytes = bytes;
    this.at = at;
    this.end = Math.min(end, bytes.length);
    this.version = version;
    this.flexible = flexible;
    this.#out = out;
  }

  get left(): number {
    return this.end - this.at;
  }
  /** Where fields go; undefined while the walk is silent. */
  get out(): FieldSink | undefined {
    return this.#silent > 0 ? undefined : this.#out;
  }

  show(field: Field, length: number, value: number | bigint | boolean | string | Uint8Array, extra?: Extra): void {
    this.out?.value(field, this.at, length, value, extra);
    this.at += length;
  }
  #number(field: Field, width: 1 | 2 | 4, extra?: Extra): number {
    const { bytes, at } = this;
    const short = this.left < width;
    const value = short ? 0 : width === 1 ? bytes[at]! : width === 2 ? u16(bytes, at) : u32(bytes, at);
    const signed =
      field.type === 'int32' || field.type === 'int64' ? (value << (32 - 8 * width)) >> (32 - 8 * width) : value;
    this.show(field, width, field.type === 'int64' ? BigInt(signed) : signed, extra);
    return signed;
  }
  i8(field: Field, extra?: Extra): number {
    return this.#number(field, 1, extra);
  }
  i16(field: Field, extra?: Extra): number {
    return this.#number(field, 2, extra);
  }
  i32(field: Field, extra?: Extra): number {
    return this.#number(field, 4, extra);
  }
  i64(field: Field, label?: (value: bigint) => string | undefined): bigint {
    const value = this.left < 8 ? 0n : BigInt.asIntN(64, u64(this.bytes, this.at));
    const said = label?.(value);
    this.show(field, 8, value, said === undefined ? undefined : { label: said });
    return value;
  }
  /** Milliseconds since the epoch; -1 is no time. */
  time(field: Field): bigint {
    const value = this.left < 8 ? 0n : BigInt.asIntN(64, u64(this.bytes, this.at));
    this.show(field, 8, value * 1_000_000n);
    return value;
  }
  bool(field: Field): boolean {
    const value = this.left > 0 && this.bytes[this.at] !== 0;
    this.show(field, 1, value);
    return value;
  }
  error(): number {
    const code = this.i16(F.error);
    if (code !== 0 && this.errors.length < 20) this.errors.push(errorName(code) ?? `Unknown ${code}`);
    return code;
  }

  /** An unsigned varint; moves past it without showing it. */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35 && this.at < this.end; shift += 7) {
      const byte = this.bytes[this.at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    this.#stop();
    return 0;
  }

  /** Length of text or bytes, -1 where there is none; moves past it. */
  #length(width: 2 | 4): number {
    if (this.flexible) return this.varint() - 1;
    const length =
      this.left < width ? -1 : width === 2 ? (u16(this.bytes, this.at) << 16) >> 16 : u32(this.bytes, this.at) | 0;
    this.at += width;
    return length;
  }

  text(field: Field): string | undefined {
    const start = this.at;
    const length = this.#length(2);
    const body = this.at;
    if (length > this.left) this.#stop();
    const value = length < 0 ? undefined : decodeUtf8(this.bytes.subarray(body, Math.min(body + length, this.end)));
    const size = body - start + Math.max(0, length);
    this.at = start;
    this.show(field, size, value ?? NO_TEXT);
    return value;
  }
  data(field: Field): void {
    const start = this.at;
    const length = Math.max(0, this.#length(4));
    const body = this.at;
    if (length > this.left) this.#stop();
    this.at = start;
    this.show(field, body - start + length, this.bytes.subarray(body, Math.min(body + length, this.end)));
  }
  /** Bytes that hold something; `inner` gets where they lie. */
  within(inner: (at: number, end: number) => void): void {
    const length = this.#length(4);
    if (length < 0) return;
    const stop = Math.min(this.at + length, this.end);
    inner(this.at, stop);
    this.at += length;
  }
  uuid(title: string): void {
    let text = '';
    for (let i = 0; i < 16; i++) {
      if (i === 4 || i === 6 || i === 8 || i === 10) text += '-';
      text += (this.bytes[this.at + i] ?? 0).toString(16).padStart(2, '0');
    }
    this.out?.value(GROUP, this.at, 16, null, { label: `${title}: ${text}` });
    this.at += 16;
  }

  /** Structures one after the other, each below the line that `inner` returns; without one its fields stand by themselves. */
  array(inner: () => string | undefined): void {
    this.each(() => {
      const at = this.at;
      const label = this.out ? this.#silently(inner) : undefined;
      const next = this.at;
      if (label !== undefined) {
        this.at = at;
        this.#under(label, next - at, inner);
        return;
      }
      if (this.out) this.at = at;
      inner();
    });
  }
  /** Elements that are values. */
  each(inner: () => unknown): void {
    const count = this.flexible ? this.varint() - 1 : this.#count();
    for (let i = 0; i < count && this.left > 0; i++) {
      if (++this.#work > MAX_WORK) this.#stop();
      else inner();
    }
  }
  #count(): number {
    const count = this.left < 4 ? 0 : u32(this.bytes, this.at) | 0;
    this.at += 4;
    return count;
  }

  /** What `inner` shows, in a line of its own. */
  group(label: string, inner: () => void): void {
    if (!this.out) {
      inner();
      return;
    }
    const at = this.at;
    this.#silently(inner);
    const next = this.at;
    this.at = at;
    this.#under(label, next - at, inner);
  }
  /** As `group`; `inner` says what its line is. */
  line(inner: () => string): void {
    if (!this.out) {
      inner();
      return;
    }
    const at = this.at;
    const label = this.#silently(inner);
    const next = this.at;
    this.at = at;
    this.#under(label, next - at, inner);
  }
  skip(length: number): void {
    this.at += length;
  }
  #under(label: string, length: number, inner: () => void): void {
    const { out } = this;
    out!.open(GROUP, this.at, Math.max(0, Math.min(length, this.left)), null, { label });
    inner();
    out!.close();
  }
  #silently<T>(inner: () => T): T {
    const errors = this.errors.length;
    this.#silent++;
    const result = inner();
    this.#silent--;
    this.errors.length = errors;
    return result;
  }

  /** At the end of each structure of a flexible version. */
  tags(): void {
    if (!this.flexible) return;
    const at = this.at;
    const count = this.varint();
    if (count === 0 && this.at - at === 1) {
      this.out?.value(GROUP, at, 1, null, { label: 'Tagged fields' });
      return;
    }
    this.at = at;
    this.group('Tagged fields', () => {
      this.varint();
      for (let i = 0; i < count && this.left > 0 && ++this.#work < MAX_WORK; i++)
        this.group('Field', () => this.#tag());
    });
  }
  #tag(): void {
    const start = this.at;
    const tag = this.varint();
    const size = this.at - start;
    this.at = start;
    this.show(F.tag, size, BigInt(tag));
    const length = this.varint();
    if (length > this.left) this.#stop();
    const body = Math.min(length, this.left);
    this.show(F.tagData, body, this.bytes.subarray(this.at, this.at + body));
  }

  #stop(): void {
    this.over = true;
    this.at = this.end;
  }
}
