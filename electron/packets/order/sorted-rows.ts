/**
 * A list in order: ascending, by its keys, those of one key in the order they had, those without one last. Sorted digit by digit, in steps that take a fraction
 * of a millisecond. What stays is 4 bytes a row and a bit: where another key begins, from which the descending order follows.
 */
import type { Keys } from './keys.ts';

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
const ROWS_A_STEP = 16_384;
/** Fewer rows are copied one by one. */
const FEW = 64;

export interface SortedRows {
  /** Those with a value, then those without. */
  readonly rows: Uint32Array<ArrayBuffer>;
  readonly valued: number;
  /** A bit for each place where another value begins. */
  readonly begins: Uint8Array<ArrayBuffer>;
}

/** Places of the keys in order; yields now and then. */
export function* sortedPlaces(keys: Keys): Generator<void, SortedRows> {
  const { count, valued } = keys;
  let order = new Uint32Array(count);
  let missing = valued;
  for (let at = 0, next = 0; at < count; at++) {
    order[keys.has(at) ? next++ : missing++] = at;
    if (at % ROWS_A_STEP === 0) yield;
  }
  const without = order.subarray(valued);
  let other = new Uint32Array(count);
  other.set(without, valued);
  for (const words of keys.high ? [keys.low, keys.high] : [keys.low])
    for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
      const starts = yield* startsOf(words, order, valued, shift);
      if (!starts) continue;
      for (let at = 0; at < valued; at++) {
        const place = order[at]!;
        other[starts[(words[place]! >>> shift) & (DIGITS - 1)]!++] = place;
        if (at % ROWS_A_STEP === 0) yield;
      }
      [order, other] = [other, order];
    }
  const begins = new Uint8Array((count + 7) >>> 3);
  for (let at = 1; at < valued; at++) {
    if (!keys.same(order[at - 1]!, order[at]!)) begins[at >>> 3]! |= 1 << (at & 7);
    if (at % ROWS_A_STEP === 0) yield;
  }
  return { rows: order, valued, begins };
}

/** Where each digit's places begin; undefined where all have the same. */
function* startsOf(
  words: Uint32Array,
  order: Uint32Array,
  valued: number,
  shift: number,
): Generator<void, Uint32Array | undefined> {
  const starts = new Uint32Array(DIGITS);
  for (let at = 0; at < valued; at++) {
    starts[(words[order[at]!]! >>> shift) & (DIGITS - 1)]!++;
    if (at % ROWS_A_STEP === 0) yield;
  }
  if (starts.includes(valued)) return undefined;
  for (let digit = 0, start = 0; digit < DIGITS; digit++) {
    const many = starts[digit]!;
    starts[digit] = start;
    start += many;
  }
  return starts;
}

/** The other way round: values descend, those of one value stay in their order, those without one stay last. */
export function* descending({ rows, valued, begins }: SortedRows): Generator<void, Uint32Array<ArrayBuffer>> {
  const found = new Uint32Array(rows.length);
  let to = 0;
  let end = valued;
  for (let at = valued - 1; at >= 0; at--) {
    if (at % ROWS_A_STEP === 0) yield;
    if (at > 0 && (begins[at >>> 3]! & (1 << (at & 7))) === 0) continue;
    if (end - at < FEW) for (let i = at; i < end; i++) found[to++] = rows[i]!;
    else {
      found.set(rows.subarray(at, end), to);
      to += end - at;
    }
    end = at;
  }
  found.set(rows.subarray(valued), to);
  return found;
}
