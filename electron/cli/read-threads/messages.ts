/** What `read` and its threads tell each other. */

export interface ReaderData {
  /** Open in this process; read by position. */
  fd: number;
  /** Bytes of the file when it was opened. */
  size: number;
  shard: number;
  shards: number;
  filter: string | undefined;
  hex: boolean;
  /** How many batches were printed: nobody works further ahead than AHEAD. */
  printed: Int32Array;
}

/** Batches that wait to be printed, of each thread. */
export const AHEAD = 32;

/** A piece of the file; every thread makes the same pieces of it, and tells of the packets that are its own. */
export interface Batch {
  /** All packets of the piece. */
  packets: number;
  /** Packets of the piece that are printed, by their place in it, and where the text of each ends. */
  rows: Uint32Array;
  ends: Uint32Array;
  text: Uint8Array;
  /** Something told of packets that other threads have: this batch must not be printed. */
  entangled: boolean;
  last: boolean;
  damage: { offset: number; reason: string } | undefined;
}
