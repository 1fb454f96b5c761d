/** A set of rows, a bit each: ten million marked packets are 1.2 MB. */
import { CHUNK_BITS, CHUNK_ROWS } from './column.ts';

const BYTES = CHUNK_ROWS / 8;

export class RowSet {
  readonly #chunks: (Uint8Array | undefined)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(row: number): boolean {
    const byte = this.#chunks[row >>> CHUNK_BITS]?.[(row % CHUNK_ROWS) >>> 3] ?? 0;
    return (byte & (1 << (row & 7))) !== 0;
  }

  add(row: number): void {
    if (this.has(row)) return;
    this.#chunks[row >>> CHUNK_BITS] ??= new Uint8Array(BYTES);
    this.#chunks[row >>> CHUNK_BITS]![(row % CHUNK_ROWS) >>> 3]! |= 1 << (row & 7);
    this.#size++;
  }

  delete(row: number): void {
    if (!this.has(row)) return;
    this.#chunks[row >>> CHUNK_BITS]![(row % CHUNK_ROWS) >>> 3]! &= ~(1 << (row & 7));
    this.#size--;
  }

  copy(): RowSet {
    const twin = new RowSet();
    this.#chunks.forEach((chunk, at) => {
      twin.#chunks[at] = chunk?.slice();
    });
    twin.#size = this.#size;
    return twin;
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#size = 0;
  }
}
