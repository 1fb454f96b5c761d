/**
 * A display filter over a whole table, by the scan threads: each looks at the headers of one chunk after the other; what they cannot decide is
 * dissected on one of the threads, in the order of the capture. Rows come out in order.
 */

import { FIELDS, FRAME_OWNER } from '../../packets/dissect/fields.ts';
import type { DisplayFilter } from '../../packets/filter/index.ts';
import { CHUNK_BITS, CHUNK_ROWS } from '../../packets/store/column.ts';
import type { PacketTable } from '../rows.ts';
import type { FromScanner, ScanChunk } from './messages.ts';
import { type ScanClient, type ScanPool, scanPool } from './pool.ts';

/** Fewer are looked at before a thread has heard of it. */
const WORTH_ROWS = 20_000;
const TASKS_A_THREAD = 2;

interface Part {
  from: number;
  to: number;
  yes?: Uint32Array;
  dissect?: Uint32Array;
  walked?: Uint32Array;
}

/** Whether a table is large enough for the threads, and where they can read it. */
export function isThreadable({ store, source }: PacketTable): boolean {
  return store.count >= WORTH_ROWS && source.fd !== undefined && store.shared;
}

/** Whether a filter over a table can be left to the threads: they know the packets and nothing of what is said about them. */
export function isParallel(table: PacketTable, filter: Pick<DisplayFilter, 'fields'>): boolean {
  if (!isThreadable(table) || table.decodeAs) return false;
  // The threads have no secrets.
  if ((table.secrets?.count ?? 0) > 0) return false;
  for (const name of filter.fields)
    if (name === FRAME_OWNER || name.startsWith('_ws.') || FIELDS.get(name)?.owners.has(FRAME_OWNER)) return false;
  return true;
}

export interface ParallelFilterEvents {
  /** Matching rows of the next part, in order. */
  found(rows: Uint32Array): void;
  /** Everything up to here was looked at. */
  advanced(scanned: number): void;
  /** The threads cannot go on: nothing more will come. */
  failed(): void;
}

export class ParallelFilter implements ScanClient {
  readonly #table: PacketTable;
  readonly #events: ParallelFilterEvents;
  readonly #pool: ScanPool;
  readonly #job: number;
  readonly #ended = new Int32Array(new SharedArrayBuffer(4));
  /** In order; the first is waited for. */
  readonly #parts: Part[] = [];
  #given = 0;
  #running = 0;
  #scanned = 0;
  #over = false;

  /** Undefined when there are no threads. */
  static start(table: PacketTable, filter: DisplayFilter, events: ParallelFilterEvents): ParallelFilter | undefined {
    const pool = scanPool();
    return pool && new ParallelFilter(table, filter, events, pool);
  }

  private constructor(table: PacketTable, filter: DisplayFilter, events: ParallelFilterEvents, pool: ScanPool) {
    this.#table = table;
    this.#events = events;
    this.#pool = pool;
    this.#job = pool.enter(this);
    // By the descriptor: the file may have been renamed or removed.
    const file = `/proc/${process.pid}/fd/${table.source.fd}`;
    for (let thread = 0; thread < pool.threads.length; thread++)
      pool.tell(thread, { kind: 'begin', job: this.#job, file, text: filter.text, ended: this.#ended });
  }

  get scanned(): number {
    return this.#scanned;
  }

  /** Looks at rows that were stored since. */
  poke(): void {
    const { store } = this.#table;
    const { threads } = this.#pool;
    while (!this.#over && this.#given < store.count && this.#running < threads.length * TASKS_A_THREAD) {
      const from = this.#given;
      const to = Math.min(store.count, (from & ~(CHUNK_ROWS - 1)) + CHUNK_ROWS);
      this.#given = to;
      this.#running++;
      this.#parts.push({ from, to });
      const thread = (from >>> CHUNK_BITS) % threads.length;
      const chunk = this.#chunk(from);
      this.#pool.tell(thread, { kind: 'scan', job: this.#job, chunk, linkTypes: this.#linkTypes(), from, to });
    }
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    Atomics.store(this.#ended, 0, 1);
    this.#pool.leave(this.#job);
    if (this.#pool.broken) return;
    for (let thread = 0; thread < this.#pool.threads.length; thread++)
      this.#pool.tell(thread, { kind: 'end', job: this.#job });
  }

  heard(message: FromScanner): void {
    if (message.kind === 'failed') {
      this.end();
      this.#events.failed();
      return;
    }
    if (message.kind === 'scanned') {
      this.#running--;
      const part = this.#parts.find(({ from }) => from === message.from)!;
      part.yes = message.yes;
      part.dissect = message.dissect;
      this.#walkNext();
    } else if (message.kind === 'walked') {
      const part = this.#parts.find(({ dissect, walked }) => dissect?.[0] === message.from && !walked)!;
      part.walked = message.yes;
    }
    this.#hand();
    this.poke();
  }

  lost(): void {
    this.end();
    this.#events.failed();
  }

  /** Up to which part rows were given to the walker. */
  #walking = 0;

  /** Rows that must be dissected go to the walker in order. */
  #walkNext(): void {
    for (; this.#walking < this.#parts.length; this.#walking++) {
      const part = this.#parts[this.#walking]!;
      if (!part.dissect) return;
      if (part.dissect.length === 0) continue;
      const walker = this.#job % this.#pool.threads.length;
      const chunk = this.#chunk(part.from);
      const { dissect: rows } = part;
      this.#pool.tell(walker, { kind: 'walk', job: this.#job, chunk, linkTypes: this.#linkTypes(), rows });
    }
  }

  #hand(): void {
    for (let part = this.#parts[0]; part?.yes; part = this.#parts[0]) {
      if (part.dissect!.length > 0 && !part.walked) return;
      this.#parts.shift();
      this.#walking--;
      this.#scanned = part.to;
      this.#events.found(part.walked ? inOrder(part.yes, part.walked) : part.yes);
      this.#events.advanced(part.to);
    }
  }

  #chunk(row: number): ScanChunk {
    const { columns, baseNs } = this.#table.store;
    const at = row >>> CHUNK_BITS;
    return {
      first: at << CHUNK_BITS,
      baseNs,
      offset: columns.offset.chunks[at]!,
      capLen: columns.capLen.chunks[at]!,
      wireLen: columns.wireLen.chunks[at]!,
      interfaceId: columns.interfaceId.chunks[at]!,
      timeNs: columns.timeNs.chunks[at]!,
    };
  }

  #linkTypes(): number[] {
    return this.#table.interfaces.map(({ linkType }) => linkType);
  }
}

function inOrder(a: Uint32Array, b: Uint32Array): Uint32Array {
  if (a.length === 0) return b;
  const merged = new Uint32Array(a.length + b.length);
  for (let i = 0, j = 0, k = 0; k < merged.length; k++)
    merged[k] = j === b.length || (i < a.length && a[i]! < b[j]!) ? a[i++]! : b[j++]!;
  return merged;
}
