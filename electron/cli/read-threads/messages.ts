/** What `read` and its threads share and tell each other. */
import type { MessagePort } from 'node:worker_threads';
import type { CaptureInterface } from '../../packets/pcap/types.ts';

/** Of the file; and how many of them are read ahead of the printing. */
export const PIECE_BYTES = 2 << 20;
export const SLOTS = 8;
/** What a piece leaves unfinished goes in front of the next one. A longer block is left to one thread. */
export const HEADROOM = 256 * 1024;
/** Bytes of the smallest packet with its headers, in any format. */
const LEAST = 16;

/** Numbers of a packet: where it begins in the piece's memory, captured, on the wire, interface, time, verdict and direction. */
export const STRIDE = 7;

/** One piece of the file, written by the reader and read by the threads. All on shared memory; pages that nobody touches cost nothing. */
export interface Slot {
  readonly bytes: Uint8Array;
  readonly rows: Float64Array;
  /** The thread of each packet, or HERE. */
  readonly shards: Uint8Array;
}

/** Instead of a thread: the packet's line was written by the addon (native/lines/line_writer.h). */
export const HERE = 255;
/** Numbers of a packet that the addon printed before: shard, number, offset in the file, captured, on the wire, time (native/lines/index.d.ts). */
export const PAST_STRIDE = 6;

export const makeSlot = (pieceBytes: number): Slot => ({
  bytes: new Uint8Array(new SharedArrayBuffer(HEADROOM + pieceBytes)),
  rows: new Float64Array(new SharedArrayBuffer(8 * STRIDE * mostPackets(pieceBytes))),
  shards: new Uint8Array(new SharedArrayBuffer(mostPackets(pieceBytes))),
});

/** What a thread printed of a piece: the text, and where that of each of its packets ends. */
export interface Lines {
  text: Uint8Array;
  readonly ends: Uint32Array;
}

export const makeLines = (pieceBytes: number): Lines => ({
  text: new Uint8Array(new SharedArrayBuffer(pieceBytes)),
  ends: new Uint32Array(new SharedArrayBuffer(4 * mostPackets(pieceBytes))),
});

const mostPackets = (pieceBytes: number) => Math.ceil((HEADROOM + pieceBytes) / LEAST);

/** Places in `control`: how many pieces were given to the threads. */
export const GIVEN = 0;
/** Whether the addon printed packets: conversations may have some that no thread has seen. */
export const NATIVE = 1;
/** Of each thread: how many pieces it looked at, and whether it stopped there. */
const OF_THREADS = 2;
export const doneAt = (shard: number): number => OF_THREADS + 2 * shard;
export const stoppedAt = (shard: number): number => OF_THREADS + 2 * shard + 1;
/** Of each slot: packets in it, and messages that a thread must take before it looks at them. */
export const packetsAt = (shards: number, slot: number): number => OF_THREADS + 2 * shards + 2 * slot;
export const newsAt = (shards: number, slot: number): number => packetsAt(shards, slot) + 1;
export const controlWords = (shards: number): number => packetsAt(shards, SLOTS);

export interface ReaderData {
  shard: number;
  shards: number;
  /** The file, for past packets. */
  fd: number;
  filter: string | undefined;
  hex: boolean;
  slots: readonly Slot[];
  /** One a slot. */
  lines: readonly Lines[];
  control: Int32Array;
  port: MessagePort;
}

/** To a thread: what the capture says besides packets, and packets that it must know and does not print. */
export interface News {
  interfaces: readonly CaptureInterface[];
  /** As of Feed. */
  severalFrom: number;
  baseNs: bigint | undefined;
  /** Key logs. */
  secrets: readonly Uint8Array[];
  /** PAST_STRIDE numbers each, in order. */
  past?: Float64Array;
}

/** From a thread: its text did not fit, and is here from now on. */
export interface Moved {
  slot: number;
  text: Uint8Array;
}
