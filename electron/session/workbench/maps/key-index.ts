/** Key → entry of an EntryTable: open addressing over a hash of the key's bytes, so that a million keys cost 8 MB and no objects. */
import { inSlices } from '../../slices.ts';
import { type EntryTable, newPlace, sameBytes } from './entry-table.ts';

const A_STEP = 512;

export class KeyIndex {
  readonly #table: EntryTable;
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #place = newPlace();

  private constructor(table: EntryTable) {
    this.#table = table;
    let size = 16;
    while (size < 2 * table.count) size *= 2;
    this.#slots = new Int32Array(size).fill(-1);
    this.#mask = size - 1;
  }

  static async of(table: EntryTable, signal: AbortSignal): Promise<KeyIndex> {
    const index = new KeyIndex(table);
    let next = 0;
    await inSlices(() => {
      for (const end = Math.min(table.count, next + A_STEP); next < end; next++) index.#add(next);
      return next < table.count;
    }, signal);
    return index;
  }

  /** -1 = it is not there. */
  find(keys: Uint8Array, at: number): number {
    const { keyBytes } = this.#table;
    for (let slot = hash(keys, at, keyBytes) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const index = this.#slots[slot]!;
      if (index < 0) return -1;
      this.#table.at(index, this.#place);
      if (sameBytes(this.#place.keys, this.#place.keyAt, keys, at, keyBytes)) return index;
    }
  }

  #add(entry: number): void {
    this.#table.at(entry, this.#place);
    const { keys, keyAt } = this.#place;
    let slot = hash(keys, keyAt, this.#table.keyBytes) & this.#mask;
    while (this.#slots[slot]! >= 0) slot = (slot + 1) & this.#mask;
    this.#slots[slot] = entry;
  }
}

/** FNV-1a, its upper bits mixed down. */
function hash(bytes: Uint8Array, at: number, length: number): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < length; i++) value = Math.imul(value ^ bytes[at + i]!, 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}
