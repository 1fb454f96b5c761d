/**
 * The rows around the screen, fetched in blocks. Invariants: at most one request is under way, the next one is chosen by what the screen
 * shows when the last one came back (the latest wish wins), memory is bounded, and answers of an older generation are dropped.
 *
 * A sorted list is as long as its order, which has a version: an answer of another one is not taken.
 *
 * A list that follows the newest packet asks for a screenful at its end instead, and is as long as what came: rows are never announced empty.
 */
import type { PacketRow, RowsWindow } from '../../../electron/shared/api.ts';

export const BLOCK = 128;
const MAX_BLOCKS = 48;
const PROVISIONAL_MS = 200;

export interface CachedOrder {
  readonly version: number;
  readonly rows: number;
  /** The list was sorted anew, by somebody else. */
  onOther(): void;
}

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
  /** Packets that are known to be there. */
  #stored = 0;
  #following = false;
  #screenRows = 1;
  /** The last rows, of a list that follows. */
  #tail: { start: number; rows: PacketRow[]; again: boolean } = { start: 0, rows: [], again: false };
  /** Blocks that were answered before their packets were analysed. */
  readonly #provisional = new Set<number>();

  readonly #order: CachedOrder | undefined;

  constructor(fetch: FetchRows, changed: () => void, filtered = false, order?: CachedOrder) {
    this.#fetch = fetch;
    this.#changed = changed;
    this.#filtered = filtered && !order;
    this.#order = order;
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
      this.#tail.again = true;
      // A list under a filter may have become another one.
      if (this.#filtered) this.#scanned = 0;
    }
    if (generation !== this.#generation) {
      this.#blocks = new Map();
      this.#tail = { start: 0, rows: [], again: false };
      this.#provisional.clear();
      this.baseTimeNs = undefined;
      this.#generation = generation;
      this.#scanned = 0;
      this.#total = 0;
      this.#stored = 0;
    }
    this.#stored = Math.max(this.#stored, stored);
    if (this.#order) this.#total = this.#order.rows;
    else if (this.#filtered) this.#probe = this.#scanned < stored;
    else if (!this.#following) this.#total = this.#stored;
    this.#pump();
  }

  /** Heard more often than `setStored`. More than a screenful at once is not read by anybody: that can wait for it. */
  grewTo(generation: number, stored: number): void {
    if (generation !== this.#generation || stored - this.#total > this.#screenRows) return;
    this.#stored = Math.max(this.#stored, stored);
    this.#pump();
  }

  /** Of a list without a filter. @param screenRows that the screen has room for */
  setFollowing(following: boolean, screenRows: number): void {
    this.#following = following && !this.#filtered && !this.#order;
    this.#screenRows = Math.max(1, Math.min(BLOCK, screenRows));
  }

  /** The rows on the screen, first to last (exclusive). */
  setVisible(first: number, last: number): void {
    this.#first = first;
    this.#last = last;
    this.#pump();
  }

  /** Undefined while it is not here yet. */
  row(index: number): PacketRow | undefined {
    const { start, rows } = this.#tail;
    if (index >= start && index < start + rows.length) return rows[index - start];
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
    if (this.#busy) return;
    if (this.#following) this.#pumpTail();
    else this.#pumpBlock();
  }

  #ask(start: number, count: number, take: (window: RowsWindow) => boolean): void {
    this.#busy = true;
    this.#fetch(start, count).then(
      (window) => {
        this.#busy = false;
        // An answer that brings nothing is not asked for again until the total changes.
        const useful = take(window);
        if (useful) this.#pump();
      },
      () => {
        this.#busy = false; // the link's end is told elsewhere; the next tick asks again
      },
    );
  }

  #pumpBlock(): void {
    const block = this.#wanted();
    if (block === undefined) return;
    this.#probe = false;
    this.#ask(block * BLOCK, BLOCK, (window) => this.#take(block, window));
  }

  /** What of the last screenful is not here. */
  #pumpTail(): void {
    const { start, rows, again } = this.#tail;
    const first = Math.max(0, this.#stored - this.#screenRows);
    const end = start + rows.length;
    const goesOn = !again && start <= first && end >= first;
    const from = goesOn ? end : first;
    if (from >= this.#stored) return;
    this.#tail.again = false;
    const kept = goesOn ? rows.slice(first - start) : [];
    this.#ask(from, this.#stored - from, (window) => this.#takeTail(first, kept, window));
  }

  #takeTail(start: number, kept: readonly PacketRow[], window: RowsWindow): boolean {
    if (window.generation !== this.#generation || window.rows.length === 0) return false;
    const rows = [...kept, ...window.rows];
    // What has changed of the kept ones is asked for again.
    const tail = { start, rows, again: this.#tail.again };
    this.#tail = tail;
    this.#total = start + rows.length;
    if (window.baseTimeNs !== undefined) this.baseTimeNs = window.baseTimeNs;
    if (window.provisional) this.#later(() => (tail.again = true));
    this.#changed();
    return true;
  }

  /** Asked again soon, not at once. */
  #later(mark: () => void): void {
    setTimeout(() => {
      mark();
      this.#pump();
    }, PROVISIONAL_MS);
  }

  #take(block: number, window: RowsWindow): boolean {
    if (window.generation !== this.#generation) return false;
    if (this.#order && window.version !== this.#order.version) {
      this.#order.onOther();
      return false;
    }
    const before = this.#blocks.get(block)?.length ?? 0;
    if (this.#filtered) {
      this.#total = window.total;
      this.#scanned = window.scanned ?? 0;
    }
    if (window.provisional) this.#later(() => this.#provisional.add(block));
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
