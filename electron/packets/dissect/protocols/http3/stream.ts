/**
 * A stream of HTTP/3 (RFC 9114): its bytes in order → the type that it begins with, frames, QPACK's instructions. Frames are looked at when they are whole;
 * of a very large body what a packet brings is shown and not kept.
 */
import type { DataSource, Dissection, Layer } from '../../dissection.ts';
import { type Budget, budgetOf, Pending, source } from '../../tcp-payload.ts';
import { type Body, copyBody, keepBody, type Piece } from '../http2/connection.ts';
import type { FreshBytes, QuicStream, StreamMemo, StreamPlace, StreamUnit } from '../quic/streams.ts';
import { varint } from '../quic/varint.ts';
import { CONTROL, DATA, DECODER, ENCODER, HEADERS, PUSH, PUSH_PROMISE, SETTINGS } from './fields.ts';
import { type FieldSection, QpackTable } from './qpack.ts';

/** A frame that is longer is shown as it comes. */
const MAX_FRAME = 1 << 20;
const MAX_ELEMENTS = 500;

export interface Element {
  kind: 'type' | 'push' | 'frame' | 'more' | 'encoder' | 'decoder' | 'unknown';
  at: number;
  end: number;
  /** Of a stream or a frame. */
  type: number;
  /** Of a frame: where its length and its payload are. */
  lengthAt: number;
  payload: number;
  length: number;
  section?: FieldSection;
}

export interface Http3Facts {
  stream: number;
  elements: Element[];
  /** The body that ends here, and where it came from when not from one frame. */
  body?: { contentType: string; encoding: string | undefined; at: number; end: number; source: DataSource };
  pieces?: readonly Piece[];
}

export class Http3Connection {
  /** What each side's encoder has told. */
  tables: readonly [QpackTable, QpackTable] = [new QpackTable(), new QpackTable()];

  copy(): Http3Connection {
    const copy = new Http3Connection();
    copy.tables = [this.tables[0].copy(), this.tables[1].copy()];
    return copy;
  }
}

/** One direction of a stream. */
class Http3Stream implements StreamMemo {
  readonly pending: Pending;
  /** Type of a stream of one direction; undefined until it has come. Requests have none. */
  type: number | undefined;
  /** Of a push stream. */
  pushId: number | undefined;
  /** Bytes of a large frame that are to come. */
  more = 0;
  /** It cannot be read any more. */
  lost = false;
  body: Body = { contentType: undefined, encoding: undefined, pieces: undefined, given: false };

  constructor(pending: Pending) {
    this.pending = pending;
  }

  copy(budget: Budget): Http3Stream {
    const copy = new Http3Stream(this.pending.copy(budget));
    copy.type = this.type;
    copy.pushId = this.pushId;
    copy.more = this.more;
    copy.lost = this.lost || copy.pending.length !== this.pending.length;
    copy.body = copyBody(this.body, budget);
    return copy;
  }

  forget(): void {
    this.pending.clear();
    this.body.pieces?.clear();
  }
}

/** Client and server open streams of both directions or of one (RFC 9000 §2.1). */
const isOneWay = (id: number) => id % 4 >= 2;

export function takeStream(place: StreamPlace, stream: QuicStream, fresh: FreshBytes): StreamUnit | undefined {
  const { d, layer, side } = place;
  stream.memo ??= new Http3Stream(new Pending(budgetOf(d)));
  const of = stream.memo as Http3Stream;
  if (of.lost || (fresh.parts.length === 0 && !stream.ended)) return undefined;
  const lies = gather(d, layer, of, fresh);
  if (!lies) return undefined;
  const connection = place.own(() => new Http3Connection());
  const facts: Http3Facts = { stream: stream.id, elements: [] };
  const used = read(connection, of, stream.id, side, lies, facts);
  keepRest(of, lies, used);
  bodies(d, layer, of, lies.source, facts, stream.ended);
  if (facts.elements.length === 0 && !facts.body) return undefined;
  return { source: lies.source, start: lies.at, end: used, stream: stream.id, side, facts };
}

interface Lies {
  source: DataSource;
  at: number;
  end: number;
}

/** What can be read now. Undefined while the frame that waits is known not to be whole. */
function gather(d: Dissection, layer: Layer, of: Http3Stream, { parts, plain, at }: FreshBytes): Lies | undefined {
  const { pending } = of;
  const [first] = parts;
  if (pending.length === 0) {
    if (!first) return { source: plain, at, end: at };
    if (parts.length === 1 && first.buffer === plain.bytes.buffer) {
      const from = first.byteOffset - plain.bytes.byteOffset;
      return { source: plain, at: from, end: from + first.length };
    }
  }
  for (const part of parts) {
    if (!pending.takes(part.length)) {
      pending.clear();
      of.lost = true;
      return undefined;
    }
    pending.add(part);
  }
  if (pending.size > pending.length) return undefined;
  const from = source(d, layer.start, pending.bytes, 'Reassembled QUIC stream');
  pending.clear();
  return { source: from, at: from.prefix, end: from.bytes.length };
}

function keepRest(of: Http3Stream, { source: from, end }: Lies, used: number): void {
  if (used >= end) return;
  const rest = from.bytes.subarray(used, end);
  if (of.pending.takes(rest.length)) of.pending.add(rest);
  else of.lost = true;
  of.pending.size = frameSize(rest, of);
}

