/**
 * One map that somebody looks at: the last whole reading, the one before it (what changed, how fast), and the next one while it is read. Questions are
 * answered from the last; while the first is read, from what is there of it.
 */
import type { MapEntry, MapRowsQuestion, MapWindow } from '../../../shared/map-api.ts';
import type { Workbench } from '../workbench.ts';
import { newPlace, sameBytes } from './entry-table.ts';
import { KeyIndex } from './key-index.ts';
import { MapOrder } from './map-order.ts';
import { MapReading } from './map-reading.ts';
import type { MapShape } from './map-shape.ts';
import { type Names, namesOf } from './references.ts';

/** An answer waits so long for rows that are not there yet. */
const PATIENCE_MS = 80;
const WATCH_MS = 1000;
/** A question that was not asked for so long is not prepared for the next reading. */
const ASKED_MS = 5000;
const MAX_ORDERS = 4;

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

interface Asked {
  order: MapOrder;
  question: MapRowsQuestion;
  atMs: number;
}

export class MapView {
  readonly shape: MapShape;
  readonly #workbench: Workbench;
  readonly #ending = new AbortController();
  #current: MapReading | undefined;
  #before: { reading: MapReading; index: KeyIndex } | undefined;
  #next: MapReading | undefined;
  #stale = false;
  #names: Names | undefined;
  #orders = new Map<string, Asked>();

  constructor(workbench: Workbench, shape: MapShape) {
    this.#workbench = workbench;
    this.shape = shape;
  }

  close(): void {
    this.#ending.abort();
    this.#orders.clear();
    this.#before = undefined;
  }

  /** What was read is old. */
  refresh(): void {
    this.#stale = true;
  }

  async rows(question: MapRowsQuestion): Promise<MapWindow> {
    const { start, count } = question;
    const reading = await this.#reading(question.watch === true);
    const order = this.#order(reading, question);
    const end = performance.now() + PATIENCE_MS;
    // At least one turn for the reading itself: who asks in a loop must not starve it.
    if (!order.complete) await sleep(0);
    while (!order.complete && order.count < start + count && performance.now() < end)
      await Promise.race([order.done, sleep(10)]);
    if (reading.error !== undefined) throw reading.error;
    if (order.complete) await order.done;
    const rows: MapEntry[] = [];
    const last = Math.min(order.count, start + count);
    for (let i = start; i < last; i++) rows.push(this.#entry(reading, order.entryAt(i), question.watch === true));
    const window: MapWindow = {
      id: this.shape.map.id,
      start,
      read: reading.table.count,
      complete: order.complete,
      shown: order.count,
      rows,
      readMs: reading.startedMs,
    };
    if (reading.note !== undefined) window.note = reading.note;
    return window;
  }

  /** A reading that began after this was asked. */
  async fresh(): Promise<{ shape: MapShape; reading: MapReading; names: Names | undefined }> {
    await this.#learnNames();
    const reading = await new MapReading(this.#workbench, this.shape, this.#ending.signal).whole();
    return { shape: this.shape, reading, names: this.#names };
  }

  async entry(key: Uint8Array, value: Uint8Array): Promise<MapEntry> {
    await this.#learnNames();
    return this.shape.named(this.shape.entry(key, value), this.#names);
  }

  async #reading(watch: boolean): Promise<MapReading> {
    const current = this.#current;
    // A reading that failed is tried again when somebody asks again.
    if (!current || current.error !== undefined) {
      await this.#learnNames();
      this.#stale = false;
      this.#orders.clear();
      this.#current = new MapReading(this.#workbench, this.shape, this.#ending.signal);
      return this.#current;
    }
    // A map that takes long to read is read less often: half of the time is left to others.
    const due = Date.now() - current.startedMs >= Math.max(WATCH_MS, 2 * current.tookMs);
    if (current.complete && !this.#next && (this.#stale || (watch && due))) {
      const wanted = this.#stale;
      this.#stale = false;
      const next = this.#renew(current, watch);
      // Who changed something wants to see it; a watcher does not wait.
      if (wanted) await Promise.race([next, sleep(2 * PATIENCE_MS)]);
    }
    return this.#current!;
  }

  async #renew(current: MapReading, watch: boolean): Promise<void> {
    const { signal } = this.#ending;
    const next = new MapReading(this.#workbench, this.shape, signal);
    this.#next = next;
    try {
      await next.whole();
      await this.#learnNames();
      const recent = [...this.#orders].filter(([, { atMs }]) => Date.now() - atMs < ASKED_MS);
      const orders = recent.map(([key, { question, atMs }]): [string, Asked] => [
        key,
        { order: new MapOrder(next, this.shape, question, signal), question, atMs },
      ]);
      await Promise.all(orders.map(([, { order }]) => order.done));
      this.#before = watch ? { reading: current, index: await KeyIndex.of(current.table, signal) } : undefined;
      this.#orders = new Map(orders);
      this.#current = next;
    } catch (error) {
      current.error = error;
    } finally {
      this.#next = undefined;
    }
  }

  #order(reading: MapReading, question: MapRowsQuestion): MapOrder {
    const { sort, descending, filter } = question;
    const key = JSON.stringify([sort, descending, filter]);
    let asked = this.#orders.get(key);
    if (!asked || asked.order.reading !== reading) {
      const order = new MapOrder(reading, this.shape, question, this.#ending.signal);
      order.done.catch(() => {});
      asked = { order, question, atMs: 0 };
      if (this.#orders.size >= MAX_ORDERS) this.#orders.delete(this.#orders.keys().next().value!);
      this.#orders.set(key, asked);
    }
    asked.atMs = Date.now();
    return asked.order;
  }

  #entry(reading: MapReading, index: number, watch: boolean): MapEntry {
    const { table } = reading;
    const entry = this.shape.named(this.shape.entry(table.key(index), table.value(index)), this.#names);
    if (watch && this.#before) this.#mark(entry, reading);
    return entry;
  }

  #mark(entry: MapEntry, { startedMs }: MapReading): void {
    const { reading, index } = this.#before!;
    const found = index.find(entry.key, 0);
    if (found < 0) {
      entry.added = true;
      return;
    }
    const { values, valueAt } = reading.table.at(found, newPlace());
    if (sameBytes(values, valueAt, entry.value, 0, entry.value.length)) return;
    const earlier = this.shape.entry(entry.key, reading.table.value(found));
    const seconds = Math.max(1, startedMs - reading.startedMs) / 1000;
    entry.changed = entry.cells.flatMap((cell, i) => (cell === earlier.cells[i] ? [] : [i]));
    entry.rates = entry.cells.map((cell, i) => {
      if (!this.shape.columns[i]!.numeric || cell === earlier.cells[i]) return null;
      const difference = exactDifference(cell, earlier.cells[i]!);
      return difference === undefined ? null : difference / seconds;
    });
  }

  async #learnNames(): Promise<void> {
    const kind = this.shape.refersTo;
    if (kind) this.#names = await namesOf(this.#workbench, kind);
  }
}

function exactDifference(now: string, before: string): number | undefined {
  if (/^-?\d+$/.test(now) && /^-?\d+$/.test(before)) return Number(BigInt(now) - BigInt(before));
  const difference = Number(now) - Number(before);
  return Number.isFinite(difference) ? difference : undefined;
}
