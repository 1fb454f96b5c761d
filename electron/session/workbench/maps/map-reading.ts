/** One reading of a whole map, in the background, page by page: what is there already can be used at once. */
import { MAP_READ_MAX } from '../../../shared/workbench.ts';
import type { Workbench } from '../workbench.ts';
import { EntryTable } from './entry-table.ts';
import type { MapShape } from './map-shape.ts';

/** So that the first rows are there soon. */
const FIRST_PAGE = 1024;
/** Of one answer, raw: as base64 it stays below MAX_FRAME_BYTES. */
const ANSWER_BYTES = 6 << 20;
/** Of one reading. */
const MOST_BYTES = 768 << 20;
/** First byte of a cursor that goes key by key (native/src/kernel_maps.cc): where keys are deleted meanwhile, it may come by the same ones again. */
const BY_KEY = 2;

export class MapReading {
  readonly table: EntryTable;
  readonly startedMs = Date.now();
  tookMs = 0;
  complete = false;
  error: unknown;
  note: string | undefined;
  #told = Promise.withResolvers<void>();

  /** Values that were read otherwise. */
  static of(shape: MapShape, values: readonly Uint8Array[]): MapReading {
    const reading = new MapReading(undefined, shape, new AbortController().signal);
    for (const value of values) reading.table.append(new Uint8Array(), value, 1);
    return reading;
  }

  constructor(workbench: Workbench | undefined, shape: MapShape, signal: AbortSignal) {
    const { keyBytes, maxEntries } = shape.map;
    this.table = new EntryTable(keyBytes, shape.stride * shape.cpus, maxEntries);
    if (!workbench) {
      this.#end();
      return;
    }
    void this.#read(workbench, shape, signal).catch((error: unknown) => {
      this.error = error;
      this.#end();
    });
  }

  /** Resolves when there is more, or all. */
  progress(): Promise<void> {
    return this.complete ? Promise.resolve() : this.#told.promise;
  }

  async whole(): Promise<this> {
    while (!this.complete) await this.progress();
    if (this.error !== undefined) throw this.error;
    return this;
  }

  async #read(workbench: Workbench, shape: MapShape, signal: AbortSignal): Promise<void> {
    const { id } = shape.map;
    const began = performance.now();
    const { table } = this;
    const largest = Math.max(1, Math.floor(ANSWER_BYTES / (table.keyBytes + table.valueBytes)));
    const seen = new Set<string>();
    let cursor = '';
    let count = Math.min(FIRST_PAGE, largest);
    do {
      const page = await workbench.request('mapRead', { id, cursor, count });
      if (signal.aborted) break;
      const keys = Buffer.from(page.keys, 'base64');
      const values = Buffer.from(page.values, 'base64');
      ({ cursor } = page);
      if (seen.size > 0 || (cursor !== '' && Buffer.from(cursor, 'base64')[0] === BY_KEY))
        this.#appendNew(keys, values, page.count, seen);
      else table.append(keys, values, page.count);
      count = Math.min(MAP_READ_MAX, largest);
      if (cursor !== '' && table.bytes > MOST_BYTES) {
        this.note = `Only the first ${table.count.toLocaleString('en-US')} entries are shown: all of them would not fit into memory.`;
        break;
      }
      const tell = this.#told;
      this.#told = Promise.withResolvers();
      tell.resolve();
    } while (cursor !== '');
    this.tookMs = performance.now() - began;
    this.#end();
  }

  #appendNew(keys: Buffer, values: Buffer, count: number, seen: Set<string>): void {
    const { keyBytes, valueBytes } = this.table;
    for (let i = 0; i < count; i++) {
      const key = keys.toString('latin1', i * keyBytes, (i + 1) * keyBytes);
      if (seen.has(key)) continue;
      seen.add(key);
      this.table.append(
        keys.subarray(i * keyBytes, (i + 1) * keyBytes),
        values.subarray(i * valueBytes, (i + 1) * valueBytes),
        1,
      );
    }
  }

  #end(): void {
    this.complete = true;
    this.#told.resolve();
  }
}
