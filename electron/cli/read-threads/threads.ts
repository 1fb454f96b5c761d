/**
 * `read` by several threads: this one reads the file and finds the packets; the addon of lines (native/lines) prints those that take no dissection, on a thread of
 * its own; the others are dissected and printed by threads, each with its own pairs of addresses (packets/state/address-pairs.ts). What they print is put together
 * in the order of the file. The same bytes come out as from one thread, with one exception: of more than 100,000 conversations at once, and of more than 192 MiB of
 * unfinished data units, the threads remember more. As soon as packets of different threads have to do with each other, it ends, and says from where one thread must
 * go on.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { packingOf } from '../../session/files/unpack.ts';
import { findLayout } from '../../session/layout.ts';
import type { Output } from '../output/output.ts';
import { Giver } from './giver.ts';
import { inOrder, sizeInOrder } from './in-order.ts';
import { controlWords, type Lines, makeSlot, PIECE_BYTES, packetsAt, type ReaderData, SLOTS } from './messages.ts';
import { NativeLines } from './native-lines.ts';
import { PieceSource } from './piece-source.ts';
import { Shard } from './shard.ts';
import { shareLeft } from './survey.ts';

/** Smaller files are printed by one thread before others have begun. */
export const WORTH_BYTES = 24 << 20;
const MOST_THREADS = 4;
/** For so few packets one thread is enough, and begins sooner. */
const LITTLE = 0.05;
const MAGIC_BYTES = 64;

export interface ThreadsEnd {
  /** Packets of the file that were looked at, from its beginning. */
  packets: number;
  damage: { offset: number; reason: string } | undefined;
  /** One thread must go on behind these packets, and know them all. */
  again: boolean;
}

export interface How {
  filter: string | undefined;
  hex: boolean;
  /** Bytes of the smallest file that is worth it; WORTH_BYTES if it is not said. */
  worthBytes?: number;
  /** Another build of the addon of lines. */
  linesAddon?: string;
}

/** Undefined where one thread must do it all. */
export async function printInThreads(
  name: string,
  { filter, hex, worthBytes = WORTH_BYTES, linesAddon }: How,
  out: Output,
  stop: AbortSignal,
): Promise<ThreadsEnd | undefined> {
  const script = workerScript();
  if (name === '-' || !script) return undefined;
  const file = await open(name, 'r').catch(() => undefined); // said by whoever reads it next
  try {
    const size = file && (await plainSize(file, worthBytes));
    if (!file || size === undefined) return undefined;
    const native = filter === undefined && !hex ? await NativeLines.open(SLOTS, linesAddon) : undefined;
    const isLittle = native !== undefined && (await shareLeft(file, size, linesAddon)) < LITTLE;
    const shards = isLittle ? 1 : Math.min(MOST_THREADS, availableParallelism());
    if (shards < 2 && !native) return undefined;
    const source = new PieceSource(file, size, shards);
    const printing = new Printing(script, source, native, { filter, hex, shards, fd: file.fd });
    return await printing.print(out, stop);
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
async function plainSize(file: FileHandle, least: number): Promise<number | undefined> {
  const stat = await file.stat();
  if (!stat.isFile() || stat.size < least) return undefined;
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
  readonly #native: NativeLines | undefined;
  readonly #giver: Giver;
  /** By slot: of each thread, and behind them the addon's. */
  readonly #lines: readonly (readonly Lines[])[];

  constructor(
    script: string,
    source: PieceSource,
    native: NativeLines | undefined,
    data: Pick<ReaderData, 'shards' | 'fd' | 'filter' | 'hex'>,
  ) {
    const { shards } = data;
    this.#source = source;
    this.#native = native;
    this.#control = new Int32Array(new SharedArrayBuffer(4 * controlWords(shards)));
    const common = { ...data, slots: this.#slots, control: this.#control };
    this.#shards = Array.from({ length: shards }, (_, shard) => new Shard(script, { ...common, shard }, PIECE_BYTES));
    this.#giver = new Giver(source, this.#slots, this.#control, this.#shards, native);
    const all = [...this.#shards, ...(native ? [native] : [])];
    this.#lines = this.#slots.map((_, slot) => all.map(({ lines }) => lines[slot]!));
  }

  async print(out: Output, stop: AbortSignal): Promise<ThreadsEnd> {
    const { given, printed } = this.#giver;
    const giving = this.#giver.run(stop);
    giving.catch(() => {}); // looked at in the end
    let handed: Promise<void> = Promise.resolve();
    let packets = 0;
    try {
      for (; !stop.aborted && (await given.reaches(printed.count + 1)); printed.advance()) {
        const reached = await Promise.all(this.#shards.map((shard) => shard.reached(printed.count + 1)));
        if (!reached.every(Boolean)) {
          await handed;
          return { packets, damage: undefined, again: true };
        }
        const text = this.#join(printed.count);
        const before = handed;
        handed = out.writeBytes(text);
        handed.catch(() => {}); // looked at after the next piece
        await before;
        packets += this.#packetsOf(printed.count);
      }
      await handed;
      const { beyond } = this.#giver;
      return {
        packets,
        damage: beyond || stop.aborted ? undefined : this.#source.damage,
        again: beyond && !stop.aborted,
      };
    } finally {
      printed.close();
      await handed.catch(() => {}); // its memory is ours
      this.#native?.close();
      try {
        await giving;
      } finally {
        await Promise.all(this.#shards.map((shard) => shard.end()));
      }
    }
  }

  #packetsOf(piece: number): number {
    return this.#control[packetsAt(this.#shards.length, piece % SLOTS)]!;
  }

  #join(piece: number): Uint8Array {
    const slot = piece % SLOTS;
    const { shards } = this.#slots[slot]!;
    const packets = this.#packetsOf(piece);
    const lines = this.#lines[slot]!;
    const size = sizeInOrder(shards, packets, lines);
    if (size > this.#memory[piece % 2]!.length) this.#memory[piece % 2] = new Uint8Array(2 * size);
    return inOrder(shards, packets, lines, this.#memory[piece % 2]!);
  }
}