/** Bytes that the frame at the beginning has; 0 = not known yet. */
function frameSize(bytes: Uint8Array, of: Http3Stream): number {
  if (of.type !== undefined && of.type !== CONTROL && of.type !== PUSH) return 0;
  const type = varint(bytes, 0, bytes.length);
  const length = type && varint(bytes, type.length, bytes.length);
  return length ? type.length + length.length + length.value : 0;
}

/** Elements from `at` on, as far as they are whole; returns where they end. */
function read(
  connection: Http3Connection,
  of: Http3Stream,
  id: number,
  side: 0 | 1,
  { source: { bytes }, at: start, end }: Lies,
  { elements }: Http3Facts,
): number {
  let at = start;
  const add = (kind: Element['kind'], stop: number, type: number): void => {
    elements.push({ kind, at, end: stop, type, lengthAt: at, payload: at, length: stop - at });
    at = stop;
  };
  if (isOneWay(id) && of.type === undefined) {
    const type = varint(bytes, at, end);
    if (!type) return at;
    of.type = type.value;
    add('type', at + type.length, type.value);
  }
  if (of.type === PUSH && of.pushId === undefined) {
    const push = varint(bytes, at, end);
    if (!push) return at;
    of.pushId = push.value;
    add('push', at + push.length, push.value);
  }
  const framed = of.type === undefined || of.type === CONTROL || of.type === PUSH;
  if (!framed) {
    if (at === end) return at;
    const kind = of.type === ENCODER ? 'encoder' : of.type === DECODER ? 'decoder' : 'unknown';
    const size = of.type === ENCODER ? connection.tables[side].instructions(bytes.subarray(at, end)) : end - at;
    if (size > 0) add(kind, at + size, of.type!);
    return at;
  }
  while (at < end && elements.length < MAX_ELEMENTS) {
    if (of.more > 0) {
      const size = Math.min(of.more, end - at);
      of.more -= size;
      add('more', at + size, DATA);
      continue;
    }
    const element = frame(bytes, at, end, of);
    if (!element) break;
    elements.push(element);
    understand(connection, of, side, bytes, element);
    at = element.end;
  }
  return elements.length < MAX_ELEMENTS ? at : end;
}

function frame(bytes: Uint8Array, at: number, end: number, of: Http3Stream): Element | undefined {
  const type = varint(bytes, at, end);
  const length = type && varint(bytes, at + type.length, end);
  if (!length) return undefined;
  const lengthAt = at + type.length;
  const payload = lengthAt + length.length;
  let stop = payload + length.value;
  if (stop > end) {
    if (length.value <= MAX_FRAME) return undefined;
    of.more = stop - end;
    of.body.given = true;
    stop = end;
  }
  return { kind: 'frame', at, end: stop, type: type.value, lengthAt, payload, length: length.value };
}

/** What a frame says for those after it. */
function understand(
  connection: Http3Connection,
  of: Http3Stream,
  side: 0 | 1,
  bytes: Uint8Array,
  element: Element,
): void {
  const { type, payload, end } = element;
  if (type === SETTINGS) {
    for (const { id, value } of settings(bytes, payload, end))
      if (id === 1) connection.tables[1 - side]!.maxCapacity = value;
    return;
  }
  if (type !== HEADERS && type !== PUSH_PROMISE) return;
  const push = type === PUSH_PROMISE ? varint(bytes, payload, end)?.length : 0;
  if (push === undefined) return;
  element.section = connection.tables[side].decode(bytes.subarray(payload + push, end));
  if (type !== HEADERS) return;
  const value = (name: string) => element.section!.fields.find((field) => field.name === name)?.value;
  of.body.contentType = value('content-type') ?? of.body.contentType;
  of.body.encoding = value('content-encoding')?.toLowerCase() ?? of.body.encoding;
}

export function* settings(bytes: Uint8Array, start: number, end: number) {
  for (let at = start; at < end; ) {
    const id = varint(bytes, at, end);
    const value = id && varint(bytes, at + id.length, end);
    if (!value) return;
    yield { at, idLength: id.length, id: id.value, valueLength: value.length, value: value.value };
    at += id.length + value.length;
  }
}

/** Parts of a body wait until the stream ends. */
function bodies(
  d: Dissection,
  layer: Layer,
  of: Http3Stream,
  from: DataSource,
  facts: Http3Facts,
  ended: boolean,
): void {
  const { body } = of;
  const parts = facts.elements.filter(
    ({ kind, type, payload, end }) => kind === 'frame' && type === DATA && end > payload,
  );
  if (body.given || (of.type !== undefined && of.type !== PUSH)) {
    body.pieces?.clear();
    return;
  }
  const [only] = parts;
  const { contentType = '', encoding } = body;
  if (ended && only && parts.length === 1 && !body.pieces) {
    facts.body = { contentType, encoding, at: only.payload, end: only.end, source: from };
    return;
  }
  for (const { payload, end } of parts) if (!keepBody(d, body, from.bytes.subarray(payload, end))) return;
  if (!ended || !body.pieces || body.pieces.length === 0) return;
  facts.pieces = body.pieces.segments;
  const whole = source(d, layer.start, body.pieces.bytes, 'Reassembled body');
  facts.body = { contentType, encoding, at: whole.prefix, end: whole.bytes.length, source: whole };
  body.pieces.clear();
}
