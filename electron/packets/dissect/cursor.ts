/**
 * Reads a layer's fields one after the other: each call reads, shows and moves on. Past the end values are 0 and nothing is shown; `left` says how much
 * there is. Big-endian; `le` in the name says little.
 */

import { decodeUtf8 } from '../text/utf8.ts';
import { u16, u24, u32, u64 } from './bytes.ts';
import type { Dissection, Extra, FieldSink, Layer } from './dissection.ts';
import { type Field, type FieldValue, GROUP } from './field.ts';

export class Cursor {
  at: number;
  readonly end: number;
  readonly bytes: Uint8Array;
  readonly out: FieldSink;

  constructor(d: Dissection, out: FieldSink, at: number, end: number) {
    this.bytes = d.bytes;
    this.out = out;
    this.at = at;
    this.end = Math.min(end, d.bytes.length);
  }

  static of(d: Dissection, layer: Layer, out: FieldSink): Cursor {
    return new Cursor(d, out, layer.start, d.capturedEnd(layer));
  }

  get left(): number {
    return this.end - this.at;
  }

  /** The unsigned number of `width` bytes at `at + ahead`, without moving. */
  peek(width: 1 | 2 | 3 | 4, ahead = 0): number {
    const { bytes } = this;
    const at = this.at + ahead;
    if (at + width > this.end) return 0;
    return width === 1 ? bytes[at]! : width === 2 ? u16(bytes, at) : width === 3 ? u24(bytes, at) : u32(bytes, at);
  }

  skip(length: number): void {
    this.at += length;
  }

  u8(field: Field, extra?: Extra): number {
    return this.#number(field, 1, extra);
  }
  u16(field: Field, extra?: Extra): number {
    return this.#number(field, 2, extra);
  }
  u24(field: Field, extra?: Extra): number {
    return this.#number(field, 3, extra);
  }
  u32(field: Field, extra?: Extra): number {
    return this.#number(field, 4, extra);
  }
  u64(field: Field, extra?: Extra): bigint {
    const value = this.left >= 8 ? u64(this.bytes, this.at) : 0n;
    this.out.value(field, this.at, 8, value, extra);
    this.at += 8;
    return value;
  }
  le16(field: Field, extra?: Extra): number {
    return this.#little(field, 2, extra);
  }
  le24(field: Field, extra?: Extra): number {
    return this.#little(field, 3, extra);
  }
  le32(field: Field, extra?: Extra): number {
    return this.#little(field, 4, extra);
  }
  le64(field: Field, extra?: Extra): bigint {
    let value = 0n;
    if (this.left >= 8) for (let i = 7; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[this.at + i]!);
    this.out.value(field, this.at, 8, value, extra);
    this.at += 8;
    return value;
  }

  #number(field: Field, width: 1 | 2 | 3 | 4, extra: Extra | undefined): number {
    const value = this.peek(width);
    if (field.mask !== undefined || field.type === 'boolean') this.out.item(field, this.at, width, extra);
    else this.out.value(field, this.at, width, value, extra);
    this.at += width;
    return value;
  }

  #little(field: Field, width: 2 | 3 | 4, extra: Extra | undefined): number {
    let value = 0;
    if (this.left >= width) for (let i = width - 1; i >= 0; i--) value = value * 256 + this.bytes[this.at + i]!;
    this.out.value(field, this.at, width, value, extra);
    this.at += width;
    return value;
  }

  /** An item of the field's own type (addresses, masked bits) over `length` bytes. */
  item(field: Field, length: number, extra?: Extra): void {
    this.out.item(field, this.at, length, extra);
    this.at += length;
  }

  /** Bits of the container of `width` bytes at hand; does not move. */
  bits(width: number, ...fields: readonly Field[]): void {
    for (const field of fields) this.out.item(field, this.at, width);
  }

  data(field: Field, length = this.left, extra?: Extra): Uint8Array {
    const size = Math.max(0, length);
    const value = this.bytes.subarray(this.at, Math.min(this.at + size, this.end));
    if (size > 0) this.out.value(field, this.at, size, value, extra);
    this.at += size;
    return value;
  }

  /** `length` bytes as text; ends at a NUL inside them. */
  text(field: Field, length = this.left, extra?: Extra): string {
    const size = Math.max(0, length);
    const text = decodeUtf8(this.bytes.subarray(this.at, Math.min(this.at + size, this.end)), true);
    this.out.value(field, this.at, size, text, extra);
    this.at += size;
    return text;
  }

  /** Text up to and with a NUL, or to the end. */
  cstring(field: Field, extra?: Extra): string {
    const nul = this.bytes.indexOf(0, this.at);
    const stop = nul < 0 || nul >= this.end ? this.end : nul + 1;
    return this.text(field, stop - this.at, extra);
  }

  /** A line of text up to LF or CRLF, which it moves past. */
  line(): { text: string; start: number; length: number } | undefined {
    if (this.left <= 0) return undefined;
    const start = this.at;
    const lf = this.bytes.indexOf(10, start);
    const stop = lf < 0 || lf >= this.end ? this.end : lf;
    const length = stop > start && stop < this.end && this.bytes[stop - 1] === 13 ? stop - 1 - start : stop - start;
    this.at = Math.min(this.end, stop + 1);
    return { text: decodeUtf8(this.bytes.subarray(start, start + length)), start, length };
  }

  /** What `inner` shows goes below a node of its own over what it reads. */
  group(label: string, length: number, inner: () => void): void {
    this.under(GROUP, length, null, inner, { label });
  }

  /** A node over `length` bytes from here with children; afterwards the cursor stands behind it. */
  under(field: Field, length: number, value: FieldValue, inner: () => void, extra?: Extra): void {
    const stop = this.at + length;
    this.out.open(field, this.at, Math.max(0, Math.min(length, this.left)), value, extra);
    inner();
    this.out.close();
    this.at = stop;
  }
}
