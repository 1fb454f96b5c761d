/** What earlier packets tell of a TCP segment: its connection, relative numbers, the analysis. Made once, in the walk. */

import type { Conversation } from '../../state/conversations.ts';
import {
  A,
  Analysis,
  after,
  SCALE_UNKNOWN,
  type Segment,
  TcpConnection,
  type TcpDirection,
} from '../../state/tcp-analysis.ts';
import { u16, u32 } from '../bytes.ts';
import { carrier, finalDestination } from '../checksum.ts';
import type { Dissection, Layer } from '../dissection.ts';

const HEADER = 20;
const FIN = 1;
const SYN = 2;
const ACK = 16;
const WSCALE = 3;
const SACK = 5;

export interface TcpFacts {
  conversation: Conversation;
  connection: TcpConnection;
  side: 0 | 1;
  forward: TcpDirection;
  segment: Segment;
  /** Of the sender's and the receiver's numbers; what is shown is relative to them. */
  base: number;
  ackBase: number;
  /** Shift of the sender's windows, or SCALE_*. */
  scale: number;
  completeness: number;
  /** Of a FIN: whether this side is the first to close. */
  closing: 'initiates' | 'undergoes' | undefined;
  sinceFirstNs: number;
  sinceLastNs: number;
  analysis: Analysis | undefined;
  /** The payload, or its end, belongs to a data unit that goes on in later segments. */
  partial?: boolean;
  /** Info of the unit that begins here. */
  partialInfo?: string;
  /** Parts of this segment that belong to a unit over several. */
  pieces?: { at: number; length: number }[];
  /** Segments that the data unit which ends here was put together from, this one included. */
  segments?: readonly { number: number; length: number }[];
}

export const tcpFacts = (layer: Layer) => layer.facts as TcpFacts | undefined;

/** @param length of the payload on the wire. Undefined without state, in quotations and in fragments. */
export function makeTcpFacts(d: Dissection, layer: Layer, header: number, length: number): TcpFacts | undefined {
  const { context, bytes } = d;
  const under = context && !layer.quotedBy ? carrier(layer) : undefined;
  if (!context || !under) return undefined;
  const at = layer.start;
  const flags = bytes[at + 13]!;
  const optionsEnd = Math.min(at + header, d.capturedEnd(layer));
  const segment: Segment = {
    number: context.number,
    timeNs: context.timeNs,
    seq: u32(bytes, at + 4),
    ack: u32(bytes, at + 8),
    length,
    flags,
    window: u16(bytes, at + 14),
    scaleOption: flags & SYN ? scaleOption(bytes, at + HEADER, optionsEnd) : undefined,
    sacked: header > HEADER && flags & ACK ? sackedBytes(bytes, at + HEADER, optionsEnd) : 0,
    optionsCut: optionsEnd < at + header,
  };
  const to = under.routing && finalDestination(bytes, under.routing);
  const { tcp } = context.state;
  let conversation = tcp.seek(bytes, under.network, at, to);
  const side = tcp.forward ? 0 : 1;
  let reused = false;
  const base = conversation?.connection?.sides[side].base;
  if (conversation && (flags & (SYN | ACK)) === SYN && base !== undefined && base !== segment.seq) {
    conversation = undefined;
    reused = true;
  }
  conversation ??= tcp.begin(context.number, context.timeNs);
  context.state.join(conversation);
  conversation.connection ??= new TcpConnection();
  const { connection } = conversation;
  const completeness = reused ? 1 : connection.completeness;
  let analysis = connection.see(segment, side);
  if (reused) {
    analysis ??= new Analysis();
    analysis.flags |= A.reusedPorts;
  }
  const direction = connection.sides[side];
  const facts: TcpFacts = {
    conversation,
    connection,
    side,
    forward: direction,
    segment,
    base: direction.base ?? 0,
    ackBase: connection.sides[1 - side]!.base ?? 0,
    scale: flags & SYN ? SCALE_UNKNOWN : direction.scale,
    completeness,
    closing: flags & FIN ? (connection.closer === side ? 'initiates' : 'undergoes') : undefined,
    sinceFirstNs: context.timeNs - conversation.firstNs,
    sinceLastNs: context.timeNs - conversation.lastNs,
    analysis,
  };
  conversation.lastNs = context.timeNs;
  return facts;
}

/** Sequence number after this segment. */
export function nextSequence({ seq, length, flags }: Segment): number {
  return (seq + length + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0)) >>> 0;
}

/** Offset of the first option of this kind; undefined where there is none. */
function optionAt(bytes: Uint8Array, start: number, end: number, wanted: number): number | undefined {
  for (let at = start; at < end; ) {
    const kind = bytes[at]!;
    if (kind === 0) return undefined;
    const length = kind === 1 ? 1 : bytes[at + 1]!;
    if (!(length > 0) || at + length > end) return undefined;
    if (kind === wanted) return at;
    at += length;
  }
  return undefined;
}

export function scaleOption(bytes: Uint8Array, start: number, end: number): number | undefined {
  const at = optionAt(bytes, start, end, WSCALE);
  return at !== undefined && bytes[at + 1] === 3 ? bytes[at + 2] : undefined;
}

/** Bytes in the blocks of a selective acknowledgement (RFC 2018). */
export function sackedBytes(bytes: Uint8Array, start: number, end: number): number {
  const at = optionAt(bytes, start, end, SACK);
  if (at === undefined) return 0;
  let sum = 0;
  for (let edge = at + 2; edge + 8 <= at + bytes[at + 1]!; edge += 8)
    sum += Math.max(0, after(u32(bytes, edge + 4), u32(bytes, edge)));
  return sum;
}
