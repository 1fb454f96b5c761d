/** Lines of all threads, in the order of their packets; those of one thread that follow each other are copied at once. */
import { HERE, type Lines } from './messages.ts';

/** Copies shorter than this are made byte by byte: to ask for a long one takes longer. */
const SHORT = 64;

/**
 * @param shards the thread of each packet, or HERE
 * @param lines of each thread; behind them those of HERE
 * @param into memory for it, as large as `sizeInOrder` says. Returns the bytes of it that were written.
 */
export function inOrder(shards: Uint8Array, packets: number, lines: readonly Lines[], into: Uint8Array): Uint8Array {
  /** By thread: packets of it that were passed, and where their text ends. */
  const passed = lines.map(() => 0);
  const from = lines.map(() => 0);
  let at = 0;
  for (let i = 0; i < packets; ) {
    const first = i;
    const of = shards[i]!;
    while (i < packets && shards[i] === of) i++;
    const shard = of === HERE ? lines.length - 1 : of;
    const { text, ends } = lines[shard]!;
    passed[shard]! += i - first;
    const end = ends[passed[shard]! - 1]!;
    const start = from[shard]!;
    if (end - start < SHORT) for (let j = start; j < end; j++) into[at + j - start] = text[j]!;
    else into.set(text.subarray(start, end), at);
    at += end - start;
    from[shard] = end;
  }
  return into.subarray(0, at);
}

/** Bytes that the lines of a piece take in all. */
export function sizeInOrder(shards: Uint8Array, packets: number, lines: readonly Lines[]): number {
  const counts = lines.map(() => 0);
  for (let i = 0; i < packets; i++) counts[shards[i] === HERE ? lines.length - 1 : shards[i]!]!++;
  return lines.reduce((sum, { ends }, shard) => sum + (counts[shard] === 0 ? 0 : ends[counts[shard]! - 1]!), 0);
}
