/**
 * Hypertext Transfer Protocol, version 1 (RFC 9110, RFC 9112): over several segments, requests tied to their responses. Bodies go on to what
 * their media type says; chunks are joined and compressed bodies unpacked first.
 */
import { type Conversation, own } from '../../state/conversations.ts';
import { COPY, type Copied } from '../../state/copied.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { note } from '../notes.ts';
import { inflate } from '../platform.ts';
import { source } from '../tcp-payload.ts';
import { rest } from './data.ts';
import { bodyProtocol } from './http-body.ts';
import {
  type Chunk,
  chunked,
  chunksOf,
  contentLength,
  type HttpHead,
  header,
  httpPdu,
  readHead,
  startsHttp,
  statusOf,
} from './http-message.ts';
import { reasonOf } from './http-reasons.ts';
import { http2, startsHttp2 } from './http2.ts';
import { tcpFacts } from './tcp-facts.ts';
import { bindAlpn } from './tls/data.ts';
import { tlsState } from './tls/state.ts';
import { beginWebSocket, websocket } from './websocket.ts';

/** Header fields with a name of their own. */
const HEADERS: Record<string, Field> = Object.fromEntries(
  (
    [
      ['authorization', 'Authorization'],
      ['proxy-authenticate', 'Proxy-Authenticate'],
      ['proxy-authorization', 'Proxy-Authorization'],
      ['www-authenticate', 'WWW-Authenticate'],
      ['content-type', 'Content-Type'],
      ['content-encoding', 'Content-Encoding'],
      ['transfer-encoding', 'Transfer-Encoding'],
      ['upgrade', 'Upgrade'],
      ['user-agent', 'User-Agent'],
      ['host', 'Host'],
      ['connection', 'Connection'],
      ['cookie', 'Cookie'],
      ['accept', 'Accept'],
      ['referer', 'Referer'],
      ['accept-language', 'Accept-Language'],
      ['accept-encoding', 'Accept Encoding'],
      ['date', 'Date'],
      ['cache-control', 'Cache-Control'],
      ['server', 'Server'],
      ['location', 'Location'],
      ['sec-websocket-accept', 'Sec-WebSocket-Accept'],
      ['sec-websocket-extensions', 'Sec-WebSocket-Extensions'],
      ['sec-websocket-key', 'Sec-WebSocket-Key'],
      ['sec-websocket-protocol', 'Sec-WebSocket-Protocol'],
      ['sec-websocket-version', 'Sec-WebSocket-Version'],
      ['set-cookie', 'Set-Cookie'],
      ['last-modified', 'Last-Modified'],
      ['x-forwarded-for', 'X-Forwarded-For'],
    ] as const
  ).map(([name, title]) => [name, f.text(`http.${name.replaceAll('-', '_')}`, title)]),
);

const F = {
  request: { ...f.flag('http.request', 'Request'), bits: 0 } as Field,
  response: { ...f.flag('http.response', 'Response'), bits: 0 } as Field,
  method: f.text('http.request.method', 'Request Method'),
  uri: f.text('http.request.uri', 'Request URI'),
  path: f.text('http.request.uri.path', 'Request URI Path'),
  query: f.text('http.request.uri.query', 'Request URI Query'),
  parameter: f.text('http.request.uri.query.parameter', 'Request URI Query Parameter'),
  requestVersion: f.text('http.request.version', 'Request Version'),
  responseVersion: f.text('http.response.version', 'Response Version'),
  code: f.u16('http.response.code', 'Status Code'),
  codeText: f.text('http.response.code.desc', 'Status Code Description'),
  phrase: f.text('http.response.phrase', 'Response Phrase'),
  requestLine: f.text('http.request.line', 'Request line'),
  responseLine: f.text('http.response.line', 'Response line'),
  lengthHeader: f.text('http.content_length_header', 'Content-Length'),
  length: f.u64('http.content_length', 'Content length'),
  cookiePair: f.text('http.cookie_pair', 'Cookie pair'),
  credentials: f.text('http.authbasic', 'Credentials'),
  fullUri: f.text('http.request.full_uri', 'Full request URI'),
  requestNumber: f.u32('http.request_number', 'Request number'),
  responseNumber: f.u32('http.response_number', 'Response number'),
  requestIn: f.u32('http.request_in', 'Request in frame'),
  previousRequest: f.u32('http.prev_request_in', 'Prev request in frame'),
  previousResponse: f.u32('http.prev_response_in', 'Prev response in frame'),
  responseFor: f.text('http.response_for.uri', 'Request URI'),
  time: f.span('http.time', 'Time since request'),
  chunkSize: f.u32('http.chunk_size', 'Chunk size'),
  chunkData: f.bytes('http.chunk_data', 'Chunk data'),
  chunkEnd: f.bytes('http.chunk_boundary', 'Chunk boundary'),
  fileData: f.text('http.file_data', 'File Data'),
};

