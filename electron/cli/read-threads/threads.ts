/**
 * `read` by several threads: this one reads the file and finds the packets, the others dissect and print those of their own pairs of addresses
 * (packets/state/address-pairs.ts), and what they print is put together in the order of the file. The same bytes come out as from one thread, with one
 * exception: of more than 100,000 conversations at once the threads remember more. As soon as packets of different threads have to do with each other, it
 * ends, and says from where one thread must go on.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { packingOf } from '../../session/files/unpack.ts';
import { findLayout } from '../../session/layout.ts';
import { PIECE_BYTES } from '../capture-file.ts';
import type { Output } from '../output/output.ts';
import { inOrder, sizeInOrder } from './in-order.ts';
import { controlWords, GIVEN, makeSlot, newsAt, packetsAt, SLOTS } from './messages.ts';
import { PieceSource } from './piece-source.ts';
import { Shard } from './shard.ts';

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

export async function printInThreads(
  name: string,
  how: { filter: string | undefined; hex: boolean },
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
    const source = new PieceSource(file.fd, size, shards);
    return await new Printing(script, source, shards, how).print(out, stop);
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

class Printing {
  readonly #slots = Array.from({ length: SLOTS }, () => makeSlot(PIECE_BYTES));
  /** Text in order, two pieces by turns: one is being written. */
  readonly #memory = [new Uint8Array(PIECE_BYTES), new Uint8Array(PIECE_BYTES)];
  readonly #control: Int32Array;
  readonly #shards: readonly Shard[];
  readonly #source: PieceSource;
  #given = 0;
  /** Nothing more is given; `beyond` where the threads cannot have the rest. */
  #over = false;
  #beyond = false;

  constructor(script: string, source: PieceSource, shards: number, how: { filter: string | undefined; hex: boolean }) {
    this.#source = source;
    this.#control = new Int32Array(new SharedArrayBuffer(4 * controlWords(shards)));
    const common = { ...how, shards, slots: this.#slots, control: this.#control };
    this.#shards = Array.from({ length: shards }, (_, shard) => new Shard(script, { ...common, shard }, PIECE_BYTES));
  }

  async print(out: Output, stop: AbortSignal): Promise<ThreadsEnd> {
    let handed: Promise<void> = Promise.resolve();
    let packets = 0;
    try {
      for (let printed = 0; !stop.aborted; printed++) {
        while (!this.#over && this.#given - printed < SLOTS) this.#give();
        if (printed === this.#given) {
          await handed;
          return { packets, damage: this.#beyond ? undefined : this.#source.damage, again: this.#beyond };
        }
        const reached = await Promise.all(this.#shards.map((shard) => shard.reached(printed + 1)));
        if (!reached.every(Boolean)) {
          await handed;
          return { packets, damage: undefined, again: true };
        }
        const text = this.#join(printed);
        const before = handed;
        handed = out.writeBytes(text);
        handed.catch(() => {}); // looked at after the next piece
        await before;
        packets += this.#packetsOf(printed);
      }
      return { packets, damage: undefined, again: false };
    } finally {
      await handed.catch(() => {}); // its memory is ours
      await Promise.all(this.#shards.map((shard) => shard.end()));
    }
  }

  /** Reads the next piece for the threads. */
  #give(): void {
    const which = this.#given % SLOTS;
    const source = this.#source;
    try {
      this.#beyond = !source.read(this.#slots[which]!);
    } catch {
      this.#beyond = true; // whoever reads it next will tell
    }
    this.#over = this.#beyond || source.over;
    if (this.#beyond) return;
    const news = source.news();
    if (news) for (const shard of this.#shards) shard.tell(news);
    const control = this.#control;
    control[newsAt(this.#shards.length, which)] = news ? 1 : 0;
    control[packetsAt(this.#shards.length, which)] = source.packets;
    Atomics.store(control, GIVEN, ++this.#given);
    Atomics.notify(control, GIVEN);
  }

  #packetsOf(piece: number): number {
    return this.#control[packetsAt(this.#shards.length, piece % SLOTS)]!;
  }

  #join(piece: number): Uint8Array {
    const which = piece % SLOTS;
    const { shards } = this.#slots[which]!;
    const packets = this.#packetsOf(piece);
    const lines = this.#shards.map((shard) => shard.lines[which]!);
    const size = sizeInOrder(shards, packets, lines);
    if (size > this.#memory[piece % 2]!.length) this.#memory[piece % 2] = new Uint8Array(2 * size);
    return inOrder(shards, packets, lines, this.#memory[piece % 2]!);
  }
}
