/**
 * Hypertext Transfer Protocol 2 (RFC 9113) with HPACK (RFC 7541): in TLS by ALPN, in the clear by its preface. A layer is one frame. Header blocks are
 * decoded when their last frame comes; bodies go on to what their media type says, unpacked, when the stream's side ends.
 */
import { u24, u32 } from '../bytes.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import { inflate } from '../platform.ts';
import { PDU_MORE, PDU_REST, source } from '../tcp-payload.ts';
import { bodyProtocol } from './http-body.ts';
import { reasonOf } from './http-reasons.ts';
import { http2Connection, keepBody, type Piece } from './http2/connection.ts';
import { emitFrame } from './http2/emit.ts';
import { F, HEADER_FIELDS, SETTING_FIELDS, TYPES } from './http2/fields.ts';
import type { HeaderBlock } from './http2/hpack.ts';
import { bindAlpn } from './tls/data.ts';

export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const HEAD = 9;
/** SETTINGS_MAX_FRAME_SIZE may not allow more. */
const MAX_FRAME = (1 << 24) - 1;
const [DATA, HEADERS, PUSH_PROMISE, CONTINUATION] = [0, 1, 5, 9];
const END_STREAM = 1;
const END_HEADERS = 4;
const PADDED = 8;
const PRIORITY = 0x20;

export interface Http2Facts {
  /** The connection's preface, no frame. */
  magic: boolean;
  type: number;
  flags: number;
  stream: number;
  length: number;
  /** Where a header block or a body lies in the frame. */
  content: { at: number; end: number };
  padding: number;
  headers?: HeaderBlock | undefined;
  /** Bytes of the block's first field that earlier frames had. */
  before?: number;
  /** The body goes on in later frames. */
  partial?: boolean;
  /** It is compressed. */
  encoded?: boolean;
  /** Of a body that is shown. */
  mediaType?: string;
  /** The frames that the body which ends here came in, and all of it. */
  pieces?: readonly Piece[];
  whole?: Uint8Array;
}
export const http2Facts = (layer: Layer) => layer.facts as Http2Facts;

export function startsHttp2(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < PREFACE.length) return false;
  for (let i = 0; i < PREFACE.length; i++) if (bytes[at + i] !== PREFACE.charCodeAt(i)) return false;
  return true;
}

export const http2: Protocol = protocol({
  name: 'http2',
  column: 'HTTP2',
  title: 'HyperText Transfer Protocol 2',
  tint: 'http',
  joinInfo: ', ',
  decodeAs: ['tcp.port'],
  heuristic: { tcp: startsHttp2 },
  fields: {
    ...F,
    ...Object.fromEntries(Object.entries(SETTING_FIELDS).map(([id, field]) => [`setting${id}`, field])),
    ...Object.fromEntries([...HEADER_FIELDS].map(([name, field]) => [`header ${name}`, field])),
    authorityText: f.text('http2.headers.authority', ':authority'),
  },

  pdu(bytes, at, end) {
    if (startsHttp2(bytes, at, end)) return PREFACE.length;
    if (end - at < HEAD) return PDU_MORE;
    const length = u24(bytes, at);
    return length <= MAX_FRAME && (bytes[at + 3]! in TYPES || length < 1 << 16) ? HEAD + length : PDU_REST;
  },

  walk(d, layer) {
    const end = d.capturedEnd(layer);
    layer.headerLength = end - layer.start;
    const { bytes } = d;
    const at = layer.start;
    const magic = startsHttp2(bytes, at, end);
    const facts: Http2Facts = {
      magic,
      type: bytes[at + 3] ?? 0,
      flags: bytes[at + 4] ?? 0,
      stream: u32(bytes, at + 5) & 0x7fffffff,
      length: u24(bytes, at),
      content: { at: at + HEAD, end },
      padding: 0,
    };
    layer.facts = facts;
    if (magic || end - at < HEAD) return undefined;
    return content(d, layer, facts);
  },

  info(_d, layer) {
    const { magic, type, stream, headers, mediaType } = http2Facts(layer);
    if (magic) return 'Magic';
    const start = headers && startLine(headers);
    return `${TYPES[type] ?? 'UNKNOWN'}[${stream}]${start ? `: ${start}` : ''}${mediaType ? ` (${mediaType})` : ''}`;
  },

  emit(d, layer, out) {
    const facts = http2Facts(layer);
    if (facts.magic || d.capturedEnd(layer) - layer.start >= HEAD) emitFrame(d, layer, facts, out);
  },
});