/** A request that was seen, until its response comes. */
interface Asked {
  number: number;
  timeNs: number;
  method: string;
  uri: string | undefined;
  /** The request before it. */
  previous: number | undefined;
}

class HttpState implements Copied {
  waiting: Asked[] = [];
  requests = 0;
  responses = 0;
  lastRequest: number | undefined;
  lastResponse: number | undefined;

  [COPY](): HttpState {
    return Object.assign(new HttpState(), this, { waiting: [...this.waiting] });
  }
}
const STATE = Symbol('http');
const stateOf = (conversation: Conversation) => own(conversation, STATE, () => new HttpState());

interface HttpFacts {
  head: HttpHead;
  asked?: Asked;
  number: number;
  previousRequest?: number | undefined;
  previousResponse?: number | undefined;
  sinceNs?: number;
}
const factsOf = (layer: Layer) => layer.facts as HttpFacts;
/** The TCP layer that carries it, also when something lies between. */
function stream(layer: Layer): Conversation | undefined {
  for (let below = layer.below; below; below = below.below)
    if (below.protocol.name === 'tcp') return tcpFacts(below)?.conversation;
  return undefined;
}

const startParts = (head: HttpHead): [string, string, string] => {
  const [, a = '', b = '', c = ''] = /^(\S*) ?(\S*) ?(.*)$/.exec(head.start.text) ?? [];
  return [a, b, c];
};

function fullUri(layer: Layer, head: HttpHead): string | undefined {
  const [, uri] = startParts(head);
  const host = header(head, 'host');
  if (/^[a-z]+:\/\//i.test(uri)) return uri;
  if (host === undefined) return undefined;
  let secure = false;
  for (let below = layer.below; below; below = below.below) secure ||= below.protocol.name === 'tls';
  return `${secure ? 'https' : 'http'}://${host}${uri}`;
}

export const http: Protocol = protocol({
  name: 'http',
  column: 'HTTP',
  title: 'Hypertext Transfer Protocol',
  tint: 'http',
  binds: { 'tcp.port': [80, 3128, 3132, 5985, 8080, 8088, 11371, 1900, 2869, 2710] },
  heuristic: {
    tcp: (bytes, start, end) =>
      startsHttp(bytes, start, end) &&
      /^(?:HTTP\/1\.|[^\r\n]{3,} HTTP\/1\.)/.test(
        String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 1000))),
      ),
  },
  fields: { ...F, ...HEADERS },

  instead: (bytes, start, end) => (startsHttp2(bytes, start, end) ? http2 : undefined),
  pdu(bytes, at, end, memo, d, layer) {
    const facts = tcpFacts(layer);
    const state = facts && stateOf(facts.conversation);
    return httpPdu(d, bytes, at, end, memo, () => ['HEAD', 'CONNECT'].includes(state?.waiting[0]?.method ?? ''));
  },
  partialInfo(d, at, end) {
    if (!startsHttp(d.bytes, at, end)) return '';
    const head = readHead(d, d.bytes, at, end);
    return head.whole ? `${head.start.text} ` : '';
  },

  walk(d, layer) {
    const end = d.capturedEnd(layer);
    layer.headerLength = end - layer.start;
    if (!startsHttp(d.bytes, layer.start, end)) {
      layer.facts = undefined;
      return undefined;
    }
    const head = readHead(d, d.bytes, layer.start, end);
    const facts: HttpFacts = { head, number: 0 };
    layer.facts = facts;
    layer.headerLength = head.body - layer.start;
    remember(d, layer, head, facts);
    return head.body < end ? followBody(d, layer, head, end) : undefined;
  },

  info(d, layer) {
    if (!layer.facts) return 'Continuation';
    const { head } = factsOf(layer);
    const type = (header(head, 'content-type') ?? '').split(';')[0]!.trim();
    const above = hasBody(d, layer) && type ? ` (${type})` : '';
    return `${head.start.text} ${above}`;
  },

  emit(d, layer, out) {
    if (!layer.facts) return;
    const facts = factsOf(layer);
    emitStart(facts.head, out);
    for (const line of facts.head.lines) emitLine(facts.head, line, out);
    emitLinks(layer, facts, out);
    const end = d.capturedEnd(layer);
    if (facts.head.body < end) emitBody(d, facts.head, end, out);
  },
});

