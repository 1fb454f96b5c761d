/**
 * Texts (and bytes, a character each) that a list is sorted by: each is kept once and known by a number; at the end the numbers become ranks. As large as
 * what it is given differs, so it has a limit.
 */
import { mergeSort } from './merge-sort.ts';

/** What a text takes beside its characters: it and its place in a map. */
const OVERHEAD_BYTES = 72;
export const MOST_BYTES = 192 * 1024 * 1024;

/** More than the limit. */
export class TooLarge extends Error {}

export class Dictionary {
  readonly #ids = new Map<string, number>();
  readonly #most: number;
  #bytes = 0;

  constructor(most = MOST_BYTES) {
    this.#most = most;
  }

  get size(): number {
    return this.#ids.size;
  }

  /** Throws TooLarge. */
  id(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    this.#bytes += text.length + OVERHEAD_BYTES;
    if (this.#bytes > this.#most) throw new TooLarge();
    const id = this.#ids.size;
    this.#ids.set(text, id);
    return id;
  }

  /** The rank of each number, in order of UTF-16 units; yields now and then. */
  *ranks(): Generator<void, Uint32Array> {
    const texts = [...this.#ids.keys()];
    yield;
    const order = yield* mergeSort(texts.length, (a, b) => texts[a]! <= texts[b]!);
    const ranks = new Uint32Array(texts.length);
    for (let rank = 0; rank < order.length; rank++) ranks[order[rank]!] = rank;
    return ranks;
  }
}

/** Bytes as a text that stands where they do. */
export function bytesText(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}
