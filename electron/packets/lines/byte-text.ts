/**
 * Text as UTF-8 bytes in memory that is used again: what is printed a million times makes no strings. Whoever writes says first how much room a line may
 * take (`room`), the numbers and constants then go in unchecked.
 */
import { decimal, fixed } from './digits.ts';

/** UTF-8 bytes that one UTF-16 unit may take. */
const MOST = 3;

/** Where the memory comes from: its owner may want to share it. */
export type MakeBytes = (length: number) => Uint8Array;

export class ByteText {
  bytes: Uint8Array;
  /** Bytes that are written. */
  length = 0;
  readonly #make: MakeBytes;

  constructor(capacity: number, make: MakeBytes = (length) => new Uint8Array(length)) {
    this.#make = make;
    this.bytes = make(capacity);
  }

  /** Makes sure that so many more bytes fit. */
  room(bytes: number): void {
    if (this.length + bytes > this.bytes.length) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    const larger = this.#make(2 * (this.length + bytes));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  byte(code: number): void {
    this.bytes[this.length++] = code;
  }

  /** A whole number, not negative. */
  number(value: number): void {
    this.length = decimal(this.bytes, this.length, value);
  }

  /** Its last `digits` digits, with zeros in front. */
  fixed(value: number, digits: number): void {
    this.length = fixed(this.bytes, this.length, value, digits);
  }

  /** Bytes that were made with `ascii`. */
  constant(from: Uint8Array): void {
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < from.length; i++) bytes[at++] = from[i]!;
    this.length = at;
  }

  /** Part of other bytes. */
  part(from: Uint8Array, start: number, length: number): void {
    const { bytes } = this;
    let at = this.length;
    for (let i = start; i < start + length; i++) bytes[at++] = from[i]!;
    this.length = at;
  }

  /** Any text; makes its own room. Lone surrogates become U+FFFD, as everywhere. */
  text(text: string): void {
    this.room(MOST * text.length);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x80) bytes[at++] = code;
      else {
        const point = text.codePointAt(i)!;
        if (point > 0xffff) i++;
        at = character(bytes, at, point);
      }
    }
    this.length = at;
  }

  /** Text if it is plain ASCII and no control character is in it; else nothing is written. Makes its own room. */
  plain(text: string): boolean {
    this.room(text.length);
    const { bytes, length } = this;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code > 0x7e) return false;
      bytes[length + i] = code;
    }
    this.length = length + text.length;
    return true;
  }

  spaces(count: number): void {
    for (let i = 0; i < count; i++) this.bytes[this.length++] = 0x20;
  }
}

function character(bytes: Uint8Array, at: number, point: number): number {
  const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
  let to = at;
  if (code < 0x800) bytes[to++] = 0xc0 | (code >> 6);
  else {
    if (code < 0x10000) bytes[to++] = 0xe0 | (code >> 12);
    else {
      bytes[to++] = 0xf0 | (code >> 18);
      bytes[to++] = 0x80 | ((code >> 12) & 0x3f);
    }
    bytes[to++] = 0x80 | ((code >> 6) & 0x3f);
  }
  bytes[to++] = 0x80 | (code & 0x3f);
  return to;
}

/** For `constant`. Plain text. */
export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
