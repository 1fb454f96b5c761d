/**
 * The rows that a display filter lets through, found in the background and in order. Packets whose headers decide are not dissected; the others
 * are, so that filters may ask for what earlier packets told. Large captures are left to the scan threads, small ones and what the threads cannot
 * know to a walk in this one. Grows with the capture.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { DisplayFilter } from '../../packets/filter/index.ts';
import { DISSECT, QuickFilter, YES } from '../../packets/filter/quick.ts';
import { CHUNK_ROWS, Column } from '../../packets/store/column.ts';
import type { PacketTable } from '../rows.ts';
import { isParallel, ParallelFilter } from '../scan/parallel-filter.ts';
import { type Settle, Walk } from './walk.ts';

const LOOK_AGAIN_MS = 10;

export class FilterView {
  /** Names of the fields that the filter asks for. */
  readonly fields: ReadonlySet<string>;
  readonly #table: PacketTable;
  readonly #filter: DisplayFilter;
  readonly #rows = new Column(Uint32Array);
  #count = 0;
  /** Whichever of the two does the work. */
  #walk: Walk | undefined;
  #parallel: ParallelFilter | undefined;
  #onProgress: () => void = () => {};
  #ended = false;

  /** Throws FilterError. */
  constructor(table: PacketTable, text: string) {
    this.#filter = new DisplayFilter(text);
    this.fields = this.#filter.fields;
    this.#table = table;
  }

  /** Rows found so far. */
  get count(): number {
    return this.#count;
  }
  /** Packets looked at so far. */
  get scanned(): number {
    return this.#walk?.scanned ?? this.#parallel?.scanned ?? 0;
  }

  /** @param index in the view */
  row(index: number): number {
    return this.#rows.get(index);
  }

  has(row: number): boolean {
    const at = this.indexOf(row);
    return at < this.#count && this.row(at) === row;
  }

  /** Those of the rows up to here, in memory of their own. */
  rowsUpTo(upTo: number): Uint32Array<ArrayBuffer> {
    const rows = new Uint32Array(this.indexOf(upTo));
    this.#rows.chunks.forEach((chunk, at) => {
      const from = at * CHUNK_ROWS;
      if (from < rows.length) rows.set(chunk.subarray(0, rows.length - from), from);
    });
    return rows;
  }

  /** Where a row is in the view, or where it would be. */
  indexOf(row: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#rows.get(middle) < row) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Looks at packets that were not looked at. `onProgress` hears now and then, and at the end. */
  poke(onProgress: () => void): void {
    if (this.#ended) return;
    this.#onProgress = onProgress;
    if (!this.#walk && !this.#parallel) this.#begin();
    this.#walk?.poke(onProgress);
    this.#parallel?.poke();
  }

  #begin(): void {
    if (isParallel(this.#table, this.#filter))
      this.#parallel = ParallelFilter.start(this.#table, this.#filter, {
        found: (rows) => {
          this.#rows.setMany(this.#count, rows, rows.length);
          this.#count += rows.length;
        },
        advanced: () => this.#onProgress(),
        failed: () => {
          this.#parallel = undefined;
          this.#count = 0;
          this.#walkHere();
          this.poke(this.#onProgress);
        },
      });
    if (!this.#parallel) this.#walkHere();
  }

  #walkHere(): void {
    const filter = this.#filter;
    this.#walk = new Walk(
      this.#table,
      filter.fields,
      (d, frame, row) => {
        if (!filter.test(d, frame)) return false;
        this.#rows.set(this.#count++, row);
        return true;
      },
      this.#settle(),
    );
  }

  /** What the headers decide, unless the user chose other protocols for them, or what is encrypted can be opened. */
  #settle(): Settle | undefined {
    const { store, interfaces, decodeAs, secrets } = this.#table;
    if (decodeAs || (secrets?.count ?? 0) > 0) return undefined;
    const quick = new QuickFilter(this.#filter);
    return (row) => {
      const answer = quick.ask(store.packetBytes(row), interfaces[store.interfaceId(row)]?.linkType ?? 0);
      if (answer === DISSECT) return false;
      if (answer === YES) this.#rows.set(this.#count++, row);
      return true;
    };
  }

  /** Resolves when every packet that is stored now was looked at; rejects with the signal's reason. */
  async whole(signal: AbortSignal, onProgress: (scanned: number) => void): Promise<void> {
    const total = this.#table.store.count;
    while (this.scanned < total) {
      signal.throwIfAborted();
      this.poke(() => {});
      onProgress(this.scanned);
      await pause(LOOK_AGAIN_MS);
    }
  }

  end(): void {
    this.#ended = true;
    this.#walk?.end();
    this.#parallel?.end();
  }
}
