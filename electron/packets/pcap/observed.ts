/**
 * The two images of a packet that an observed XDP program got and left (hook observe): which side an interface is, which packets
 * belong together, and which bytes changed. All from the file: interface descriptions as native/src/capture.cc writes them, and epb_packetid.
 */

export interface ObservedSide {
  side: 'before' | 'after';
  program: string;
}

const DESCRIPTION = /^(before|after) XDP program (\S+) \(id \d+\)/;

export function observedSide(description: string | undefined): ObservedSide | undefined {
  const [, side, program] = DESCRIPTION.exec(description ?? '') ?? [];
  return side === undefined ? undefined : { side: side as ObservedSide['side'], program: program! };
}

/** A run of bytes of the packet after. */
export type ByteRange = readonly [offset: number, length: number];

/**
 * Bytes of `after` that are not what they were. Where the length changed too, everything between what is the same at the start and
 * what is the same at the end.
 */
export function changedBytes(before: Uint8Array, after: Uint8Array): ByteRange[] {
  if (before.length !== after.length) return resized(before, after);
  const ranges: [number, number][] = [];
  for (let at = 0; at < after.length; at++) {
    if (before[at] === after[at]) continue;
    const last = ranges.at(-1);
    if (last && last[0] + last[1] === at) last[1]++;
    else ranges.push([at, 1]);
  }
  return ranges;
}

function resized(before: Uint8Array, after: Uint8Array): ByteRange[] {
  const shorter = Math.min(before.length, after.length);
  let end = 0;
  while (end < shorter && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  let start = 0;
  while (start < shorter - end && before[start] === after[start]) start++;
  return [[start, after.length - start - end]];
}

interface Image {
  number: number;
  bytes: Uint8Array;
}

/** Remembers the latest images before, until those after come. */
export class PairFinder {
  readonly #waiting = new Map<string, Image>();
  readonly #most: number;

  constructor(most = 4096) {
    this.#most = most;
  }

  /** `bytes` are copied. */
  before(packetId: string, number: number, bytes: Uint8Array): void {
    this.#waiting.set(packetId, { number, bytes: bytes.slice() });
    if (this.#waiting.size > this.#most) this.#waiting.delete(this.#waiting.keys().next().value!);
  }

  /** Its other image, once. */
  after(packetId: string): Image | undefined {
    const found = this.#waiting.get(packetId);
    this.#waiting.delete(packetId);
    return found;
  }
}
