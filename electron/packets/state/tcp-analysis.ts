/**
 * What a TCP segment means beside those before it: relative numbers, what repeats, what was lost, what it acknowledges. The rules and their order
 * are those that the Wireshark User's Guide describes under "TCP Analysis", so that tcp.analysis.* means here what it means there.
 */
export const A = {
  retransmission: 1 << 0,
  fastRetransmission: 1 << 1,
  spuriousRetransmission: 1 << 2,
  outOfOrder: 1 << 3,
  lostSegment: 1 << 4,
  ackLostSegment: 1 << 5,
  duplicateAck: 1 << 6,
  keepAlive: 1 << 7,
  keepAliveAck: 1 << 8,
  zeroWindow: 1 << 9,
  zeroWindowProbe: 1 << 10,
  zeroWindowProbeAck: 1 << 11,
  windowUpdate: 1 << 12,
  windowFull: 1 << 13,
  reusedPorts: 1 << 14,
} as const;

const FIN = 1;
const SYN = 2;
const RST = 4;
const PSH = 8;
const ACK = 16;
/** Without acknowledgements in the capture there is no end to what waits for one. */
const MAX_UNACKED = 10_000;
const FAST_NS = 20_000_000;
const REORDER_NS = 3_000_000;
export const SCALE_UNKNOWN = -1;
export const SCALE_NONE = -2;

/**
 * Segments without an acknowledgement yet, five numbers each, one behind the other: frame, sequence number, the next one, the end of the data (without
 * the number that SYN and FIN take), time.
 */
const STRIDE = 5;
const [NUMBER, SEQ, NEXT, END, TIME] = [0, 1, 2, 3, 4] as const;
/** Numbers of an array that is kept when nothing waits. */
const MOST_KEPT = 64 * STRIDE;

/** One direction. Numbers are those on the wire (32 bits, wrapping) as signed ones, which take no memory of their own; `base` as on the wire. */
export class TcpDirection {
  base: number | undefined;
  nextSeq: number | undefined;
  nextSeqNumber = 0;
  nextSeqNs = 0;
  /** End of what was seen without a hole. */
  maxToBeAcked: number | undefined;
  lastAck = 0;
  lastAckNs = 0;
  lastNonDupAck = 0;
  dupAcks = 0;
  window: number | undefined;
  /** Of `window`: those of a SYN are not scaled. */
  windowShift = 0;
  scale = SCALE_UNKNOWN;
  lastFlags = 0;
  inFlightKnown = false;
  pushBytes = 0;
  pushed = false;
  unacked: number[] = [];
  /** Numbers of it that count: an array that shrinks and grows all the time is made anew each time. */
  waiting = 0;
  /** Bytes beyond the last acknowledgement that the other side said it has. */
  sacked = 0;
}

export interface Segment {
  number: number;
  timeNs: number;
  seq: number;
  ack: number;
  /** Payload bytes on the wire. */
  length: number;
  /** The lower 8 flag bits. */
  flags: number;
  /** Unscaled. */
  window: number;
  /** Shift from the window scale option of a SYN; undefined without the option. */
  scaleOption: number | undefined;
  /** The capture has not all options. */
  optionsCut?: boolean;
  /** Bytes in the selective acknowledgement blocks. */
  sacked: number;
}

/** Frame numbers and ns; undefined where it does not apply. */
export class Analysis {
  /** Nobody asks for more than the flags and what a repeated acknowledgement repeats. */
  readonly flagsOnly: boolean;
  flags = 0;
  dupAckNumber: number | undefined = undefined;
  dupAckFrame: number | undefined = undefined;
  acksFrame: number | undefined = undefined;
  ackRttNs: number | undefined = undefined;
  initialRttNs: number | undefined = undefined;
  bytesInFlight: number | undefined = undefined;
  pushBytes: number | undefined = undefined;
  rtoNs: number | undefined = undefined;
  rtoFrame: number | undefined = undefined;

