/** Entries of a map in compact memory: keys and values as they came, in pages of one size, found by their number. */
import type { EntryPlace } from '../../../packets/btf/entry-filter.ts';

const PAGE_BYTES = 4 << 20;
const MAX_SHIFT = 16;

export class EntryTable {
  readonly keyBytes: number;
  /** Of all CPUs together. */
  readonly valueBytes: number;
  count = 0;
  readonly #shift: number;
  readonly #mask: number;
  readonly #keys: Uint8Array[] = [];
  readonly #values: Uint8Array[] = [];

  /** @param expected entries at most, as the map says; only how memory is cut depends on it */
  constructor(keyBytes: number, valueBytes: number, expected: number) {
    this.keyBytes = keyBytes;
    this.valueBytes = valueBytes;
    let shift = 0;
    const bytes = Math.max(1, keyBytes + valueBytes);
    while (shift < MAX_SHIFT && 1 << shift < expected && bytes << (shift + 1) <= PAGE_BYTES) shift++;
    this.#shift = shift;
    this.#mask = (1 << shift) - 1;
  }

  get bytes(): number {
    return this.count * (this.keyBytes + this.valueBytes);
  }

  append(keys: Uint8Array, values: Uint8Array, count: number): void {
    const { keyBytes, valueBytes } = this;
    for (let from = 0; from < count; ) {
      const inPage = this.count & this.#mask;
      if (inPage === 0) {
        this.#keys.push(new Uint8Array(keyBytes << this.#shift));
        this.#values.push(new Uint8Array(valueBytes << this.#shift));
      }
      const page = this.count >>> this.#shift;
      const fits = Math.min(count - from, this.#mask + 1 - inPage);
      this.#keys[page]!.set(keys.subarray(from * keyBytes, (from + fits) * keyBytes), inPage * keyBytes);
      this.#values[page]!.set(values.subarray(from * valueBytes, (from + fits) * valueBytes), inPage * valueBytes);
      this.count += fits;
      from += fits;
    }
  }

  /** Moves `place` to an entry: no object is made. */
  at(index: number, place: EntryPlace): EntryPlace {
    const page = index >>> this.#shift;
    const inPage = index & this.#mask;
    place.keys = this.#keys[page]!;
    place.keyAt = inPage * this.keyBytes;
    place.values = this.#values[page]!;
    place.valueAt = inPage * this.valueBytes;
    return place;
  }

  key(index: number): Uint8Array {
    const { keys, keyAt } = this.at(index, newPlace());
    return keys.slice(keyAt, keyAt + this.keyBytes);
  }

  value(index: number): Uint8Array {
    const { values, valueAt } = this.at(index, newPlace());
    return values.slice(valueAt, valueAt + this.valueBytes);
  }
}

const NOTHING = new Uint8Array();
export const newPlace = (): EntryPlace => ({ keys: NOTHING, keyAt: 0, values: NOTHING, valueAt: 0 });

export function sameBytes(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[aAt + i] !== b[bAt + i]) return false;
  return true;
}
