/** One TCP connection over time: sequence numbers, acknowledgements, windows and round-trip times, for the stream graphs. */
import type { TcpFacts } from '../dissect/protocols/tcp-facts.ts';
import { tcpFacts } from '../dissect/protocols/tcp-facts.ts';
import { SCALE_UNKNOWN } from '../state/tcp-analysis.ts';
import { endTexts } from './ends.ts';
import type { StatPacket } from './stat.ts';

export interface TcpPoint {
  number: number;
  /** ns since the first packet of the capture. */
  timeNs: number;
  /** 0: the end whose first packet was seen first. */
  from: 0 | 1;
  /** Relative. */
  seq: number;
  length: number;
  /** Relative to the other side's numbers; undefined without the ACK flag. */
  ack: number | undefined;
  /** Bytes, scaled where the scale is known. */
  window: number;
  /** Of the segment that this packet acknowledges. */
  rttNs: number | undefined;
  inFlight: number | undefined;
  retransmission: boolean;
}

const ACK = 16;
const MAX_POINTS = 500_000;

export class TcpStream {
  readonly stream: number;
  readonly points: TcpPoint[] = [];
  /** Segments that found no room. */
  beyond = 0;
  /** "10.0.0.1:40000" of both, the one that was seen first first. */
  ends: readonly [string, string] | undefined;
  #first: 0 | 1 | undefined;

  constructor(stream: number) {
    this.stream = stream;
  }

  see({ d, number, timeNs }: StatPacket): void {
    for (const layer of d.layers) {
      if (layer.protocol.name !== 'tcp' || layer.quotedBy) continue;
      const facts = tcpFacts(layer);
      if (facts?.conversation.index !== this.stream) continue;
      this.ends ??= endTexts(d, layer);
      this.#add(facts, number, timeNs);
    }
  }

  #add(facts: TcpFacts, number: number, timeNs: number): void {
    if (this.points.length >= MAX_POINTS) {
      this.beyond++;
      return;
    }
    const { segment, side, base, ackBase, scale, analysis } = facts;
    this.#first ??= side;
    this.points.push({
      number,
      timeNs,
      from: side === this.#first ? 0 : 1,
      seq: (segment.seq - base) >>> 0,
      length: segment.length,
      ack: segment.flags & ACK ? (segment.ack - ackBase) >>> 0 : undefined,
      window: scale > SCALE_UNKNOWN ? segment.window * 2 ** scale : segment.window,
      rttNs: analysis?.ackRttNs,
      inFlight: analysis?.bytesInFlight,
      retransmission: ((analysis?.flags ?? 0) & 1) !== 0,
    });
  }
}
