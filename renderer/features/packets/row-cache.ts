/**
 * The rows around the screen, fetched in blocks. Invariants: at most one request is under way, the next one is chosen by what the screen
 * shows when the last one came back (the latest wish wins), memory is bounded, and answers of an older generation are dropped.
 */
import type { PacketRow, RowsWindow } from '../../../electron/shared/api.ts';

export const BLOCK = 128;
const MAX_BLOCKS = 48;

export type FetchRows = (start: number, count: number) => Promise<RowsWindow>;

export class RowCache {
  /** Epoch ns of the first packet, decimal. */
  baseTimeNs: string | undefined;
  readonly #fetch: FetchRows;
  readonly #changed: () => void;
  #blocks = new Map<number, PacketRow[]>();
  #generation = 0;
  #total = 0;
  #first = 0;
  #last = 0;
  #busy = false;

  constructor(fetch: FetchRows, changed: () => void) {
    this.#fetch = fetch;
    this.#changed = changed;
  }

  /** What is stored now. A new generation forgets everything. */
  setTotal(generation: number, total: number): void {
    if (generation !== this.#generation) {
      this.#blocks = new Map();
      this.baseTimeNs = undefined;
      this.#generation = generation;
    }
    this.#total = total;
    this.#pump();
  }

  /** The rows on the screen, first to last (exclusive). */
  setVisible(first: number, last: number): void {
    this.#first = first;
    this.#last = last;
    this.#pump();
  }

  /** Undefined while it is not here yet. */
  row(index: number): PacketRow | undefined {
    return this.#blocks.get(Math.floor(index / BLOCK))?.[index % BLOCK];
  }

  /** Blocks of the screen first, then one ahead and one behind. */
  #wanted(): number | undefined {
    const from = Math.floor(this.#first / BLOCK);
    const to = Math.floor(Math.max(this.#first, this.#last - 1) / BLOCK);
    const order = [...Array.from({ length: to - from + 1 }, (_, i) => to - i), to + 1, from - 1];
    return order.find((block) => {
      const size = Math.min(BLOCK, this.#total - block * BLOCK);
      return block >= 0 && size > 0 && (this.#blocks.get(block)?.length ?? 0) < size;
    });
  }

  #pump(): void {
    const block = this.#wanted();
    if (this.#busy || block === undefined) return;
    this.#busy = true;
    this.#fetch(block * BLOCK, BLOCK).then(
      (window) => {
        this.#busy = false;
        // An answer that brings nothing is not asked for again until the total changes.
        const useful = this.#take(block, window);
        if (useful) this.#pump();
      },
      () => {
        this.#busy = false; // the link's end is told elsewhere; the next tick asks again
      },
    );
  }

  #take(block: number, window: RowsWindow): boolean {
    if (window.generation !== this.#generation) return false;
    const before = this.#blocks.get(block)?.length ?? 0;
    this.#blocks.delete(block);
    this.#blocks.set(block, window.rows);
    if (window.baseTimeNs !== undefined) this.baseTimeNs = window.baseTimeNs;
    for (const old of this.#blocks.keys()) {
      if (this.#blocks.size <= MAX_BLOCKS) break;
      if (old !== block) this.#blocks.delete(old);
    }
    this.#changed();
    return window.rows.length > before;
  }
}
