/** A stable sort that can be left alone between two of its steps: Array.prototype.sort of a million texts holds everything up for seconds. */
const COMPARISONS_A_STEP = 2048;

/**
 * The numbers 0 to `count` in order.
 * @param upTo whether a may stand before b: a ≤ b
 */
export function* mergeSort(count: number, upTo: (a: number, b: number) => boolean): Generator<void, Uint32Array> {
  let from = Uint32Array.from({ length: count }, (_, i) => i);
  let to = new Uint32Array(count);
  let left = COMPARISONS_A_STEP;
  for (let width = 1; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      const middle = Math.min(start + width, count);
      const end = Math.min(start + 2 * width, count);
      let a = start;
      let b = middle;
      for (let at = start; at < end; at++) {
        if (--left === 0) {
          yield;
          left = COMPARISONS_A_STEP;
        }
        to[at] = b === end || (a < middle && upTo(from[a]!, from[b]!)) ? from[a++]! : from[b++]!;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