/** Whether the next layer is a body that something named. */
function hasBody(d: Dissection, layer: Layer): boolean {
  const above = d.layers[d.layers.indexOf(layer) + 1];
  return above?.below === layer && above.protocol.name !== 'data';
}

function remember(d: Dissection, layer: Layer, head: HttpHead, facts: HttpFacts): void {
  const { context } = d;
  const conversation = stream(layer);
  if (!context || !conversation) return;
  const state = stateOf(conversation);
  facts.previousRequest = state.lastRequest;
  facts.previousResponse = state.lastResponse;
  if (head.request) {
    const [method] = startParts(head);
    state.waiting.push({
      number: context.number,
      timeNs: context.timeNs,
      method,
      uri: fullUri(layer, head),
      previous: state.lastRequest,
    });
    if (state.waiting.length > 1000) state.waiting.shift();
    facts.number = ++state.requests;
    state.lastRequest = context.number;
    return;
  }
  const status = statusOf(head);
  const asked = status >= 200 || status === 101 ? state.waiting.shift() : state.waiting[0];
  facts.number = ++state.responses;
  if (status === 101) upgrade(layer, conversation, head);
  state.lastResponse = context.number;
  if (asked) {
    facts.asked = asked;
    facts.sinceNs = context.timeNs - asked.timeNs;
  }
}

/** From here on the connection speaks what was agreed on. */
function upgrade(layer: Layer, conversation: Conversation, head: HttpHead): void {
  const to = header(head, 'upgrade')?.toLowerCase();
  const next = to === 'websocket' ? websocket : to === 'h2c' ? http2 : undefined;
  if (!next) return;
  let secure = false;
  for (let below = layer.below; below && below.protocol.name !== 'tcp'; below = below.below)
    secure ||= below.protocol.name === 'tls';
  if (secure) tlsState(conversation).above = next;
  else conversation.above = next;
  if (next === websocket) beginWebSocket(conversation, header(head, 'sec-websocket-extensions') ?? '', sideOf(layer));
}

function sideOf(layer: Layer): 0 | 1 {
  for (let below = layer.below; below; below = below.below)
    if (below.protocol.name === 'tcp') return tcpFacts(below)?.side ?? 0;
  return 0;
}

function followBody(d: Dissection, layer: Layer, head: HttpHead, end: number): Protocol | undefined {
  const chunks = chunked(head) ? chunksOf(d.bytes, head.body, end) : undefined;
  let body = chunks ? join(d.bytes, chunks) : undefined;
  const encoding = header(head, 'content-encoding')?.toLowerCase();
  if (encoding && encoding !== 'identity') {
    const plain = inflate(encoding, body ?? d.bytes.subarray(head.body, end));
    if (!plain) return undefined;
    body = plain;
  }
  const type = header(head, 'content-type') ?? '';
  const next = bodyProtocol(type);
  if (!body) {
    if (!next) return rest(d, head.body, layer.end);
    d.follow(head.body, layer.end);
    return next;
  }
  if (body.length === 0) return undefined;
  const from = source(d, head.body, body, encoding ? 'Uncompressed entity body' : 'De-chunked entity body');
  d.followIn(from, from.prefix, from.bytes.length);
  return next ?? rest(d, from.prefix, from.bytes.length);
}

