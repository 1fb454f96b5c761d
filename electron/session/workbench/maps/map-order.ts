/** Which entries of a reading are shown, in which order: filtered while they come, sorted when all are there; in slices, so that nothing waits. */
import { compileEntryFilter, type EntryTest } from '../../../packets/btf/entry-filter.ts';
import { type Member, memberAt, numberReader, summed } from '../../../packets/btf/members.ts';
import { XdpeekError } from '../../../shared/errors.ts';
import { inSlices } from '../../slices.ts';
import { newPlace } from './entry-table.ts';
import type { MapReading } from './map-reading.ts';
import type { MapShape } from './map-shape.ts';

export interface OrderQuestion {
  sort?: string | undefined;
  descending?: boolean | undefined;
  filter?: string | undefined;
}

type Compare = (a: number, b: number) => number;

const A_STEP = 64;
const RUN = 1024;
const MERGED_A_STEP = 2048;

export class MapOrder {
  readonly reading: MapReading;
  readonly done: Promise<void>;
  complete = false;
  readonly #shape: MapShape;
  readonly #test: EntryTest | undefined;
  readonly #sort: Member | undefined;
  readonly #descending: boolean;
  /** Undefined: all of them, as they came. */
  #ids: Uint32Array<ArrayBuffer> | undefined;
  #count = 0;

  /** Throws what is wrong with filter or sort. */
  constructor(reading: MapReading, shape: MapShape, { sort, descending, filter }: OrderQuestion, signal: AbortSignal) {
    this.reading = reading;
    this.#shape = shape;
    this.#test = filter?.trim() ? compileEntryFilter(filter, shape.subject) : undefined;
    this.#sort = sort === undefined ? undefined : memberAt(shape.subject.types, sort);
    if (sort !== undefined && !this.#sort)
      throw new XdpeekError({
        code: 'EINVAL',
        message: `this map has no member "${sort}" to sort by`,
        hint: `It has ${shape.columns.map(({ path }) => path).join(', ')}.`,
      });
    this.#descending = descending === true;
    this.done = this.#run(signal).finally(() => {
      this.complete = true;
    });
  }

  get count(): number {
    return this.#ids ? this.#count : this.reading.table.count;
  }

  entryAt(place: number): number {
    return this.#ids ? this.#ids[place]! : place;
  }

  async #run(signal: AbortSignal): Promise<void> {
    if (this.#test) await this.#filter(this.#test, signal);
    else while (!this.reading.complete) await this.reading.progress();
    if (this.#sort && !signal.aborted) await this.#order(this.#sort, signal);
  }

  async #filter(test: EntryTest, signal: AbortSignal): Promise<void> {
    const { reading } = this;
    const { table } = reading;
    const place = newPlace();
    let ids = new Uint32Array(1024);
    this.#ids = ids;
    let next = 0;
    while (!signal.aborted) {
      const ended = reading.complete;
      await inSlices(() => {
        for (const end = Math.min(table.count, next + A_STEP); next < end; next++) {
          if (!test(table.at(next, place))) continue;
          if (this.#count === ids.length) {
            const more = new Uint32Array(2 * ids.length);
            more.set(ids);
            ids = more;
            this.#ids = ids;
          }
          ids[this.#count++] = next;
        }
        return next < table.count;
      }, signal);
      if (ended && next >= table.count) return;
      await reading.progress();
    }
  }

  async #order(member: Member, signal: AbortSignal): Promise<void> {
    const { count } = this;
    const ids = this.#ids?.subarray(0, count) ?? Uint32Array.from({ length: count }, (_, i) => i);
    const compare = await this.#comparison(member, ids, signal);
    const places = Uint32Array.from({ length: count }, (_, i) => i);
    const sorting = sorted(places, this.#descending ? (a, b) => compare(b, a) : compare);
    let found: Uint32Array<ArrayBuffer> | undefined;
    await inSlices(() => {
      const { done, value } = sorting.next();
      if (done) found = value;
      return !done;
    }, signal);
    if (!found) return;
    this.#count = count;
    this.#ids = found.map((place) => ids[place]!);
  }

  /** Over places in `ids`. */
  async #comparison(member: Member, ids: Uint32Array, signal: AbortSignal): Promise<Compare> {
    const { table } = this.reading;
    const reader = numberReader(member);
    if (!reader) return this.#byBytes(member, ids);
    const { cpus, stride } = this.#shape;
    const read = member.root === 'value' && cpus > 1 ? summed(reader, cpus, stride) : reader;
    const low = new Float64Array(ids.length);
    const high = read.wide ? new Float64Array(ids.length) : undefined;
    const place = newPlace();
    let next = 0;
    await inSlices(() => {
      for (const end = Math.min(ids.length, next + A_STEP); next < end; next++) {
        table.at(ids[next]!, place);
        const [bytes, at] = member.root === 'key' ? [place.keys, place.keyAt] : [place.values, place.valueAt];
        low[next] = read.low(bytes, at);
        if (high) high[next] = read.high(bytes, at);
      }
      return next < ids.length;
    }, signal);
    return high ? (a, b) => high[a]! - high[b]! || low[a]! - low[b]! : (a, b) => low[a]! - low[b]!;
  }

  /** Records, arrays and what has no type: byte by byte, as memory has them. */
  #byBytes({ root, bitOffset, bits }: Member, ids: Uint32Array): Compare {
    const { table } = this.reading;
    const [one, other] = [newPlace(), newPlace()];
    const first = bitOffset >> 3;
    const length = Math.ceil(bits / 8);
    return (a, b) => {
      table.at(ids[a]!, one);
      table.at(ids[b]!, other);
      const [x, xAt, y, yAt] =
        root === 'key'
          ? [one.keys, one.keyAt, other.keys, other.keyAt]
          : [one.values, one.valueAt, other.values, other.valueAt];
      for (let i = first; i < first + length; i++) if (x[xAt + i] !== y[yAt + i]) return x[xAt + i]! - y[yAt + i]!;
      return 0;
    };
  }
}

/** Merge sort in steps of a fraction of a millisecond; equal ones keep their order. */
export function* sorted(
  items: Uint32Array<ArrayBuffer>,
  compare: Compare,
): Generator<undefined, Uint32Array<ArrayBuffer>> {
  for (let from = 0; from < items.length; from += RUN) {
    items.subarray(from, from + RUN).sort(compare);
    yield;
  }
  let [source, target] = [items, new Uint32Array(items.length)];
  for (let width = RUN; width < items.length; width *= 2) {
    let budget = MERGED_A_STEP;
    for (let from = 0; from < items.length; from += 2 * width) {
      const middle = Math.min(items.length, from + width);
      const end = Math.min(items.length, from + 2 * width);
      let [left, right] = [from, middle];
      for (let at = from; at < end; at++) {
        const takeLeft = left < middle && (right >= end || compare(source[left]!, source[right]!) <= 0);
        target[at] = takeLeft ? source[left++]! : source[right++]!;
        if (--budget === 0) {
          budget = MERGED_A_STEP;
          yield;
        }
      }
    }
    [source, target] = [target, source];
  }
  return source;
}