  constructor(flagsOnly = false) {
    this.flagsOnly = flagsOnly;
  }
}

/** Distance from b to a over the wrap; negative when a is before b. */
export const after = (a: number, b: number): number => (a - b) | 0;

export class TcpConnection {
  readonly sides: readonly [TcpDirection, TcpDirection] = [new TcpDirection(), new TcpDirection()];
  /** tcp.completeness. As Wireshark shows it, a packet has what was complete before it. */
  completeness = 0;
  /** The side that sent the first FIN. */
  closer: 0 | 1 | undefined;
  #synNs: number | undefined;
  /** From SYN to the last ACK of the handshake. */
  initialRttNs: number | undefined;

  /**
   * @param side 0: the smaller end sends
   * @param found takes what is worth saying; its flags are 0. Returns undefined where nothing is.
   */
  see(segment: Segment, side: 0 | 1, found = new Analysis()): Analysis | undefined {
    const fwd = this.sides[side];
    const rev = this.sides[1 - side]!;
    this.#bases(segment, fwd, rev);
    this.#scales(segment, fwd, rev);
    this.#handshake(segment);
    if (segment.flags & FIN) this.closer ??= side;
    return analyze(segment, fwd, rev, this, found);
  }

  #bases({ seq, ack, flags }: Segment, fwd: TcpDirection, rev: TcpDirection): void {
    // A capture that begins in the middle shows 1 first.
    fwd.base ??= flags & SYN ? seq : (seq - 1) >>> 0;
    if (flags & ACK) rev.base ??= (ack - 1) >>> 0;
  }

  #scales({ flags, scaleOption, optionsCut }: Segment, fwd: TcpDirection, rev: TcpDirection): void {
    if (!(flags & SYN) || (optionsCut && scaleOption === undefined)) return;
    if (scaleOption !== undefined) fwd.scale = Math.min(scaleOption, 14);
    // RFC 7323: only if both offered it.
    if (scaleOption === undefined || (flags & ACK && rev.scale < 0)) {
      fwd.scale = SCALE_NONE;
      rev.scale = SCALE_NONE;
    }
  }

  #handshake({ flags, length, timeNs }: Segment): void {
    const kind = flags & (SYN | ACK);
    if (kind === SYN) {
      this.completeness |= 1;
      this.#synNs = timeNs;
    } else if (kind === (SYN | ACK)) this.completeness |= 2;
    else if (kind === ACK) {
      if (length === 0 && !(flags & (FIN | RST))) this.completeness |= 4;
      if (this.#synNs !== undefined) this.initialRttNs ??= timeNs - this.#synNs;
    }
    if (length > 0) this.completeness |= 8;
    if ((flags & (FIN | ACK)) === (FIN | ACK)) this.completeness |= 16;
    if (flags & RST) this.completeness |= 32;
  }
}

