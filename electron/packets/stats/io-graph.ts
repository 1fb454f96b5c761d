/**
 * The I/O graph (`-z io,stat`): packets, bytes or a field's numbers per interval, each line under its own display filter. Intervals begin at the
 * first packet of the capture.
 */

import { type IoFunction, type IoLine, OF_FIELD } from '../../shared/analysis.ts';
import type { FrameInfo } from '../dissect/frame.ts';
import type { Dissection } from '../dissect/index.ts';
import { FieldNumbers } from '../filter/field-numbers.ts';
import { DisplayFilter } from '../filter/index.ts';
import { Column } from '../store/column.ts';

export const MAX_INTERVALS = 1_000_000;

/** One line's values, by interval. */
class Line {
  readonly #filter: DisplayFilter | undefined;
  readonly #numbers: FieldNumbers | undefined;
  readonly #fn: IoFunction;
  readonly #intervalNs: number;
  readonly sums = new Column(Float64Array);
  readonly counts = new Column(Uint32Array);
  #filled = 0;

  /** Throws FilterError. */
  constructor({ filter, fn, field }: IoLine, intervalNs: number) {
    this.#filter = filter.trim() === '' ? undefined : new DisplayFilter(filter);
    this.#fn = fn;
    this.#intervalNs = intervalNs;
    if (OF_FIELD.includes(fn)) this.#numbers = new FieldNumbers(field ?? '', fn === 'count');
  }

  get fields(): ReadonlySet<string> {
    return this.#filter?.fields ?? new Set();
  }

  see(d: Dissection, frame: FrameInfo, interval: number): void {
    if (this.#filter && !this.#filter.test(d, frame)) return;
    this.#grow(interval);
    if (!this.#numbers) {
      const add = this.#fn === 'packets' ? 1 : this.#fn === 'bytes' ? d.wireLen : d.wireLen * 8;
      this.#add(interval, add);
      return;
    }
    for (const value of this.#numbers.values(d, frame)) {
      if (this.#fn === 'load') this.#load(frame.timeNs, interval, value);
      else this.#add(interval, this.#fn === 'count' ? 1 : value);
    }
  }

  /** Undefined: nothing there to have a smallest, largest or average. */
  value(interval: number): number | undefined {
    const some = interval < this.#filled;
    const count = some ? this.counts.get(interval) : 0;
    const sum = some ? this.sums.get(interval) : 0;
    if (this.#fn === 'avg') return count > 0 ? sum / count : undefined;
    if (this.#fn === 'load') return sum / this.#intervalNs;
    return count > 0 || !['min', 'max'].includes(this.#fn) ? sum : undefined;
  }

  #grow(interval: number): void {
    for (; this.#filled <= interval; this.#filled++) {
      this.sums.set(this.#filled, 0);
      this.counts.set(this.#filled, 0);
    }
  }

  #add(interval: number, value: number): void {
    const count = this.counts.get(interval);
    const before = this.sums.get(interval);
    let next = before + value;
    if (this.#fn === 'min') next = count > 0 ? Math.min(before, value) : value;
    else if (this.#fn === 'max') next = count > 0 ? Math.max(before, value) : value;
    this.sums.set(interval, next);
    this.counts.set(interval, count + 1);
  }

  /** What took `spentNs` until now was under way in the intervals before, too. */
  #load(timeNs: number, interval: number, spentNs: number): void {
    let left = Math.max(0, spentNs);
    let inThis = timeNs - interval * this.#intervalNs;
    for (let at = interval; at >= 0 && left > 0; at--) {
      const part = Math.min(left, inThis);
      this.sums.set(at, this.sums.get(at) + part);
      left -= part;
      inThis = this.#intervalNs;
    }
    this.counts.set(interval, this.counts.get(interval) + 1);
  }
}

export class IoGraph {
  readonly intervalNs: number;
  readonly #lines: readonly Line[];
  #count = 0;
  /** Packets after the last interval that there is room for. */
  beyond = 0;

  /** @param intervalNs 0: one interval for all. Throws FilterError. */
  constructor(lines: readonly IoLine[], intervalNs: number) {
    this.intervalNs = intervalNs > 0 ? intervalNs : Number.MAX_SAFE_INTEGER;
    this.#lines = lines.map((line) => new Line(line, this.intervalNs));
  }

  /** Names of the fields that the filters ask for. */
  get fields(): ReadonlySet<string> {
    return new Set(this.#lines.flatMap(({ fields }) => [...fields]));
  }

  see(d: Dissection, frame: FrameInfo): void {
    const interval = Math.max(0, Math.floor(frame.timeNs / this.intervalNs));
    if (interval >= MAX_INTERVALS) {
      this.beyond++;
      return;
    }
    this.#count = Math.max(this.#count, interval + 1);
    for (const line of this.#lines) line.see(d, frame, interval);
  }

  /** Intervals so far, from the start of the capture to its last packet. */
  get count(): number {
    return this.#count;
  }

  value(line: number, interval: number): number | undefined {
    return this.#lines[line]!.value(interval);
  }
}
