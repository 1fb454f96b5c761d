/**
 * Apache Kafka's wire protocol (kafka.apache.org/protocol): the header of each message, which request a response answers, and the bodies of the common
 * requests (kafka/apis.ts). What a body is, only the request says: an answer without it stays as it is.
 */
import { own } from '../../state/conversations.ts';
import { forgetOldest } from '../../state/oldest.ts';
import { decodeUtf8 } from '../../text/utf8.ts';
import { u16, u32 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { protocol } from '../define.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import { API_NAMES } from '../names/kafka.ts';
import { note } from '../notes.ts';
import { PDU_MORE, PDU_REST } from '../tcp-payload.ts';
import { APIS, type Api } from './kafka/apis.ts';
import { F } from './kafka/fields.ts';
import { NO_TEXT, Reader } from './kafka/reader.ts';
import { recordSet, Unpacked } from './kafka/records.ts';
import { tcpFacts } from './tcp-facts.ts';
import { fromServer } from './text-lines.ts';

const PORTS = [9092];
/** Brokers take 100 MiB at most unless they are told otherwise. */
const MAX_MESSAGE = 1 << 28;
/** Length of a string that is not there. */
const NO_NAME = 0xffff;
const MAX_WAITING = 10_000;
const VERSIONS_KEY = 18;
const REQUEST_HEADER = 14;
const RESPONSE_HEADER = 8;

interface Request {
  key: number;
  version: number;
  /** Frame. */
  number: number;
}
interface Facts {
  server: boolean;
  /** The request itself, or the one that is answered. */
  request: Request | undefined;
  /** Compressed records, made when somebody looks. */
  unpacked?: Unpacked;
}
const factsOf = (layer: Layer) => layer.facts as Facts;

const REQUESTS = Symbol('kafka');

function match(d: Dissection, layer: Layer, server: boolean): Request | undefined {
  const at = layer.start;
  const number = d.context?.number ?? 0;
  const asked: Request = { key: u16(d.bytes, at + 4), version: u16(d.bytes, at + 6), number };
  const conversation = layer.below && tcpFacts(layer.below)?.conversation;
  const waiting = conversation && own(conversation, REQUESTS, () => new Map<number, Request>());
  if (!server) {
    if (waiting) forgetOldest(waiting, MAX_WAITING);
    waiting?.set(u32(d.bytes, at + 8), asked);
    return asked;
  }
  const correlation = u32(d.bytes, at + 4);
  const found = waiting?.get(correlation);
  waiting?.delete(correlation);
  return found;
}

function apiOf({ request }: Facts): Api | undefined {
  const api = request && APIS.get(request.key);
  return api && request.version <= api.last ? api : undefined;
}

/** Behind the header's fixed part. */
function bodyReader(d: Dissection, layer: Layer, out?: FieldSink): Reader {
  const { server, request } = factsOf(layer);
  const end = d.capturedEnd(layer);
  const flexible = request !== undefined && request.version >= (APIS.get(request.key)?.flexible ?? 99);
  let at = layer.start + RESPONSE_HEADER;
  if (!server) {
    const length = u16(d.bytes, layer.start + REQUEST_HEADER - 2);
    at = layer.start + REQUEST_HEADER + (length === NO_NAME ? 0 : length);
  }
  const kind = { version: request?.version ?? 0, flexible };
  return new Reader(d.bytes, Math.min(at, end), end, kind, out);
}

/** The header's tagged fields, then the body. Clients must understand the answer that tells versions before they know any: it has none. */
function readBody(d: Dissection, layer: Layer, api: Api, r: Reader, silent = false): void {
  const facts = factsOf(layer);
  if (!facts.server || facts.request!.key !== VERSIONS_KEY) r.tags();
  const records = (reader: Reader) => recordSet(reader, unpackedOf(d, layer), d, silent);
  if (facts.server) api.response(r, records);
  else api.request(r, records);
}

function unpackedOf(d: Dissection, layer: Layer): Unpacked {
  const facts = factsOf(layer);
  facts.unpacked ??= new Unpacked(d, layer);
  return facts.unpacked;
}

/** Sources of unpacked records are made when somebody asks for the layer's parts: few messages are ever looked at. */
function partsWhenAsked(d: Dissection, layer: Layer, api: Api): void {
  let made = false;
  Object.defineProperty(layer, 'parts', {
    configurable: true,
    enumerable: true,
    get() {
      if (!made) {
        made = true;
        const { bytes } = d;
        d.enter(layer);
        readBody(d, layer, api, bodyReader(d, layer), true);
        d.bytes = bytes;
      }
      return unpackedOf(d, layer).sources;
    },
  });
}

/** "Metadata v9 Request". */
function text(layer: Layer): string | undefined {
  const { server, request } = factsOf(layer);
  if (!request) return undefined;
  const { key, version } = request;
  return `${API_NAMES[key] ?? `Unknown ${key}`} v${version} ${server ? 'Response' : 'Request'}`;
}

/** Behind it: who asks, what went wrong. */
function said(d: Dissection, layer: Layer): string {
  const facts = factsOf(layer);
  if (!facts.request) return '';
  const api = apiOf(facts);
  if (!api && API_NAMES[facts.request.key] === undefined) return ' [Unknown API key]';
  if (!api) return APIS.has(facts.request.key) ? ' [Unsupported API version]' : '';
  let words = '';
  if (api.about) {
    const r = bodyReader(d, layer);
    r.tags();
    const about = api.about(r, facts.server);
    if (about !== undefined) words = ` (${about})`;
  }
  if (!facts.server) return words;
  const r = bodyReader(d, layer);
  readBody(d, layer, api, r);
  return words + r.errors.map((error) => ` [${error}] `).join('');
}

export const kafka: Protocol = protocol({
  name: 'kafka',
  column: 'Kafka',
  title: 'Kafka',
  tint: 'tcp',
  minLength: 8,
  binds: { 'tcp.port': PORTS },
  fields: F,
  pdu(bytes, at, end) {
    if (end - at < 4) return PDU_MORE;
    const length = u32(bytes, at);
    return length < 4 || length > MAX_MESSAGE ? PDU_REST : 4 + length;
  },
  walk(d, layer) {
    const server = fromServer(d, layer, PORTS);
    layer.facts = { server, request: match(d, layer, server) } satisfies Facts;
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    const { request } = factsOf(layer);
    const api = apiOf(factsOf(layer));
    // Only these two carry records.
    if (api && request!.key <= 1) partsWhenAsked(d, layer, api);
    return undefined;
  },
  info(d, layer) {
    const what = text(layer);
    return what ? `Kafka ${what}${said(d, layer)}` : 'Kafka Response (Undecoded, Request Missing)';
  },
  label(_d, layer) {
    const what = text(layer);
    return what ? `Kafka (${what})` : 'Kafka';
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    c.u32(F.length);
    if (layer.short) return;
    const facts = factsOf(layer);
    if (facts.server) emitResponse(c, facts);
    else emitRequest(c, facts);
    const api = apiOf(facts);
    if (!api) return;
    const r = bodyReader(d, layer, out);
    readBody(d, layer, api, r);
    if (r.over) note(out, 'warn', 'Malformed', 'Lengths or counts reach beyond the message', layer.start);
    else if (r.left > 0)
      note(out, 'warn', 'Malformed', 'Dissected message does not end at the pdu length offset', r.at);
  },
});

function emitResponse(c: Cursor, { request }: Facts): void {
  const { out } = c;
  c.u32(F.correlation);
  if (!request) {
    note(out, 'warn', 'Undecoded', 'Request missing', c.at);
    return;
  }
  const made = { generated: true };
  out.value(F.requestFrame, c.at, 0, request.number, made);
  out.value(F.responseKey, c.at, 0, request.key, { hidden: true });
  out.value(F.key, c.at, 0, request.key, made);
  out.value(F.responseVersion, c.at, 0, request.version, made);
}

function emitRequest(c: Cursor, facts: Facts): void {
  const { out } = c;
  const { key, version } = facts.request!;
  const name = API_NAMES[key];
  out.value(F.requestKey, c.at, 2, key, { hidden: true });
  out.open(F.key, c.at, 2, key);
  if (!name) note(out, 'warn', 'Undecoded', `Unknown ${key} API key`, c.at);
  out.close();
  c.skip(2);
  out.value(F.requestVersion, c.at, 2, version, { hidden: true });
  out.open(F.version, c.at, 2, version);
  const api = APIS.get(key);
  if (api && version > api.last)
    note(out, 'warn', 'Undecoded', `Unsupported ${name} version. Supports v0-${api.last}.`, c.at);
  out.close();
  c.skip(2);
  c.u32(F.correlation);
  const length = c.peek(2);
  const size = length === NO_NAME ? 0 : length;
  const client = decodeUtf8(c.bytes.subarray(c.at + 2, Math.min(c.end, c.at + 2 + size)));
  out.value(F.client, c.at, 2 + size, length === NO_NAME ? NO_TEXT : client);
}
