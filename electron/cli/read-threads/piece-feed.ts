/** Packets of the pieces that the reader shares, as a thread sees them. */
import type { DecodeAs } from '../../packets/dissect/decode-as.ts';
import { type Dissection, dissect } from '../../packets/dissect/index.ts';
import type { ByteText } from '../../packets/lines/byte-text.ts';
import type { PlainLines } from '../../packets/lines/plain-lines.ts';
import type { CaptureInterface } from '../../packets/pcap/types.ts';
import { CaptureState } from '../../packets/state/capture-state.ts';
import '../../session/platform.ts';
import type { Feed } from '../feed.ts';
import type { FeedPacket } from '../packet-feed.ts';
import { type News, type Slot, STRIDE } from './messages.ts';

export class PieceFeed implements Feed {
  readonly interfaces: CaptureInterface[] = [];
  severalFrom = Number.POSITIVE_INFINITY;
  baseNs: bigint | undefined;
  readonly state: CaptureState;
  #slot!: Slot;
  /** Packets of all pieces before. */
  #before = 0;
  #count = 0;
  /** Of a past packet. */
  #number: number | undefined;
  /** What was dissected last, and of which packet. */
  last: Dissection | undefined;
  #lastNumber = 0;

  constructor(decodeAs?: DecodeAs) {
    this.state = new CaptureState(0, decodeAs);
  }

  /** A packet of a piece before, the only one of `slot`. */
  takePast(slot: Slot, number: number): void {
    this.#slot = slot;
    this.#number = number;
  }

  hear({ interfaces, severalFrom, baseNs, secrets }: News): void {
    this.interfaces.push(...interfaces);
    this.severalFrom = severalFrom;
    this.baseNs = baseNs;
    for (const log of secrets) this.state.secrets.add(log);
  }

  /** Goes on to the next piece. */
  take(slot: Slot, packets: number): void {
    this.#before += this.#count;
    this.#count = packets;
    this.#slot = slot;
    this.#number = undefined;
  }

  /** Which thread has packet `index` of the piece. */
  shardOf(index: number): number {
    return this.#slot.shards[index]!;
  }

  numberOf(index: number): number {
    return this.#number ?? this.#before + index + 1;
  }

  timeOf(index: number): number {
    return this.#slot.rows[index * STRIDE + 4]!;
  }

  verdictOf(index: number): number {
    return this.#slot.rows[index * STRIDE + 5]!;
  }

  plainColumns(index: number, plain: PlainLines, out: ByteText): boolean {
    const { rows, bytes } = this.#slot;
    const at = index * STRIDE;
    const start = rows[at]!;
    const linkType = this.interfaces[rows[at + 3]!]?.linkType ?? -1;
    const end = start + rows[at + 1]!;
    return plain.columns(bytes, start, end, linkType, rows[at + 2]!, this.numberOf(index), rows[at + 4]!, out);
  }

  at(index: number): FeedPacket {
    const { rows, bytes } = this.#slot;
    const at = index * STRIDE;
    const offset = rows[at]!;
    const interfaceId = rows[at + 3]!;
    return {
      number: this.numberOf(index),
      offset,
      bytes: bytes.subarray(offset, offset + rows[at + 1]!),
      wireLen: rows[at + 2]!,
      interfaceId,
      linkType: this.interfaces[interfaceId]?.linkType ?? -1,
      timeNs: rows[at + 4]!,
      verdict: rows[at + 5]!,
      direction: rows[at + 6]!,
    };
  }

  dissect({ number, bytes, linkType, wireLen, timeNs }: FeedPacket): Dissection {
    if (this.last && this.#lastNumber === number) return this.last;
    this.#lastNumber = number;
    this.last = dissect(bytes, linkType, wireLen, { number, timeNs, baseNs: this.baseNs, state: this.state });
    return this.last;
  }

  /** Of the piece at hand: its packets' offsets count from the beginning of its memory. */
  read(offset: number, length: number): Uint8Array {
    return this.#slot.bytes.subarray(offset, offset + length);
  }
}
