/**
 * TCP payload → data units of the protocol above: several in a segment, or one over several segments. Segments that repeat or overtake are not
 * looked into; after a hole the next segment is taken to begin a data unit. What is kept of an unfinished unit is bounded.
 */
import type { CaptureState } from '../state/capture-state.ts';
import type { Conversation } from '../state/conversations.ts';
import { A, after, type Segment } from '../state/tcp-analysis.ts';
import type { DataSource, Dissection, Layer, Protocol } from './dissection.ts';
import { nextSequence, type TcpFacts } from './protocols/tcp-facts.ts';

const MAX_PENDING = 16 << 20;
/** Of all connections together: beyond it nothing new is waited for. */
const MAX_PENDING_IN_ALL = 192 << 20;
const FIN = 1;
/** Of segments that are not looked into. */
export const REPEATED = A.retransmission | A.fastRetransmission | A.spuriousRetransmission | A.outOfOrder;

/** Of a unit whose conversation is entered in its middle. */
const MAX_COPIED = 1 << 16;

/** Headers of nearly all frames fit. */
const FRONT = 128;
const NO_MEMORY = new Uint8Array(0);

/** Bytes that all unfinished data units of a capture hold. */
export class Budget {
  held = 0;
}

/** An unfinished data unit of one direction. */
export class Pending {
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** Sequence number that must come next. */
  expected = 0;
  protocol: Protocol | undefined;
  /** Room for a frame's headers in front, so that the whole unit can become a DataSource as it is. */
  #memory = NO_MEMORY;
  #length = 0;
  /** Of a unit that is passed over: its first bytes, the only ones that are kept. */
  #head: Uint8Array | undefined;
  segments: { number: number; length: number }[] = [];
  /** Bytes that the unit has in all; 0 = not known yet. */
  size = 0;
  /** What the protocol remembers between two looks at the same unit. */
  memo: PduMemo = {};

  get length(): number {
    return this.#length;
  }
  /** Whether `bytes` more may be kept. */
  takes(bytes: number): boolean {
    const grown = this.#length + bytes;
    return grown <= MAX_PENDING && this.#budget.held + grown <= MAX_PENDING_IN_ALL;
  }
  get bytes(): Uint8Array {
    this.#fill();
    return this.#memory.subarray(FRONT, FRONT + this.#length);
  }
  /** The first of them, at least those that `passOver` was told to keep. */
  get head(): Uint8Array {
    return this.#head ?? this.bytes;
  }

  add(bytes: Uint8Array): void {
    this.#fill();
    const grown = this.#length + bytes.length;
    if (FRONT + grown > this.#memory.length) this.#grow(grown);
    this.#memory.set(bytes, FRONT + this.#length);
    this.#length = grown;
  }

  /** What was passed over reads as zeros. */
  #fill(): void {
    const head = this.#head;
    if (!head) return;
    this.#head = undefined;
    this.#grow(this.#length);
    this.#memory.set(head, FRONT);
  }

  /** The size that is known is taken at its word up to 64 KiB; beyond it memory follows the bytes that came. */
  #grow(needed: number): void {
    const stated = this.size > 0 && this.size <= 65_536 ? this.size : 0;
    const larger = new Uint8Array(FRONT + Math.max(512, stated, stated > 0 ? needed : 2 * needed));
    this.#budget.held += larger.length - this.#memory.length;
    larger.set(this.#memory.subarray(0, FRONT + this.#length));
    this.#memory = larger;
  }

  /** The first `size` bytes behind a frame's headers, as a source. They are not this one's any more. */
  take(d: Dissection, headers: number, size: number, name: string): DataSource {
    this.#fill();
    if (headers > FRONT) return source(d, headers, this.bytes.subarray(0, size), name);
    const bytes = this.#memory.subarray(FRONT - headers, FRONT + size);
    bytes.set(d.bytes.subarray(0, headers));
    return { name, bytes, prefix: headers };
  }