/** "GET /path", "200 OK". */
export function startLine({ fields }: HeaderBlock): string {
  const of = (name: string) => fields.find((field) => field.name === name)?.value;
  const status = of(':status');
  if (status !== undefined) return `${status} ${reasonOf(Number(status))}`;
  const method = of(':method');
  return method === undefined ? '' : `${method} ${of(':path') ?? of(':authority') ?? ''}`;
}

/** Takes padding and priority off; header blocks are decoded, bodies handed on. */
function content(d: Dissection, layer: Layer, facts: Http2Facts): Protocol | undefined {
  const { type, flags } = facts;
  const { bytes } = d;
  const of = facts.content;
  if (flags & PADDED && (type === DATA || type === HEADERS || type === PUSH_PROMISE)) {
    const padding = bytes[of.at] ?? 0;
    if (of.at + 1 + padding > of.end) {
      d.malformed(layer);
      return undefined;
    }
    facts.padding = padding;
    of.at += 1;
    of.end -= padding;
  }
  if (type === HEADERS && flags & PRIORITY) of.at += 5;
  if (type === PUSH_PROMISE) of.at += 4;
  if (of.at > of.end) {
    d.malformed(layer);
    return undefined;
  }
  if (type === DATA) return body(d, layer, facts);
  if (type === HEADERS || type === PUSH_PROMISE || type === CONTINUATION) block(d, layer, facts);
  return undefined;
}

function block(d: Dissection, layer: Layer, facts: Http2Facts): void {
  const found = http2Connection(layer);
  if (!found) return;
  const { connection, side } = found;
  const { stream, flags, type, content: of } = facts;
  const fragment = d.bytes.subarray(of.at, Math.max(of.at, of.end));
  const { block: headers, before } = connection.headers(side, stream, fragment, (flags & END_HEADERS) !== 0);
  facts.headers = headers;
  facts.before = before;
  if (headers.broken) d.bogus = true;
  if (type === PUSH_PROMISE) return;
  const value = (name: string) => headers.fields.find((field) => field.name === name)?.value;
  const contentType = value('content-type');
  if (contentType !== undefined) connection.body(side, stream).contentType = contentType;
  const encoding = value('content-encoding');
  if (encoding !== undefined) connection.body(side, stream).encoding = encoding.toLowerCase();
  if (type === HEADERS && flags & END_STREAM) connection.ended(side, stream);
}

function body(d: Dissection, layer: Layer, facts: Http2Facts): Protocol | undefined {
  const found = http2Connection(layer);
  if (!found || !d.context) return undefined;
  const { connection, side } = found;
  const { at, end } = facts.content;
  const of = connection.body(side, facts.stream);
  const last = (facts.flags & END_STREAM) !== 0;
  facts.encoded = of.encoding !== undefined && of.encoding !== 'identity';
  if (!last) {
    if (end > at && !of.given) facts.partial = keepBody(d, of, d.bytes.subarray(at, end));
    return undefined;
  }
  const { contentType = '', encoding } = of;
  let from: ReturnType<typeof source> | undefined;
  if (of.pieces && of.pieces.length > 0) {
    if (end > at && !keepBody(d, of, d.bytes.subarray(at, end))) return undefined;
    facts.pieces = of.pieces.segments;
    from = source(d, layer.start, of.pieces.bytes, 'Reassembled body');
    facts.whole = from.bytes.subarray(from.prefix);
  }
  connection.ended(side, facts.stream);
  const plain = facts.whole ?? d.bytes.subarray(at, end);
  if (facts.encoded && encoding !== undefined) {
    const unpacked = inflate(encoding, plain);
    if (!unpacked) return undefined;
    from = source(d, layer.start, unpacked, 'Uncompressed entity body');
  }
  const next = bodyProtocol(contentType);
  if (!next || plain.length === 0) return undefined;
  facts.mediaType = contentType.split(';')[0]!.trim();
  if (from) d.followIn(from, from.prefix, from.bytes.length);
  else d.follow(at, end);
  return next;
}

bindAlpn(['h2'], http2);