function analyze(
  s: Segment,
  fwd: TcpDirection,
  rev: TcpDirection,
  connection: TcpConnection,
  found: Analysis,
): Analysis | undefined {
  const { length, flags, window, timeNs, number } = s;
  const seq = s.seq | 0;
  const ack = s.ack | 0;
  const plain = (flags & (SYN | FIN | RST)) === 0;
  if (flags & ACK) rev.inFlightKnown = true;
  const expected = fwd.nextSeq;
  const atExpected = expected !== undefined && seq === expected;
  if (length === 1 && atExpected && rev.window === 0) found.flags |= A.zeroWindowProbe;
  else {
    if (window === 0 && plain) found.flags |= A.zeroWindow;
    if (expected !== undefined && after(seq, expected) > 0 && !(flags & RST)) {
      found.flags |= A.lostSegment;
      fwd.inFlightKnown = false;
    }
    if (length <= 1 && expected !== undefined && seq === ((expected - 1) | 0) && plain) found.flags |= A.keepAlive;
    const silent = length === 0 && plain && atExpected && ack === fwd.lastAck;
    if (silent && window !== 0 && window !== fwd.window) found.flags |= A.windowUpdate;
    const limit = rev.window === undefined ? 0 : rev.window << rev.windowShift;
    if (
      length > 0 &&
      plain &&
      rev.scale !== SCALE_UNKNOWN &&
      rev.window !== undefined &&
      ((seq + length) | 0) === ((rev.lastAck + limit) | 0)
    )
      found.flags |= A.windowFull;
    const same = window === fwd.window;
    if (silent && window !== 0 && same && rev.lastFlags & A.keepAlive) found.flags |= A.keepAliveAck;
    else if (
      length === 0 &&
      plain &&
      window === 0 &&
      same &&
      atExpected &&
      (ack === fwd.lastAck || ack === ((fwd.lastAck + 1) | 0)) &&
      rev.lastFlags & A.zeroWindowProbe
    )
      found.flags |= A.zeroWindowProbeAck;
    else if (silent && window !== 0 && same) {
      found.flags |= A.duplicateAck;
      found.dupAckNumber = ++fwd.dupAcks;
      found.dupAckFrame = fwd.lastNonDupAck;
    }
  }
  if (ack !== fwd.lastAck || !(flags & ACK) || fwd.lastNonDupAck === 0) {
    fwd.lastNonDupAck = number;
    if (!(found.flags & A.duplicateAck)) fwd.dupAcks = 0;
  }
  if (rev.maxToBeAcked !== undefined && flags & ACK && after(ack, rev.maxToBeAcked) > 0) {
    found.flags |= A.ackLostSegment;
    rev.maxToBeAcked = undefined;
  }
  if (length > 0 || flags & (SYN | FIN)) classify(s, fwd, rev, connection, found);
  advance(s, fwd, found);
  if (flags & ACK) {
    acknowledge(s, rev, found);
    rev.sacked = s.sacked;
  }
  inFlight(s, fwd, found);
  fwd.window = window;
  fwd.windowShift = flags & SYN ? 0 : Math.max(0, fwd.scale);
  fwd.lastAck = ack;
  fwd.lastAckNs = timeNs;
  fwd.lastFlags = found.flags;
  const { acksFrame, bytesInFlight, pushBytes } = found;
  if (found.flags === 0 && acksFrame === undefined && bytesInFlight === undefined && pushBytes === undefined)
    return undefined;
  if (connection.initialRttNs !== undefined && !found.flagsOnly) found.initialRttNs = connection.initialRttNs;
  return found;
}

/** A segment that does not go on where the last one ended: sent again, or overtaken on its way. */
function classify(s: Segment, fwd: TcpDirection, rev: TcpDirection, connection: TcpConnection, found: Analysis): void {
  const { length, timeNs } = s;
  const seq = s.seq | 0;
  const back = fwd.nextSeq !== undefined && after(seq, fwd.nextSeq) < 0;
  if (back && found.flags & A.keepAlive) return;
  if (back && rev.dupAcks >= 2 && rev.lastAck === seq && timeNs - rev.lastAckNs < FAST_NS) {
    found.flags |= A.fastRetransmission | A.retransmission;
    return;
  }
  const end = (seq + length) | 0;
  if (length > 0 && rev.lastAck !== 0 && after(end, rev.lastAck) <= 0) {
    found.flags |= A.spuriousRetransmission | A.retransmission;
    return;
  }
  const threshold = connection.initialRttNs || REORDER_NS;
  if (back && timeNs - fwd.nextSeqNs < threshold && fwd.nextSeq !== end) {
    found.flags |= A.outOfOrder;
    return;
  }
  if (!back) return;
  found.flags |= A.retransmission;
  if (found.flagsOnly) return;
  const { unacked, waiting } = fwd;
  let first = 0;
  // Since the oldest that still waits, up to this one: that timer ran out.
  while (first < waiting && after(unacked[first + SEQ]!, seq) > 0) first += STRIDE;
  const known = first < waiting;
  found.rtoNs = timeNs - (known ? unacked[first + TIME]! : fwd.nextSeqNs);
  found.rtoFrame = known ? unacked[first + NUMBER]! : fwd.nextSeqNumber;
}

