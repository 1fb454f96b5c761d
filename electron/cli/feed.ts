/** What printers ask of a capture besides the packet at hand. */
import type { Dissection } from '../packets/dissect/index.ts';
import type { ByteText } from '../packets/lines/byte-text.ts';
import type { PlainLines } from '../packets/lines/plain-lines.ts';
import type { CaptureInterface } from '../packets/pcap/types.ts';
import type { CaptureState } from '../packets/state/capture-state.ts';
import type { ByteSource } from '../packets/store/byte-source.ts';
import type { FeedPacket } from './packet-feed.ts';

export interface Feed extends ByteSource {
  readonly interfaces: readonly CaptureInterface[];
  /** Number of the first packet behind the description of a second interface: from there on lines say which. Infinity before that is known. */
  readonly severalFrom: number;
  /** Epoch ns of the first packet. */
  readonly baseNs: bigint | undefined;
  /** With what the packets before it told: packets must be asked for in order. The same packet may be asked for again. */
  dissect(packet: FeedPacket): Dissection;
}

/** Packets by their place in the batch at hand. */
export interface BatchFeed extends Feed {
  /** What the packets that were dissected left. */
  readonly state: CaptureState;
  /** 1-based, over the whole capture. */
  numberOf(index: number): number;
  timeOf(index: number): number;
  verdictOf(index: number): number;
  at(index: number): FeedPacket;
  /** Columns of a packet where it takes no dissection. As `dissect`: in order, and once. */
  plainColumns(index: number, plain: PlainLines, out: ByteText): boolean;
}