  /** A segment all of whose payload belongs to the unit. */
  goOn({ number, seq, length }: Segment, bytes: Uint8Array, at: number): void {
    this.expected = (seq + length) >>> 0;
    if (this.#head) this.#length += length;
    else {
      this.add(bytes.subarray(at, at + length));
      this.segments.push({ number, length });
    }
  }

  /**
   * A segment behind which the unit goes on that begins in its payload at `at`.
   * @param size of the unit, or PDU_MORE
   */
  beginIn(segment: Segment, size: number, bytes: Uint8Array, at: number, end: number): void {
    this.size = size;
    this.add(bytes.subarray(at, end));
    this.segments.push({ number: segment.number, length: end - at });
  }

  /** As `beginIn`, for a unit that nobody will look at behind its first `kept` bytes, nor ask in which segments it was. */
  passOver(size: number, bytes: Uint8Array, at: number, end: number, kept: number): void {
    this.size = size;
    this.#head = bytes.slice(at, at + kept);
    this.#length = end - at;
  }

  /** What is long is left out: the unit is then not put together. */
  copy(budget: Budget): Pending {
    const copy = new Pending(budget);
    copy.expected = this.expected;
    if (this.#length > MAX_COPIED) return copy;
    copy.protocol = this.protocol;
    if (this.#length > 0) copy.add(this.bytes);
    copy.segments = [...this.segments];
    copy.size = this.size;
    copy.memo = { ...this.memo };
    return copy;
  }

  clear(): void {
    this.#length = 0;
    this.#head = undefined;
    this.#budget.held -= this.#memory.length;
    this.#memory = NO_MEMORY;
    this.segments = [];
    this.size = 0;
    this.memo = {};
    this.protocol = undefined;
  }
}

/** Kept from one look at an unfinished data unit to the next: how far it was read. */
export interface PduMemo {
  at?: number;
  stage?: number;
  value?: unknown;
}

/** More is needed before the unit's size is known. */
export const PDU_MORE = 0;
/** The rest of the segment, whatever it is. */
export const PDU_REST = -1;
/** Until the sender closes the connection. */
export const PDU_UNTIL_FIN = Number.POSITIVE_INFINITY;

const PENDING = Symbol('pending');

export const budgetIn = (state: CaptureState): Budget => state.of(PENDING, () => new Budget());
export const budgetOf = ({ context }: Dissection): Budget => budgetIn(context!.state);

/** The unfinished data unit of one direction, or where it will be. */
export function pendingOf(state: CaptureState, conversation: Conversation, side: 0 | 1): Pending {
  conversation.units ??= [new Pending(budgetIn(state)), new Pending(budgetIn(state))];
  return conversation.units[side];
}

/** Whether a data unit of this side is unfinished. */
export const keepsUnit = ({ units }: Conversation, side: 0 | 1): boolean =>
  units !== undefined && units[side].length > 0;

/** The unfinished data unit in whose middle so many bytes lie: it is known to end after them. */
export function middleOf(
  { units }: Conversation,
  side: 0 | 1,
  protocol: Protocol,
  seq: number,
  length: number,
): Pending | undefined {
  const pending = units?.[side];
  if (!pending || pending.length === 0 || pending.protocol !== protocol || pending.expected !== seq) return undefined;
  return Number.isFinite(pending.size) && pending.length + length < pending.size && pending.takes(length)
    ? pending
    : undefined;
}

/** @returns what to walk next, as `walk` does. */
export function followPayload(
  d: Dissection,
  layer: Layer,
  protocol: Protocol,
  start: number,
  facts: TcpFacts | undefined,
): Protocol | undefined {
  const end = d.capturedEnd(layer);
  if (facts?.analysis && facts.analysis.flags & REPEATED) return undefined;
  if (!protocol.pdu || !facts || end < layer.end) {
    d.follow(start, layer.end);
    return protocol;
  }
  const pending = pendingOf(d.context!.state, facts.conversation, facts.side);
  const { segment } = facts;
  if (pending.length > 0 && after(segment.seq, pending.expected) !== 0) pending.clear();
  if (pending.protocol && pending.protocol !== protocol) pending.clear();
  pending.protocol = protocol;
  pending.expected = nextSequence(segment);
  const over = (segment.flags & FIN) !== 0;
  const queue = new Queue(d, layer, protocol);
  let at = start;
  if (pending.length > 0) at = continueUnit(d, layer, start, end, pending, over, facts, queue);
  while (at < end) {
    const size = sizeOf(protocol, d.bytes, at, end, pending, d, layer);
    if (size > end - at && over && size === PDU_UNTIL_FIN) queue.add(at, end);
    else if (size === PDU_MORE || size > end - at) {
      const said = protocol.partialInfo?.(d, at, end);
      if (said) facts.partialInfo = said;
      keep(pending, d.bytes.subarray(at, end), size, facts, at);
      break;
    } else queue.add(at, size < 0 ? end : at + size);
    if (size < 0 || size === PDU_UNTIL_FIN) break;
    pending.memo = {};
    at += size;
  }
  return queue.first;
}

/** A FIN without payload: what waited for the end of the connection is whole now. */
export function finishPayload(d: Dissection, layer: Layer, headers: number, facts: TcpFacts): undefined {
  const pending = pendingOf(d.context!.state, facts.conversation, facts.side);
  const { protocol } = pending;
  if (pending.length === 0 || !protocol || after(facts.segment.seq, pending.expected) !== 0) return;
  facts.segments = [...pending.segments, { number: facts.segment.number, length: 0 }];
  const from = pending.take(d, headers, pending.length, 'Reassembled TCP');
  pending.clear();
  d.also(protocol, layer, from.prefix, from.bytes.length, from);
}

function sizeOf(
  protocol: Protocol,
  bytes: Uint8Array,
  at: number,
  end: number,
  { memo }: Pending,
  d: Dissection,
  layer: Layer,
): number {
  const size = protocol.pdu!(bytes, at, end, memo, d, layer);
  return size > 0 || size === PDU_MORE || size === PDU_REST ? size : PDU_REST;
}

function keep(pending: Pending, bytes: Uint8Array, size: number, facts: TcpFacts, at: number): void {
  facts.partial = true;
  // Too much to wait for: what follows is taken as it comes.
  if (!pending.takes(bytes.length)) {
    pending.clear();
    return;
  }
  piece(facts, at, bytes.length);
  pending.size = size;
  pending.add(bytes);
  pending.segments.push({ number: facts.segment.number, length: bytes.length });
}

function piece(facts: TcpFacts, at: number, length: number): void {
  facts.pieces ??= [];
  facts.pieces.push({ at, length });
}

/** Adds this segment to the unit that earlier ones began. Returns where in the segment the next unit starts. */
function continueUnit(
  d: Dissection,
  layer: Layer,
  start: number,
  end: number,
  pending: Pending,
  over: boolean,
  facts: TcpFacts,
  queue: Queue,
): number {
  const before = pending.length;
  const known = pending.size > 0 && Number.isFinite(pending.size);
  const take = known ? Math.min(end - start, pending.size - before) : end - start;
  if (!pending.takes(take)) {
    pending.clear();
    return start;
  }
  pending.add(d.bytes.subarray(start, start + take));
  let size = pending.size;
  if (!known) size = sizeOf(queue.protocol, pending.bytes, 0, pending.length, pending, d, layer);
  if (size === PDU_REST || (over && size > pending.length)) size = pending.length;
  pending.size = size;
  if (size === PDU_MORE || size > pending.length) {
    facts.partial = true;
    piece(facts, start, take);
    pending.segments.push({ number: facts.segment.number, length: take });
    return end;
  }
  const used = size - before;
  piece(facts, start, used);
  pending.segments.push({ number: facts.segment.number, length: used });
  facts.segments = pending.segments;
  queue.addSource(pending.take(d, start, size, 'Reassembled TCP'));
  pending.segments = [];
  const { protocol } = pending;
  pending.clear();
  pending.protocol = protocol;
  return start + used;
}

/** A source that begins with the frame's headers up to `headers`. */
export function source(d: Dissection, headers: number, bytes: Uint8Array, name: string): DataSource {
  const joined = new Uint8Array(headers + bytes.length);
  joined.set(d.bytes.subarray(0, headers));
  joined.set(bytes, headers);
  return { name, bytes: joined, prefix: headers };
}

/** The first unit is what the walk goes on with; the others wait. */
class Queue {
  first: Protocol | undefined;
  readonly protocol: Protocol;
  readonly #d: Dissection;
  readonly #layer: Layer;

  constructor(d: Dissection, layer: Layer, protocol: Protocol) {
    this.#d = d;
    this.#layer = layer;
    this.protocol = protocol;
  }

  /** Set once a unit waits: those after it must too, to keep their order. */
  #waiting = false;

  add(start: number, end: number): void {
    if (this.first || this.#waiting) this.#d.also(this.protocol, this.#layer, start, end);
    else {
      this.#d.follow(start, end);
      this.first = this.protocol;
    }
  }

  addSource(from: DataSource): void {
    this.#waiting = true;
    this.#d.also(this.protocol, this.#layer, from.prefix, from.bytes.length, from);
  }
}