function advance(s: Segment, fwd: TcpDirection, found: Analysis): void {
  const { length, flags, number, timeNs } = s;
  const seq = s.seq | 0;
  const end = (seq + length) | 0;
  let next = end;
  if (length > 0 || flags & (SYN | FIN)) {
    if (flags & (SYN | FIN)) next = (next + 1) | 0;
    if (fwd.waiting < MAX_UNACKED * STRIDE) wait(fwd, number, seq, next, end, timeNs);
  }
  if (found.flags & A.zeroWindowProbe) return;
  if (fwd.nextSeq === undefined || after(next, fwd.nextSeq) > 0) {
    fwd.nextSeq = next;
    fwd.nextSeqNumber = number;
    fwd.nextSeqNs = timeNs;
  }
  if (fwd.maxToBeAcked === undefined || seq === fwd.maxToBeAcked) fwd.maxToBeAcked = fwd.nextSeq;
}

function wait(fwd: TcpDirection, number: number, seq: number, next: number, end: number, timeNs: number): void {
  const { unacked, waiting } = fwd;
  if (waiting === unacked.length) unacked.push(number, seq, next, end, timeNs);
  else {
    unacked[waiting + NUMBER] = number;
    unacked[waiting + SEQ] = seq;
    unacked[waiting + NEXT] = next;
    unacked[waiting + END] = end;
    unacked[waiting + TIME] = timeNs;
  }
  fwd.waiting += STRIDE;
}

function acknowledge(s: Segment, rev: TcpDirection, found: Analysis): void {
  if (rev.waiting === 0) return;
  const { unacked, waiting } = rev;
  const { timeNs } = s;
  const ack = s.ack | 0;
  let isFirst = !found.flagsOnly;
  let kept = 0;
  for (let i = 0; i < waiting; i += STRIDE) {
    const next = unacked[i + NEXT]!;
    if (next === ack) {
      if (!isFirst) continue; // sent again meanwhile: the first one counts
      isFirst = false;
      found.acksFrame = unacked[i + NUMBER];
      const sinceNs = timeNs - unacked[i + TIME]!;
      if (sinceNs > 0) found.ackRttNs = sinceNs;
    } else if (after(ack, next) < 0) {
      if (after(ack, unacked[i + SEQ]!) > 0) unacked[i + SEQ] = ack;
      if (kept < i) unacked.copyWithin(kept, i, i + STRIDE);
      kept += STRIDE;
    }
  }
  rev.waiting = kept;
  if (kept === 0 && unacked.length > MOST_KEPT) rev.unacked = [];
}

function inFlight({ length, flags }: Segment, fwd: TcpDirection, found: Analysis): void {
  if (length === 0 || fwd.waiting === 0 || !fwd.inFlightKnown) return;
  if (fwd.pushed) fwd.pushBytes = 0;
  fwd.pushBytes += length;
  fwd.pushed = (flags & PSH) !== 0;
  if (found.flagsOnly) return;
  found.pushBytes = fwd.pushBytes;
  const { unacked, waiting } = fwd;
  let first = unacked[SEQ]!;
  let last = unacked[END]!;
  for (let i = STRIDE; i < waiting; i += STRIDE) {
    if (after(unacked[i + SEQ]!, first) < 0) first = unacked[i + SEQ]!;
    if (after(unacked[i + END]!, last) > 0) last = unacked[i + END]!;
  }
  const outstanding = after(last, first);
  const bytes = outstanding > fwd.sacked ? outstanding - fwd.sacked : outstanding;
  if (bytes > 0 && bytes < 2_000_000_000) found.bytesInFlight = bytes;
}
