/**
 * The rows around the screen, fetched in blocks. Invariants: at most one request is under way, the next one is chosen by what the screen
 * shows when the last one came back (the latest wish wins), memory is bounded, and answers of an older generation are dropped.
 */
import type { PacketRow, RowsWindow } from '../../../electron/shared/api.ts';

export const BLOCK = 128;
const MAX_BLOCKS = 48;
const PROVISIONAL_MS = 400;

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
  /** Under a display filter the answers tell how many rows there are. */
  readonly #filtered: boolean;
  #scanned = 0;
  #annotations = 0;
  /** A filtered list is asked how far it is, once a tick. */
  #probe = false;
  /** Blocks that were answered before their packets were analysed. */
  readonly #provisional = new Set<number>();

  constructor(fetch: FetchRows, changed: () => void, filtered = false) {
    this.#fetch = fetch;
    this.#changed = changed;
    this.#filtered = filtered;
  }

  /** Rows of the list. */
  get total(): number {
    return this.#total;
  }
  /** Packets that the filter has looked at. */
  get scanned(): number {
    return this.#scanned;
  }

  /** What is stored now. A new generation forgets everything; another version of the annotations only makes rows be asked for again. */
  setStored(generation: number, stored: number, annotations = 0): void {
    if (annotations !== this.#annotations) {
      this.#annotations = annotations;
      for (const block of this.#blocks.keys()) this.#provisional.add(block);
      // A list under a filter may have become another one.
      if (this.#filtered) this.#scanned = 0;
    }
    if (generation !== this.#generation) {
      this.#blocks = new Map();
      this.#provisional.clear();
      this.baseTimeNs = undefined;
      this.#generation = generation;
      this.#scanned = 0;
      this.#total = 0;
    }
    if (this.#filtered) this.#probe = this.#scanned < stored;
    else this.#total = stored;
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
    if (this.#probe) return Math.floor(Math.min(this.#total, Math.max(this.#first, this.#last - 1)) / BLOCK);
    const from = Math.floor(this.#first / BLOCK);
    const to = Math.floor(Math.max(this.#first, this.#last - 1) / BLOCK);
    const order = [...Array.from({ length: to - from + 1 }, (_, i) => to - i), to + 1, from - 1];
    return order.find((block) => {
      const size = Math.min(BLOCK, this.#total - block * BLOCK);
      if (block < 0 || size <= 0) return false;
      return (this.#blocks.get(block)?.length ?? 0) < size || this.#provisional.delete(block);
    });
  }

  #pump(): void {
    const block = this.#wanted();
    if (this.#busy || block === undefined) return;
    this.#busy = true;
    this.#probe = false;
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
    if (this.#filtered) {
      this.#total = window.total;
      this.#scanned = window.scanned ?? 0;
    }
    // Asked again at the next tick, not at once.
    if (window.provisional) setTimeout(() => this.#provisional.add(block), PROVISIONAL_MS);
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