function join(bytes: Uint8Array, chunks: readonly Chunk[]): Uint8Array {
  const joined = new Uint8Array(chunks.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  for (const { data, size } of chunks) {
    joined.set(bytes.subarray(data, data + size), at);
    at += size;
  }
  return joined;
}

function emitStart(head: HttpHead, out: FieldSink): void {
  const { at, length, text } = head.start;
  const [a, b, c] = startParts(head);
  out.open({ name: 'text', title: '', type: 'none' }, at, length, null, { label: `${text}\\r\\n` });
  note(out, 'chat', 'Sequence', `${text}\\r\\n`, at);
  if (head.request) {
    out.value(F.method, at, a.length, a);
    const uri = at + a.length + 1;
    out.open(F.uri, uri, b.length, b);
    const question = b.indexOf('?');
    if (question >= 0) {
      out.value(F.path, uri, question, b.slice(0, question));
      out.open(F.query, uri + question + 1, b.length - question - 1, b.slice(question + 1));
      let from = question + 1;
      for (const pair of b.slice(question + 1).split('&')) {
        out.value(F.parameter, uri + from, pair.length, pair);
        from += pair.length + 1;
      }
      out.close();
    }
    out.close();
    out.value(F.requestVersion, uri + b.length + 1, c.length, c);
  } else {
    out.value(F.responseVersion, at, a.length, a);
    const code = at + a.length + 1;
    out.value(F.code, code, b.length, Number(b) || 0);
    out.value(F.codeText, code, b.length, reasonOf(Number(b)), { generated: true });
    out.value(F.phrase, code + b.length + 1, c.length, c);
  }
  out.close();
}

function emitLine(head: HttpHead, { at, length, name, value }: HttpHead['lines'][number], out: FieldSink): void {
  const key = name.toLowerCase();
  const lineField = head.request ? F.requestLine : F.responseLine;
  const shown = `${name}: ${value}\r\n`;
  const line = `${name}: ${value}\\r\\n`;
  const valueAt = at + length - 2 - value.length;
  if (key === 'content-length') {
    out.open(F.lengthHeader, at, length, value, { label: line });
    const number = contentLength(head);
    if (number !== undefined) out.value(F.length, at, 0, BigInt(number), { generated: true });
    out.close();
  } else if (HEADERS[key]) {
    out.open(HEADERS[key], at, length, value, { label: line });
    if (key === 'cookie') {
      let from = valueAt;
      for (const pair of value.split('; ')) {
        out.value(F.cookiePair, from, pair.length, pair);
        from += pair.length + 2;
      }
    }
    const basic = key === 'authorization' && /^Basic\s+(\S+)/i.exec(value);
    if (basic) out.value(F.credentials, at, 0, base64(basic[1]!), { generated: true });
    out.close();
  }
  const known = key === 'content-length' || HEADERS[key] !== undefined;
  out.value(lineField, at, length, shown, { label: line, hidden: known });
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
function base64(text: string): string {
  let out = '';
  let bits = 0;
  let held = 0;
  for (const letter of text) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) break;
    held = (held << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += String.fromCharCode((held >> bits) & 0xff);
    }
  }
  return out;
}

function emitLinks(layer: Layer, facts: HttpFacts, out: FieldSink): void {
  const { head, asked, number, previousRequest, previousResponse, sinceNs } = facts;
  const at = layer.start;
  const made = { generated: true };
  if (head.request) {
    const uri = fullUri(layer, head);
    if (uri !== undefined) out.value(F.fullUri, at, 0, uri, made);
    out.value(F.request, at, 0, true, made);
    if (number > 0) out.value(F.requestNumber, at, 0, number, made);
    if (previousRequest !== undefined) out.value(F.previousRequest, at, 0, previousRequest, made);
    return;
  }
  out.value(F.response, at, 0, true, made);
  if (number > 0) out.value(F.responseNumber, at, 0, number, made);
  if (sinceNs !== undefined) out.value(F.time, at, 0, BigInt(Math.round(sinceNs)), made);
  if (asked) {
    if (asked.previous !== undefined) out.value(F.previousRequest, at, 0, asked.previous, made);
    if (previousResponse !== undefined) out.value(F.previousResponse, at, 0, previousResponse, made);
    out.value(F.requestIn, at, 0, asked.number, made);
    if (asked.uri !== undefined) out.value(F.responseFor, at, 0, asked.uri, made);
  }
}

function emitBody(d: Dissection, head: HttpHead, end: number, out: FieldSink): void {
  if (!chunked(head)) {
    if (!header(head, 'content-encoding'))
      out.value(F.fileData, head.body, end - head.body, fileText(d.bytes.subarray(head.body, end)));
    return;
  }
  const chunks = chunksOf(d.bytes, head.body, end);
  for (const { at, size, data } of chunks) {
    out.value(F.chunkSize, at, data - at, size);
    if (size === 0) continue;
    out.value(F.chunkData, data, size, d.bytes.subarray(data, data + size));
    out.value(F.chunkEnd, data + size, 2, d.bytes.subarray(data + size, data + size + 2));
  }
  if (!header(head, 'content-encoding'))
    out.value(F.fileData, head.body, 0, fileText(join(d.bytes, chunks)), { generated: true });
}

/** As text up to a NUL. */
function fileText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes.subarray(0, 1 << 20)) {
    if (byte === 0) break;
    text += String.fromCharCode(byte);
  }
  return text;
}

bindAlpn(['http/1.1', 'http/1.0'], http);
