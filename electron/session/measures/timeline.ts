/**
 * Running totals over time, and charts from them. Samples are cumulative counters at exact clock times; a chart's buckets are
 * differences of totals interpolated at the bucket's edges, so the area under a curve is what was counted,
 * however unevenly the samples came. A ring: the oldest sample gives way.
 */
import type { Series } from '../../shared/api.ts';

export type Chart = Omit<Series, 'generation'>;

export class Timeline {
  readonly keys: readonly string[];
  readonly #capacity: number;
  /** A bucket is never shorter than the distance of samples: it would only show the interpolation. */
  readonly #minStepMs: number;
  readonly #timesMs: Float64Array;
  /** capacity × keys */
  readonly #packets: Float64Array;
  readonly #bytes: Float64Array;
  #first = 0;
  #count = 0;

  constructor(keys: readonly string[], capacity: number, minStepMs: number) {
    this.keys = keys;
    this.#capacity = capacity;
    this.#minStepMs = minStepMs;
    this.#timesMs = new Float64Array(capacity);
    this.#packets = new Float64Array(capacity * keys.length);
    this.#bytes = new Float64Array(capacity * keys.length);
  }

  /** Totals since the start, one for each key, at epoch ms `timeMs`; times must grow. */
  push(timeMs: number, packets: ArrayLike<number>, bytes: ArrayLike<number>): void {
    const slot = (this.#first + this.#count) % this.#capacity;
    if (this.#count === this.#capacity) this.#first = (this.#first + 1) % this.#capacity;
    else this.#count++;
    this.#timesMs[slot] = timeMs;
    this.#packets.set(packets, slot * this.keys.length);
    this.#bytes.set(bytes, slot * this.keys.length);
  }

  /**
   * The last `seconds` in at most `points` buckets, aligned to the epoch so that they do not shimmer as time goes on. The
   * bucket that is still filling is left out, unless `complete` says that nothing more will come.
   */
  chart(seconds: number, points: number, complete = false): Chart {
    const keys = this.#seenKeys();
    const empty: Chart = {
      timeMs: [],
      stepMs: this.#minStepMs,
      keys: keys.map((key) => this.keys[key]!),
      pps: [],
      bitsPerSecond: [],
    };
    empty.pps = keys.map(() => []);
    empty.bitsPerSecond = keys.map(() => []);
    if (this.#count < 2) return empty;
    const wanted = (seconds * 1000) / points;
    const stepMs = Math.max(1, Math.ceil(wanted / this.#minStepMs)) * this.#minStepMs;
    const startMs = this.#timesMs[this.#slot(0)]!;
    const lastMs = this.#timesMs[this.#slot(this.#count - 1)]!;
    const end = complete ? Math.ceil(lastMs / stepMs) : Math.floor(lastMs / stepMs);
    const buckets = Math.min(points, Math.round((seconds * 1000) / stepMs), end - Math.floor(startMs / stepMs));
    const chart = { ...empty, stepMs };
    const edge = new Edge(this.#timesMs, (index) => this.#slot(index), this.#count);
    edge.moveTo((end - buckets) * stepMs);
    let before = keys.map((key) => this.#at(edge, key));
    for (let bucket = end - buckets; bucket < end; bucket++) {
      edge.moveTo((bucket + 1) * stepMs);
      const after = keys.map((key) => this.#at(edge, key));
      chart.timeMs.push(bucket * stepMs);
      for (const [index, [packets, bytes]] of after.entries()) {
        chart.pps[index]!.push(((packets - before[index]![0]) * 1000) / stepMs);
        chart.bitsPerSecond[index]!.push(((bytes - before[index]![1]) * 8000) / stepMs);
      }
      before = after;
    }
    return chart;
  }

  /** Keys that ever counted something: indices, in order. */
  #seenKeys(): number[] {
    if (this.#count === 0) return [];
    const last = this.#slot(this.#count - 1) * this.keys.length;
    return this.keys.map((_, key) => key).filter((key) => this.#packets[last + key]! > 0);
  }

  #at({ from, to, share }: Edge, key: number): [packets: number, bytes: number] {
    const a = from * this.keys.length + key;
    const b = to * this.keys.length + key;
    const mix = (column: Float64Array) => column[a]! + (column[b]! - column[a]!) * share;
    return [mix(this.#packets), mix(this.#bytes)];
  }

  #slot(index: number): number {
    return (this.#first + index) % this.#capacity;
  }
}

/** The place of one moment between two samples. Moves forward only. */
class Edge {
  /** Slots of the samples around it, and how far it is from the first to the second, 0…1. */
  from: number;
  to: number;
  share = 0;
  readonly #times: Float64Array;
  readonly #slot: (index: number) => number;
  readonly #count: number;
  #index = 0;

  constructor(times: Float64Array, slot: (index: number) => number, count: number) {
    this.#times = times;
    this.#slot = slot;
    this.#count = count;
    this.from = slot(0);
    this.to = slot(0);
  }

  moveTo(timeMs: number): void {
    while (this.#index < this.#count - 1 && this.#times[this.#slot(this.#index + 1)]! <= timeMs) this.#index++;
    this.from = this.#slot(this.#index);
    this.to = this.#slot(Math.min(this.#index + 1, this.#count - 1));
    const start = this.#times[this.from]!;
    const length = this.#times[this.to]! - start;
    this.share = length > 0 ? Math.min(1, Math.max(0, (timeMs - start) / length)) : 0;
  }
}
