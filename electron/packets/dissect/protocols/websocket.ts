/**
 * WebSocket (RFC 6455), after an HTTP/1 upgrade: a layer is one frame. Payloads are unmasked, messages put together from their frames and unpacked
 * (RFC 7692) when the upgrade agreed on that.
 */
import { type Conversation, own } from '../../state/conversations.ts';
import { COPY, type Copied } from '../../state/copied.ts';
import { u16, u64 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { DataSource, Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { inflateRaw } from '../platform.ts';
import { type Budget, budgetOf, PDU_MORE, PDU_REST, Pending, source } from '../tcp-payload.ts';
import { rest } from './data.ts';
import { textLines } from './http-body.ts';
import { tcpFacts } from './tcp-facts.ts';

const OPCODES: Readonly<Record<number, string>> = {
  0: 'Continuation',
  1: 'Text',
  2: 'Binary',
  8: 'Connection Close',
  9: 'Ping',
  10: 'Pong',
};
const [CONTINUATION, TEXT, CLOSE, PING, PONG] = [0, 1, 8, 9, 10];
const CLOSE_CODES: Readonly<Record<number, string>> = {
  1000: 'Normal Closure',
  1001: 'Going Away',
  1002: 'Protocol error',
  1003: 'Unsupported Data',
  1004: '---Reserved----',
  1005: 'No Status Rcvd',
  1006: 'Abnormal Closure',
  1007: 'Invalid frame payload data',
  1008: 'Policy Violation',
  1009: 'Message Too Big',
  1010: 'Mandatory Ext.',
  1011: 'Internal Server',
  1015: 'TLS handshake',
};
const TRUE: readonly [string, string] = ['True', 'False'];
const F = {
  fin: bit('websocket.fin', 'Fin', 0x80, 8, TRUE),
  reserved: f.x8('websocket.rsv', 'Reserved', { mask: 0x70, bits: 8 }),
  compressed: bit('websocket.pmc', 'Per-Message Compressed', 0x40, 8, TRUE),
  opcode: f.u8('websocket.opcode', 'Opcode', { mask: 0x0f, bits: 8, names: OPCODES }),
  mask: bit('websocket.mask', 'Mask', 0x80, 8, TRUE),
  length: f.u8('websocket.payload_length', 'Payload length', { mask: 0x7f, bits: 8 }),
  length16: f.u16('websocket.payload_length_ext_16', 'Extended Payload length (16 bits)'),
  length64: f.u64('websocket.payload_length_ext_64', 'Extended Payload length (64 bits)'),
  key: f.bytes('websocket.masking_key', 'Masking-Key'),
  masked: f.none('websocket.masked_payload', 'Masked payload'),
  payload: f.none('websocket.payload', 'Payload'),
  text: f.text('websocket.payload.text', 'Text'),
  close: f.none('websocket.payload.close', 'Close'),
  code: f.u16('websocket.payload.close.status_code', 'Status code', { names: CLOSE_CODES }),
  reason: f.text('websocket.payload.close.reason', 'Reason'),
  ping: f.bytes('websocket.payload.ping', 'Ping'),
  pong: f.bytes('websocket.payload.pong', 'Pong'),
  unknown: f.bytes('websocket.payload.unknown', 'Unknown'),
  fragments: f.none('websocket.fragments', 'Reassembled websocket Fragments'),
  fragment: f.u32('websocket.fragment', 'Websocket Fragment'),
  fragmentCount: f.u32('websocket.fragment.count', 'Fragment count'),
  reassembled: f.u32('websocket.reassembled.length', 'Reassembled websocket Payload length'),
} satisfies Record<string, Field>;

/** As far back as DEFLATE refers. */
const WINDOW = 1 << 15;

class WsSide {
  /** The message that is not whole, and what its first frame said of it. */
  pending: Pending | undefined;
  opcode = 0;
  compressed = false;
  /** The end of what was unpacked before. */
  window: Uint8Array = new Uint8Array(0);
  /** Each message is packed by itself. */
  alone = false;

  copy(budget: Budget): WsSide {
    return Object.assign(new WsSide(), this, { pending: this.pending?.copy(budget) });
  }
}

class WsState implements Copied {
  deflate = false;
  sides: readonly [WsSide, WsSide] = [new WsSide(), new WsSide()];

  [COPY](budget: Budget): WsState {
    const copy = new WsState();
    copy.deflate = this.deflate;
    copy.sides = [this.sides[0].copy(budget), this.sides[1].copy(budget)];
    return copy;
  }
}
const STATE = Symbol('websocket');
const stateOf = (conversation: Conversation): WsState => own(conversation, STATE, () => new WsState());

/** @param extensions what the server's upgrade says of them, @param server its direction */
export function beginWebSocket(conversation: Conversation, extensions: string, server: 0 | 1): void {
  const state = stateOf(conversation);
  state.deflate = /permessage-deflate/i.test(extensions);
  state.sides[server].alone = /server_no_context_takeover/i.test(extensions);
  state.sides[1 - server]!.alone = /client_no_context_takeover/i.test(extensions);
}

interface WsFacts {
  fin: boolean;
  opcode: number;
  masked: boolean;
  /** Of the payload as it is on the wire. */
  at: number;
  end: number;
  plain: DataSource | undefined;
  /** The message that ends here, where it is not this payload itself. */
  message: DataSource | undefined;
  /** What it is. */
  kind: number;
  pieces: readonly { number: number; length: number }[] | undefined;
  /** Its bytes before they were unpacked. */
  packedLength: number;
  /** Only its beginning, or compressed and not to be unpacked. */
  closed: boolean;
}
const factsOf = (layer: Layer) => layer.facts as WsFacts;

function head(bytes: Uint8Array, at: number, end: number): { size: number; length: number } | undefined {
  if (at + 2 > end) return undefined;
  const short = bytes[at + 1]! & 0x7f;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  const size = 2 + extended + (bytes[at + 1]! & 0x80 ? 4 : 0);
  if (at + size > end) return undefined;
  const length = extended === 2 ? u16(bytes, at + 2) : extended === 8 ? Number(u64(bytes, at + 2)) : short;
  return { size, length };
}

export const websocket: Protocol = protocol({
  name: 'websocket',
  column: 'WebSocket',
  title: 'WebSocket',
  tint: 'http',
  decodeAs: ['tcp.port'],
  fields: F,

  pdu(bytes, at, end) {
    const found = head(bytes, at, end);
    if (!found) return PDU_MORE;
    return found.length < 2 ** 40 ? found.size + found.length : PDU_REST;
  },

  walk(d, layer) {
    const end = d.capturedEnd(layer);
    layer.headerLength = end - layer.start;
    const { bytes } = d;
    const found = head(bytes, layer.start, end);
    if (!found) {
      d.malformed(layer);
      return undefined;
    }
    const at = layer.start + found.size;
    const facts: WsFacts = {
      fin: (bytes[layer.start]! & 0x80) !== 0,
      opcode: bytes[layer.start]! & 0x0f,
      masked: (bytes[layer.start + 1]! & 0x80) !== 0,
      at,
      end: Math.min(end, at + found.length),
      plain: undefined,
      message: undefined,
      kind: bytes[layer.start]! & 0x0f,
      pieces: undefined,
      packedLength: 0,
      closed: false,
    };
    layer.facts = facts;
    if (facts.masked && facts.end > at) facts.plain = part(d, layer, unmasked(bytes, at, facts.end), 'Unmasked data');
    return facts.opcode < CLOSE! ? message(d, layer, facts) : undefined;
  },

  info(_d, layer) {
    if (!layer.facts) return 'WebSocket';
    const { fin, opcode, masked } = factsOf(layer);
    const name = OPCODES[opcode] ?? 'Unknown';
    return `WebSocket ${name}${fin ? ' [FIN]' : '[FRAGMENT] '} ${masked ? '[MASKED]' : ''}`;
  },

  emit(d, layer, out) {
    if (layer.facts) emitFrame(d, layer, factsOf(layer), out);
  },
});

function part(d: Dissection, layer: Layer, bytes: Uint8Array, name: string): DataSource {
  const made = source(d, layer.start, bytes, name);
  layer.parts ??= [];
  layer.parts.push(made);
  return made;
}

function unmasked(bytes: Uint8Array, at: number, end: number): Uint8Array {
  const plain = bytes.slice(at, end);
  for (let i = 0; i < plain.length; i++) plain[i]! ^= bytes[at - 4 + (i & 3)]!;
  return plain;
}

/** Where the layer's connection stands; undefined when packets are looked at alone. */
function sideOf(layer: Layer): { side: WsSide; deflate: boolean } | undefined {
  for (let below = layer.below; below; below = below.below) {
    if (below.protocol.name !== 'tcp') continue;
    const facts = tcpFacts(below);
    const state = facts && stateOf(facts.conversation);
    return state && { side: state.sides[facts.side], deflate: state.deflate };
  }
  return undefined;
}

/** Data frames: a message that is whole goes on as what it is. */
function message(d: Dissection, layer: Layer, facts: WsFacts): Protocol | undefined {
  const found = sideOf(layer);
  const own = facts.plain ? facts.plain.bytes.subarray(facts.plain.prefix) : d.bytes.subarray(facts.at, facts.end);
  if (!found || !d.context) return facts.fin && facts.opcode !== CONTINUATION ? above(d, layer, facts) : undefined;
  const { side, deflate } = found;
  if (facts.opcode !== CONTINUATION) {
    side.pending?.clear();
    side.opcode = facts.opcode;
    side.compressed = deflate && (d.bytes[layer.start]! & 0x40) !== 0;
  }
  facts.kind = side.opcode;
  side.pending ??= new Pending(budgetOf(d));
  const { pending } = side;
  const first = pending.length === 0;
  if (!facts.fin || !first) {
    if (!pending.takes(own.length)) {
      pending.clear();
      facts.closed = true;
      return undefined;
    }
    pending.add(own);
    pending.segments.push({ number: d.context.number, length: own.length });
  }
  if (!facts.fin) {
    facts.closed = true;
    return undefined;
  }
  let bytes = own;
  if (!first) {
    facts.pieces = pending.segments;
    bytes = pending.bytes;
    if (!side.compressed) facts.message = part(d, layer, bytes, 'Reassembled websocket');
  }
  facts.packedLength = bytes.length;
  if (side.compressed && !unpack(d, layer, facts, side, bytes)) facts.closed = true;
  pending.clear();
  return facts.closed ? undefined : above(d, layer, facts);
}

function unpack(d: Dissection, layer: Layer, facts: WsFacts, side: WsSide, bytes: Uint8Array): boolean {
  const packed = new Uint8Array(bytes.length + 4);
  packed.set(bytes);
  packed.set([0, 0, 0xff, 0xff], bytes.length);
  const plain = inflateRaw(packed, side.window);
  if (!plain) return false;
  if (!side.alone) {
    const before = side.window.subarray(Math.max(0, side.window.length + plain.length - WINDOW));
    const window = new Uint8Array(Math.min(WINDOW, before.length + plain.length));
    window.set(before);
    window.set(plain.subarray(Math.max(0, plain.length - WINDOW)), window.length - Math.min(plain.length, WINDOW));
    side.window = window;
  }
  facts.message = part(d, layer, plain, 'Decompressed payload');
  return true;
}

function above(d: Dissection, _layer: Layer, facts: WsFacts): Protocol | undefined {
  const from = facts.message ?? facts.plain;
  const [start, end] = from ? [from.prefix, from.bytes.length] : [facts.at, facts.end];
  if (end <= start) return undefined;
  if (from) d.followIn(from, start, end);
  if (facts.kind !== TEXT) return rest(d, start, end);
  if (!from) d.follow(start, end);
  return textLines;
}

function emitFrame(d: Dissection, layer: Layer, facts: WsFacts, out: FieldSink): void {
  const c = new Cursor(d, out, layer.start, facts.end);
  c.bits(1, F.fin, F.reserved);
  if (d.bytes[layer.start]! & 0x40) c.bits(1, F.compressed);
  c.bits(1, F.opcode);
  c.skip(1);
  c.bits(1, F.mask, F.length);
  const short = c.peek(1) & 0x7f;
  c.skip(1);
  if (short === 126) c.u16(F.length16);
  else if (short === 127) out.value(F.length64, c.at, 8, u64(d.bytes, c.at));
  if (facts.masked) {
    out.value(F.key, facts.at - 4, 4, d.bytes.subarray(facts.at - 4, facts.at));
    if (facts.end > facts.at) out.value(F.masked, facts.at, facts.end - facts.at, null);
  }
  if (facts.end <= facts.at) return;
  const from = facts.message ?? facts.plain;
  if (from) out.within(from, () => emitPayload(new Cursor(d, out, from.prefix, from.bytes.length), facts));
  else emitPayload(new Cursor(d, out, facts.at, facts.end), facts);
  if (facts.pieces) emitPieces(facts, out);
}

function emitPayload(c: Cursor, { opcode, kind, closed }: WsFacts): void {
  c.under(F.payload, c.left, null, () => {
    if (closed) return;
    if (opcode === CLOSE)
      c.under(F.close, c.left, null, () => {
        c.u16(F.code);
        if (c.left > 0) c.text(F.reason);
      });
    else if (opcode === PING) c.data(F.ping);
    else if (opcode === PONG) c.data(F.pong);
    else if (kind === TEXT) c.text(F.text);
    else if (kind > 2) c.data(F.unknown);
  });
}

function emitPieces({ pieces, packedLength, at }: WsFacts, out: FieldSink): void {
  const made = { generated: true };
  const list = pieces!.map(({ number, length }) => `#${number}(${length})`).join(', ');
  const label = `${pieces!.length} Reassembled websocket Fragments (${packedLength} bytes): ${list}`;
  out.open(F.fragments, at, 0, null, { label, generated: true });
  let from = 0;
  for (const { number, length } of pieces!) {
    const text = `Frame: ${number}, payload: ${from}-${from + length - 1} (${length} bytes)`;
    out.value(F.fragment, at, 0, number, { label: text, generated: true });
    from += length;
  }
  out.value(F.fragmentCount, at, 0, pieces!.length, made);
  out.value(F.reassembled, at, 0, packedLength, made);
  out.close();
}
