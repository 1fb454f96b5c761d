/**
 * Address and port of both ends of a packet, the smaller end first, so that both directions of a conversation have the same. As numbers in memory
 * that is used again: this is asked for nearly every packet.
 */
import { u16 } from '../dissect/bytes.ts';

const SMALLER = 0;
const LARGER = 4;
const PORTS = 8;
const SIZE = 9;
/** Words of one pair of ends; of IPv4 addresses the first word is used. */
export const END_WORDS = 10;

const word = (bytes: Uint8Array, at: number) =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;

/** Units of an IPv6 key. */
const KEY: number[] = new Array(18).fill(0);

/** The upper half of a word where `i` is even, else the lower. */
const half = (whole: number, i: number) => (i & 1 ? whole & 0xffff : whole >>> 16);

/** In the order of the bytes: unsigned. */
const isBefore = (a: number, b: number) => a >>> 0 < b >>> 0;

export class Ends {
  /** Whether the sender is the smaller end: tells the two directions apart. */
  forward = true;
  hash = 0;
  readonly #words = new Int32Array(END_WORDS);

  /**
   * @param from,to offsets of the addresses
   * @param size bytes of an address
   * @param ports offset of the sender's, the receiver's behind it
   */
  read(bytes: Uint8Array, from: number, to: number, size: 4 | 16, ports: number): void {
    const words = this.#words;
    const mine = u16(bytes, ports);
    const theirs = u16(bytes, ports + 2);
    let differs = 0;
    let hash: number = size;
    for (let at = 0; at < size; at += 4) {
      const a = word(bytes, from + at);
      const b = word(bytes, to + at);
      if (differs === 0 && a !== b) differs = isBefore(a, b) ? 1 : -1;
      words[SMALLER + (at >> 2)] = a;
      words[LARGER + (at >> 2)] = b;
      // The same both ways.
      hash = Math.imul(hash ^ (a + b), 0x85ebca6b) ^ (a ^ b);
    }
    this.forward = differs === 0 ? mine <= theirs : differs > 0;
    if (!this.forward) this.#turn(size);
    words[PORTS] = this.forward ? (mine << 16) | theirs : (theirs << 16) | mine;
    words[SIZE] = size;
    hash = Math.imul(hash ^ (mine + theirs), 0xc2b2ae35) ^ Math.imul(mine ^ theirs, 0x27d4eb2f);
    this.hash = hash ^ (hash >>> 15);
  }

  #turn(size: number): void {
    const words = this.#words;
    for (let i = 0; i < size >> 2; i++) {
      const a = words[SMALLER + i]!;
      words[SMALLER + i] = words[LARGER + i]!;
      words[LARGER + i] = a;
    }
  }

  /** As a string of 16-bit units: the smaller address, its port, the larger address, its port. */
  key(): string {
    const words = this.#words;
    const units = words[SIZE]! >> 1;
    const ports = words[PORTS]!;
    for (let i = 0; i < units; i++) {
      KEY[i] = half(words[SMALLER + (i >> 1)]!, i);
      KEY[units + 1 + i] = half(words[LARGER + (i >> 1)]!, i);
    }
    KEY[units] = ports >>> 16;
    KEY[2 * units + 1] = ports & 0xffff;
    return String.fromCharCode.apply(null, units === 2 ? KEY.slice(0, 6) : KEY);
  }

  /** Whether these are the ones that were written to `table` at `at`. */
  are(table: Int32Array, at: number): boolean {
    const words = this.#words;
    if (
      words[SMALLER] !== table[at + SMALLER] ||
      words[LARGER] !== table[at + LARGER] ||
      words[PORTS] !== table[at + PORTS] ||
      words[SIZE] !== table[at + SIZE]
    )
      return false;
    if (words[SIZE] === 4) return true;
    for (let i = 1; i < 4; i++)
      if (words[SMALLER + i] !== table[at + SMALLER + i] || words[LARGER + i] !== table[at + LARGER + i]) return false;
    return true;
  }

  write(table: Int32Array, at: number): void {
    const words = this.#words;
    for (let i = 0; i < END_WORDS; i++) table[at + i] = words[i]!;
  }
}
