/**
 * The packets that a display filter lets through, in the order of one column, both ways round. It stays as it was made while packets come, until somebody asks
 * for it again; what is there is shown until what takes its place is ready. Large captures are sorted by a scan thread, small ones and what the threads
 * cannot know here, in slices.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { DisplayFilter } from '../../packets/filter/index.ts';
import { type SortedRows, descending as turned } from '../../packets/order/sorted-rows.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { SortBy, SortState } from '../../shared/sort.ts';
import { orFilterError } from '../analysis/views.ts';
import type { AnalysedTable } from '../rows.ts';
import { isThreadable } from '../scan/parallel-filter.ts';
import { BlockReplays } from './block-replays.ts';
import { type Column, columnOf } from './column.ts';
import { finished } from './sort-job.ts';
import { sortedBy } from './sorter.ts';
import { threadedSort } from './threaded-sort.ts';

const LOOK_AGAIN_MS = 10;
/** A window that went away without a word holds memory no longer than this. */
const IDLE_MS = 10 * 60_000;

export interface Order {
  readonly version: number;
  /** Rows of the table, in order. */
  readonly rows: Uint32Array;
  /** Packets that were stored when it was made. */
  readonly packets: number;
  readonly blocks: BlockReplays;
}

interface Made {
  version: number;
  packets: number;
  sorted: SortedRows;
  descending?: Uint32Array;
}

let versions = 0;

export class SortedView {
  /** Names of the fields that the filter and the column ask for. */
  readonly fields: ReadonlySet<string>;
  readonly #table: AnalysedTable;
  readonly #filter: string;
  readonly #by: SortBy;
  readonly #column: Column;
  readonly #holders = new Set<string>();
  readonly #ended = new AbortController();
  readonly #idle: NodeJS.Timeout;
  readonly #blocks = new BlockReplays();
  #made: Made | undefined;
  #work: Promise<void> | undefined;
  #stopped = new AbortController();
  #share = 0;
  #failure: unknown;

  /** Throws XdpeekError FILTER or USAGE. @param onIdle nobody has asked for a long time */
  constructor(table: AnalysedTable, filter: string, by: SortBy, onIdle: () => void) {
    this.#table = table;
    this.#filter = filter;
    this.#by = by;
    this.#column = columnOf(by);
    const ofFilter = filter === '' ? [] : orFilterError(() => new DisplayFilter(filter)).fields;
    this.fields = new Set([...ofFilter, ...fieldsOf(this.#column)]);
    this.#idle = setTimeout(onIdle, IDLE_MS).unref();
  }

  hold(window: string): void {
    this.#holders.add(window);
  }
  /** Whether nobody holds it any more. */
  release(window: string): boolean {
    this.#holders.delete(window);
    return this.#holders.size === 0;
  }

  /** The order as it is; undefined while it is not there. */
  order(descending: boolean): Order | undefined {
    this.#idle.refresh();
    const made = this.#made;
    const rows = descending ? made?.descending : made?.sorted.rows;
    return made && rows && { version: made.version, packets: made.packets, rows, blocks: this.#blocks };
  }

  state(descending: boolean): Omit<SortState, 'generation'> {
    const order = this.order(descending);
    return {
      version: order?.version ?? 0,
      rows: order?.rows.length ?? 0,
      packets: order?.packets ?? 0,
      ...(this.#work && { share: this.#share }),
    };
  }

  /** Sees to it that there is such an order. @param again of the packets that are stored now */
  begin(descending: boolean, again = false): void {
    if (this.#work || this.#ended.signal.aborted) return;
    if (!again && this.order(descending)) return;
    this.#stopped = new AbortController();
    const signal = AbortSignal.any([this.#ended.signal, this.#stopped.signal]);
    const made = again ? undefined : this.#made;
    this.#share = 0;
    this.#failure = undefined;
    const work = made ? this.#turn(made, signal) : this.#sort(descending, signal);
    this.#work = work
      .catch((error) => {
        this.#failure = error;
      })
      .finally(() => {
        this.#work = undefined;
      });
  }

  /** Resolves when nothing is being sorted, or after so long. Rejects with what the work failed of. */
  async settled(withinMs: number): Promise<void> {
    const over = new AbortController();
    const late = pause(withinMs, undefined, { signal: over.signal }).catch(() => {});
    await Promise.race([this.#work, late]);
    over.abort();
    const failure = this.#failure;
    if (failure === undefined) return;
    this.#failure = undefined;
    throw failure;
  }

  /** Only the work ends. */
  stop(): void {
    this.#stopped.abort(cancelled());
  }

  end(): void {
    clearTimeout(this.#idle);
    this.#ended.abort(cancelled());
    this.#made = undefined;
  }

  async #sort(descending: boolean, signal: AbortSignal): Promise<void> {
    const packets = this.#table.store.count;
    const rows = this.#filter === '' ? undefined : await this.#filtered(packets, signal);
    const sorted = await this.#sorted(rows, packets, signal);
    const made: Made = { version: ++versions, packets, sorted };
    // What it takes the place of was shown both ways round, or this way.
    if (descending) await this.#turn(made, signal);
    signal.throwIfAborted();
    this.#made = made;
  }

  async #turn(made: Made, signal: AbortSignal): Promise<void> {
    const rows = await finished(turned(made.sorted), signal);
    signal.throwIfAborted();
    made.descending = rows!;
  }

  /** The kept view is asked again and again: it stays the one used last. */
  async #filtered(packets: number, signal: AbortSignal): Promise<Uint32Array> {
    for (;;) {
      signal.throwIfAborted();
      const view = this.#table.views.get(this.#filter);
      view.poke(() => {});
      if (view.scanned >= packets) return view.rowsUpTo(packets);
      this.#share = view.scanned / packets / 2;
      await pause(LOOK_AGAIN_MS);
    }
  }

  async #sorted(rows: Uint32Array | undefined, upTo: number, signal: AbortSignal): Promise<SortedRows> {
    const from = rows ? 0.5 : 0;
    const work = {
      by: this.#by,
      rows,
      upTo,
      references: this.#table.annotations.references,
      onProgress: (done: number) => {
        this.#share = from + ((1 - from) * done) / Math.max(1, upTo);
      },
    };
    const there = this.#forThreads() ? await threadedSort(this.#table, work, signal) : undefined;
    const sorted = there ?? (await finished(sortedBy(this.#table, work), signal));
    signal.throwIfAborted();
    return sorted!;
  }

  #forThreads(): boolean {
    const column = this.#column;
    if (column.from === 'store') return isThreadable(this.#table);
    const { decodeAs, secrets } = this.#table;
    // The threads have no secrets, and know nothing of what was chosen.
    return !column.ofSession && !decodeAs && secrets.count === 0 && isThreadable(this.#table);
  }
}

function fieldsOf(column: Column): readonly string[] {
  if (column.from === 'packets') return column.fields;
  return column.column === 'relative' ? ['frame.ref_time'] : [];
}

function cancelled(): XdpeekError {
  return new XdpeekError({ code: 'CANCELLED', message: 'sorting was cancelled' });
}
