/**
 * A column that grows without copying: fixed chunks of one typed array each, so ten million rows never need a second
 * buffer of their size, and a reader's chunk stays valid while the writer appends. Chunks live on SharedArrayBuffer
 * where the runtime allows it: scan workers get them without a copy.
 */
export const CHUNK_BITS = 16;
export const CHUNK_ROWS = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_ROWS - 1;

type TypedArray = Uint8Array | Uint16Array | Uint32Array | Float64Array;
type Ctor<T extends TypedArray> = { new (buffer: ArrayBufferLike): T; readonly BYTES_PER_ELEMENT: number };

export class Column<T extends TypedArray> {
  readonly chunks: T[] = [];
  readonly bytesPerRow: number;
  readonly #ctor: Ctor<T>;
  readonly #shared: boolean;

  constructor(ctor: Ctor<T>, shared = false) {
    this.#ctor = ctor;
    this.#shared = shared;
    this.bytesPerRow = ctor.BYTES_PER_ELEMENT;
  }

  /** Row must be < the owner's count: the column itself does not know it. */
  get(row: number): number {
    return this.chunks[row >>> CHUNK_BITS]![row & CHUNK_MASK]!;
  }

  set(row: number, value: number): void {
    this.#chunk(row >>> CHUNK_BITS)[row & CHUNK_MASK] = value;
  }

  /** Copies `count` values of `source` (from its start) to rows `row…`; `shift` is added to each. */
  setMany(row: number, source: ArrayLike<number>, count: number, shift = 0): void {
    for (let done = 0; done < count; ) {
      const chunk = this.#chunk((row + done) >>> CHUNK_BITS);
      const from = (row + done) & CHUNK_MASK;
      const run = Math.min(count - done, CHUNK_ROWS - from);
      for (let i = 0; i < run; i++) chunk[from + i] = source[done + i]! + shift;
      done += run;
    }
  }

  #chunk(index: number): T {
    while (this.chunks.length <= index) {
      const size = CHUNK_ROWS * this.bytesPerRow;
      this.chunks.push(new this.#ctor(this.#shared ? new SharedArrayBuffer(size) : new ArrayBuffer(size)));
    }
    return this.chunks[index]!;
  }
}
