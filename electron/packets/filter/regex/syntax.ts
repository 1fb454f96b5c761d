/**
 * Regular expressions as trees, over bytes: what Perl-compatible ones say that can be matched without going back. References to groups and
 * looking around cannot, so they are refused.
 */

/** 256 bits: which bytes. */
export type ByteSet = Uint8Array;

export type Assertion = 'start' | 'end' | 'line-start' | 'line-end' | 'word-edge' | 'no-word-edge';

export type Node =
  | { kind: 'empty' }
  | { kind: 'set'; bytes: ByteSet }
  | { kind: 'assert'; what: Assertion }
  | { kind: 'sequence' | 'choice'; parts: Node[] }
  | { kind: 'repeat'; of: Node; min: number; max: number };

/** What is wrong with an expression, in words. */
export class RegexError extends Error {}

export function isWordByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f || (byte >= 0x61 && byte <= 0x7a)
  );
}

export function emptySet(): ByteSet {
  return new Uint8Array(256);
}

export function setOf(test: (byte: number) => boolean): ByteSet {
  return emptySet().map((_, byte) => Number(test(byte)));
}

export function inverted(set: ByteSet): ByteSet {
  return set.map((on) => 1 - on);
}

/** Adds the other case of every letter in it. */
export function caseless(set: ByteSet): ByteSet {
  const out = set.slice();
  for (let byte = 0x41; byte <= 0x5a; byte++) {
    const either = set[byte]! | set[byte + 32]!;
    out[byte] = either;
    out[byte + 32] = either;
  }
  return out;
}
