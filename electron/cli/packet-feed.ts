/**
 * Bytes of a capture in pieces → packets with their bytes, a batch a piece. Memory is twice a piece plus one block (16 MiB at
 * most), whatever the size of the capture. Bytes of a batch are valid until the next `push`.
 */
import '../session/platform.ts';
import type { DecodeAs } from '../packets/dissect/decode-as.ts';
import { type Dissection, dissect } from '../packets/dissect/index.ts';
import type { ByteText } from '../packets/lines/byte-text.ts';
import type { PlainLines } from '../packets/lines/plain-lines.ts';
import { CaptureParser } from '../packets/pcap/capture-parser.ts';
import type { CaptureInterface, PacketSink } from '../packets/pcap/types.ts';
import { CaptureState } from '../packets/state/capture-state.ts';
import type { Secrets } from '../packets/state/secrets.ts';
import type { BatchFeed } from './feed.ts';

/** Longest block that the parser takes; what lies further back cannot belong to a packet still to come. */
const BLOCK_MAX = 16 * 1024 * 1024 + 64;

/** Pieces come with tails of different lengths. */
const MARGIN = 64 * 1024;

export interface FeedPacket {
  /** 1-based, over the whole capture. */
  number: number;
  /** Of its first byte, in the capture. */
  offset: number;
  bytes: Uint8Array;
  wireLen: number;
  interfaceId: number;
  linkType: number;
  /** ns since the first packet. */
  timeNs: number;
  /** Index into XDP_VERDICTS, or VERDICT_NONE. */
  verdict: number;
  /** 0 none, 1 in, 2 out. */
  direction: number;
}

/** Numbers of a packet, in the order in which the parser tells them: offset, captured, on the wire, interface, time, verdict, direction. */
const STRIDE = 7;

export class PacketFeed implements PacketSink, BatchFeed {
  readonly parser: CaptureParser;
  /** Packets of the last `push`. */
  count = 0;
  private rows = new Float64Array(1024 * STRIDE);
  /** Packets of all pushes before the last. */
  private before = 0;
  /** File bytes from `windowAt` on: what a packet of this batch can lie in. */
  private window: Uint8Array = new Uint8Array(0);
  /** What the window lies in, when it is not a piece; the other one is free. They take turns: a fresh one a piece would be collected all the time. */
  private memory: Uint8Array = new Uint8Array(0);
  private spare: Uint8Array = new Uint8Array(0);
  private windowAt = 0;
  private consumed = 0;
  /** What the packets that were dissected left. */
  readonly state: CaptureState;
  severalFrom = Number.POSITIVE_INFINITY;
  private last: { number: number; dissection: Dissection } | undefined;

  /**
   * @param decodeAs the user's choice of protocols
   * @param secrets of key logs; those in the capture are added to them
   */
  constructor(decodeAs?: DecodeAs, secrets?: Secrets) {
    this.parser = new CaptureParser(this, secrets);
    this.state = new CaptureState(0, decodeAs, this.parser.secrets);
  }

  /** Takes the next piece; it must stay unchanged until the next call. */
  push(given: Uint8Array): void {
    // Dissection copies with slice(), which of a Buffer is no copy.
    const piece = new Uint8Array(given.buffer, given.byteOffset, given.length);
    this.before += this.count;
    this.count = 0;
    this.extend(piece);
    // In front of the piece lies what was left of the one before it, and more.
    const front = this.window.length - piece.length;
    this.parser.push(this.window.subarray(front), front);
  }

  packet(
    offset: number,
    capLen: number,
    wireLen: number,
    interfaceId: number,
    timeNs: number,
    verdict: number,
    direction: number,
  ): void {
    if (this.severalFrom === Number.POSITIVE_INFINITY && this.parser.interfaces.length > 1)
      this.severalFrom = this.before + this.count + 1;
    const at = this.count++ * STRIDE;
    if (at === this.rows.length) {
      const { rows } = this;
      this.rows = new Float64Array(2 * rows.length);
      this.rows.set(rows);
    }
    const { rows } = this;
    rows[at] = offset;
    rows[at + 1] = capLen;
    rows[at + 2] = wireLen;
    rows[at + 3] = interfaceId;
    rows[at + 4] = timeNs;
    rows[at + 5] = verdict;
    rows[at + 6] = direction;
    this.consumed = offset + capLen;
  }

  /** Packet `index` (0-based) of the last batch. */
  at(index: number): FeedPacket {
    const { rows } = this;
    const at = index * STRIDE;
    const offset = rows[at]!;
    const start = offset - this.windowAt;
    const interfaceId = rows[at + 3]!;
    return {
      number: this.numberOf(index),
      offset,
      bytes: this.window.subarray(start, start + rows[at + 1]!),
      wireLen: rows[at + 2]!,
      interfaceId,
      linkType: this.linkTypeOf(interfaceId),
      timeNs: rows[at + 4]!,
      verdict: rows[at + 5]!,
      direction: rows[at + 6]!,
    };
  }

  /** 1-based, over the whole capture. */
  numberOf(index: number): number {
    return this.before + index + 1;
  }

  timeOf(index: number): number {
    return this.rows[index * STRIDE + 4]!;
  }

  verdictOf(index: number): number {
    return this.rows[index * STRIDE + 5]!;
  }

  /** Columns of packet `index` where it takes no dissection. As `dissect`: in order, and once. */
  plainColumns(index: number, plain: PlainLines, out: ByteText): boolean {
    const { rows } = this;
    const at = index * STRIDE;
    const start = rows[at]! - this.windowAt;
    const linkType = this.linkTypeOf(rows[at + 3]!);
    const end = start + rows[at + 1]!;
    return plain.columns(this.window, start, end, linkType, rows[at + 2]!, this.numberOf(index), rows[at + 4]!, out);
  }

  get interfaces(): readonly CaptureInterface[] {
    return this.parser.interfaces;
  }

  get baseNs(): bigint | undefined {
    return this.parser.baseNs;
  }

  private linkTypeOf(interfaceId: number): number {
    return this.parser.interfaces[interfaceId]?.linkType ?? -1;
  }

  /** With what the packets before it told: packets must be asked for in order. The same packet may be asked for again. */
  dissect({ number, bytes, linkType, wireLen, timeNs }: FeedPacket): Dissection {
    if (this.last?.number !== number) {
      const context = { number, timeNs, baseNs: this.parser.baseNs, state: this.state };
      this.last = { number, dissection: dissect(bytes, linkType, wireLen, context) };
    }
    return this.last.dissection;
  }

  /** Bytes of the capture around the last batch's packets: their blocks' headers and options. */
  read(offset: number, length: number): Uint8Array {
    const start = Math.max(0, offset - this.windowAt);
    return this.window.subarray(start, start + length);
  }

  private extend(piece: Uint8Array): void {
    const end = this.windowAt + this.window.length;
    const kept = Math.max(this.consumed, end - BLOCK_MAX);
    const tail = this.window.subarray(kept - this.windowAt);
    this.windowAt = kept;
    if (tail.length === 0) this.window = piece;
    else {
      const length = tail.length + piece.length;
      let memory = this.spare;
      if (memory.length < length) memory = new Uint8Array(length + MARGIN);
      memory.set(tail);
      memory.set(piece, tail.length);
      this.spare = this.memory;
      this.memory = memory;
      this.window = memory.subarray(0, length);
    }
  }
}
