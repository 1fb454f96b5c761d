/**
 * `read` by several threads: each dissects the packets of its own pairs of addresses (packets/state/address-pairs.ts), and what they print is put
 * together in the order of the file. The same bytes come out as from one thread, with one exception: of more than 100,000 conversations at once the
 * threads remember more. As soon as packets of different threads have to do with each other, it ends, and says from where one thread must go on.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { FIELDS, FRAME_OWNER } from '../../packets/dissect/fields.ts';
import type { DisplayFilter } from '../../packets/filter/index.ts';
import { packingOf } from '../../session/files/unpack.ts';
import { findLayout } from '../../session/layout.ts';
import type { Output } from '../output/output.ts';
import type { Batch, ReaderData } from './messages.ts';

/** Smaller files are printed before a thread has begun. */
export const WORTH_BYTES = 24 << 20;
const MOST_THREADS = 4;
const MAGIC_BYTES = 64;

export interface ThreadsEnd {
  /** Packets of the file that were looked at, from its beginning. */
  packets: number;
  damage: { offset: number; reason: string } | undefined;
  /** One thread must go on behind these packets, and know them all. */
  again: boolean;
}

/** Whether a filter asks for nothing but what the packets of a pair tell. */
export function isOfPairs({ fields }: DisplayFilter): boolean {
  for (const name of fields)
    if (/^(_ws\.|(tcp|udp)\.stream$|udp\.time_)/.test(name) || FIELDS.get(name)?.owners.has(FRAME_OWNER)) return false;
  return true;
}

export async function printInThreads(
  name: string,
  { filter, hex }: { filter: DisplayFilter | undefined; hex: boolean },
  out: Output,
  stop: AbortSignal,
): Promise<ThreadsEnd | undefined> {
  const shards = Math.min(MOST_THREADS, availableParallelism());
  const script = workerScript();
  if (shards < 2 || name === '-' || !script) return undefined;
  const file = await open(name, 'r').catch(() => undefined); // said by whoever reads it next
  try {
    const size = file && (await plainSize(file));
    if (!file || size === undefined) return undefined;
    const printed = new Int32Array(new SharedArrayBuffer(4));
    const common = { fd: file.fd, size, shards, filter: filter?.text, hex, printed };
    const threads = Array.from({ length: shards }, (_, shard) => new Shard(script, { ...common, shard }));
    try {
      return await print(threads, printed, out, stop);
    } finally {
      // Only then may the descriptor be closed.
      await Promise.all(threads.map((thread) => thread.end()));
    }
  } finally {
    await file?.close();
  }
}

/** Undefined in a checkout that was not built. */
function workerScript(): string | undefined {
  try {
    return path.join(findLayout().dist, 'cli/read-worker.mjs');
  } catch {
    return undefined;
  }
}

/** Bytes of a file that is worth it; undefined of others, of packed ones and of what is no file. */
async function plainSize(file: FileHandle): Promise<number | undefined> {
  const stat = await file.stat();
  if (!stat.isFile() || stat.size < WORTH_BYTES) return undefined;
  const head = new Uint8Array(MAGIC_BYTES);
  await file.read(head, 0, MAGIC_BYTES, 0);
  return packingOf(head) ? undefined : stat.size;
}

async function print(
  threads: readonly Shard[],
  printed: Int32Array,
  out: Output,
  stop: AbortSignal,
): Promise<ThreadsEnd> {
  let packets = 0;
  let handed: Promise<void> = Promise.resolve();
  while (!stop.aborted) {
    const batches = await Promise.all(threads.map((thread) => thread.next()));
    if (batches.some((batch) => !batch || batch.entangled)) {
      await handed;
      return { packets, damage: undefined, again: true };
    }
    const [first] = batches as [Batch, ...Batch[]];
    const before = handed;
    handed = out.writeBytes(inOrder(batches as Batch[]));
    handed.catch(() => {}); // looked at after the next batch
    await before;
    packets += first.packets;
    Atomics.add(printed, 0, 1);
    Atomics.notify(printed, 0);
    if (first.last) {
      await handed;
      return { packets, damage: first.damage, again: false };
    }
  }
  return { packets, damage: undefined, again: false };
}

/** Lines of all threads, in the order of their packets; those of one thread that follow each other are copied at once. */
function inOrder(batches: readonly Batch[]): Uint8Array {
  const out = new Uint8Array(batches.reduce((sum, { text }) => sum + text.length, 0));
  const next = batches.map(() => 0);
  const from = batches.map(() => 0);
  for (let at = 0; at < out.length; ) {
    let best = 0;
    let lowest = Number.POSITIVE_INFINITY;
    let limit = Number.POSITIVE_INFINITY;
    for (let i = 0; i < batches.length; i++) {
      const row = batches[i]!.rows[next[i]!] ?? Number.POSITIVE_INFINITY;
      if (row < lowest) {
        limit = lowest;
        lowest = row;
        best = i;
      } else if (row < limit) limit = row;
    }
    const { rows, ends, text } = batches[best]!;
    let i = next[best]!;
    while (i < rows.length && rows[i]! < limit) i++;
    next[best] = i;
    const end = ends[i - 1]!;
    out.set(text.subarray(from[best]!, end), at);
    at += end - from[best]!;
    from[best] = end;
  }
  return out;
}

/** One thread, and the batches that it has ready. */
class Shard {
  readonly #worker: Worker;
  readonly #ready: (Batch | undefined)[] = [];
  #waiting: ((batch: Batch | undefined) => void) | undefined;
  #gone = false;

  constructor(script: string, data: ReaderData) {
    this.#worker = new Worker(script, { workerData: data });
    this.#worker.on('message', (batch: Batch) => this.#take(batch));
    // Whatever ails it: one thread will tell.
    this.#worker.on('error', () => this.#take(undefined));
    this.#worker.on('exit', () => {
      this.#gone = true;
      this.#take(undefined);
    });
  }

  /** Undefined when the thread cannot go on. */
  next(): Promise<Batch | undefined> {
    if (this.#ready.length > 0 || this.#gone) return Promise.resolve(this.#ready.shift());
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #take(batch: Batch | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting(batch);
    else if (batch) this.#ready.push(batch);
  }
}
