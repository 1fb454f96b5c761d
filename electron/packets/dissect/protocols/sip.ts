/**
 * Session Initiation Protocol (RFC 3261): requests and responses with their header fields, which request a response answers, what was sent again.
 * A session description in the body is sdp.ts's.
 */
import type { PacketContext } from '../../state/context.ts';
import { forgetOldest } from '../../state/oldest.ts';
import { decodeUtf8 } from '../../text/utf8.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import { type Field, GROUP } from '../field.ts';
import { METHODS, NUMBER_HEADERS, TEXT_HEADERS } from '../names/sip.ts';
import { note } from '../notes.ts';
import { rest } from './data.ts';
import { bodyProtocol } from './http-body.ts';
import { sdp } from './sdp.ts';
import {
  ADDRESSES,
  AUTH_PARAMETERS,
  AUTH_SCHEME,
  emitAddresses,
  emitCredentials,
  emitRequestUri,
  emitVia,
  PARTS,
  REQUEST_URI,
  splitOutside,
  VIA_PARAMETERS,
} from './sip-address.ts';
import {
  headerValue,
  methodOf,
  readSip,
  type SipHeader,
  type SipMessage,
  sequenceOf,
  sipPdu,
  startsSip,
  statusOf,
} from './sip-message.ts';

const F = {
  requestLine: f.text('sip.Request-Line', 'Request-Line'),
  statusLine: f.text('sip.Status-Line', 'Status-Line'),
  method: f.text('sip.Method', 'Method'),
  status: f.u32('sip.Status-Code', 'Status-Code'),
  resend: { ...f.flag('sip.resend', 'Resent Packet'), bits: 0 },
  original: f.u32('sip.resend-original', 'Suspected resend of frame'),
  requestFrame: f.u32('sip.response-request', 'Request Frame'),
  responseTime: f.u32('sip.response-time', 'Response Time (ms)'),
  releaseTime: f.u32('sip.release-time', 'Release Time (ms)'),
  headers: f.text('sip.msg_hdr', 'Message Header'),
  callId: f.text('sip.call_id_generated', 'Generated Call-ID'),
  sequence: f.u32('sip.CSeq.seq', 'Sequence Number'),
  sequenceMethod: f.text('sip.CSeq.method', 'Method'),
  reasonProtocols: f.text('sip.reason_protocols', 'Reason protocols'),
  causeQ850: f.u32('sip.reason_cause_q850', 'Cause'),
  causeSip: f.u32('sip.reason_cause_sip', 'Cause'),
  causeOther: f.u32('sip.reason_cause_other', 'Cause'),
  reasonText: f.text('sip.reason_text', 'Text'),
};
const named = (name: string): string => (name === 'Referred-By' ? 'sip.Referred-by' : `sip.${name}`);
const HEADERS: Record<string, Field> = Object.fromEntries([
  ...TEXT_HEADERS.map((name) => [name.toLowerCase(), f.text(named(name), name)]),
  ...NUMBER_HEADERS.map((name) => [name.toLowerCase(), f.u32(named(name), name)]),
]);
const CREDENTIALS = new Set([
  'authorization',
  'authentication-info',
  'proxy-authenticate',
  'proxy-authorization',
  'www-authenticate',
]);
/** A request with a tag of the other end is one of a dialog that stands. */
const IN_DIALOG = new Set(['INVITE', 'REFER', 'SUBSCRIBE']);

interface Sent {
  number: number;
  timeNs: number;
}
interface SipFacts {
  message: SipMessage;
  resendOf: number | undefined;
  request: Sent | undefined;
  sinceMs: number;
}
const factsOf = (layer: Layer) => layer.facts as SipFacts;

/** Messages that were seen, by Call-ID, CSeq and what they are. Bounded: the oldest is forgotten. */
class Transactions {
  readonly #seen = new Map<string, Sent>();

  /** The first one of the same, if any. */
  note(key: string, sent: Sent): Sent | undefined {
    const before = this.#seen.get(key);
    if (before) return before;
    forgetOldest(this.#seen, 65_536);
    this.#seen.set(key, sent);
    return undefined;
  }
  find(key: string): Sent | undefined {
    return this.#seen.get(key);
  }
}

function track(context: PacketContext, message: SipMessage, overUdp: boolean): Omit<SipFacts, 'message'> {
  const { number, method } = sequenceOf(message);
  const callId = headerValue(message, 'call-id') ?? '';
  const status = statusOf(message);
  const table = context.state.ofAll(sip, () => new Transactions());
  const sent = { number: context.number, timeNs: context.timeNs };
  const key = `${callId} ${number} `;
  const before = table.note(`${key}${method} ${status ?? 'request'}`, sent);
  // Provisional responses may be repeated at will.
  const resend = overUdp && before && (status === undefined || status >= 200) ? before.number : undefined;
  let request: Sent | undefined;
  if (status !== undefined) request = table.find(`${key}${method} request`);
  else if (method === 'ACK') request = table.find(`${key}INVITE request`);
  return { resendOf: resend, request, sinceMs: request ? Math.floor((sent.timeNs - request.timeNs) / 1e6) : 0 };
}

/** "(1 binding)", as a registrar would count. */
function bindingsInfo(message: SipMessage, status: number | undefined): string {
  if (sequenceOf(message).method !== 'REGISTER') return '';
  if (status !== undefined && (status < 200 || status > 299)) return '';
  const contacts = message.headers.filter(({ name }) => name === 'contact');
  const star = contacts.some(({ value }) => value.trim() === '*');
  const count = star ? 0 : contacts.reduce((sum, { value }) => sum + splitOutside(value, ',').length, 0);
  const none = headerValue(message, 'expires')?.trim() === '0';
  const bindings = `${count} binding${count === 1 ? '' : 's'}`;
  if (status !== undefined) return `  (${bindings})`;
  if (star && none) return '  (remove all bindings)';
  if (count === 0) return '  (fetch bindings)';
  return none ? `  (remove ${bindings})` : `  (${bindings})`;
}

function messageInfo(message: SipMessage): string {
  const status = statusOf(message);
  if (status !== undefined) {
    const of = status === 200 ? ` (${sequenceOf(message).method})` : '';
    return `Status: ${message.start.replace(/^\S+ /, '')}${of}${bindingsInfo(message, status)} | `;
  }
  const method = methodOf(message);
  const uri = message.start.slice(method.length + 1).replace(/ SIP\/\S*$/, '');
  const tagged = IN_DIALOG.has(method) && /;\s*tag=/i.test(headerValue(message, 'to') ?? '');
  const kind = METHODS.has(method) ? 'Request' : 'Unknown request';
  return `${kind}: ${method} ${uri}${tagged ? ', in-dialog' : ''}${bindingsInfo(message, undefined)} | `;
}

/** The layer of the body, when something names its type. */
const bodyOf = (d: Dissection, layer: Layer): Layer | undefined => {
  const above = d.layers[d.layers.indexOf(layer) + 1];
  return above?.below === layer ? above : undefined;
};

export const sip: Protocol = protocol({
  name: 'sip',
  column: 'SIP',
  title: 'Session Initiation Protocol',
  tint: 'udp',
  minLength: 12,
  binds: { 'udp.port': [5060], 'tcp.port': [5060] },
  heuristic: { udp: startsSip, tcp: startsSip },
  strict: true,
  fields: {
    ...F,
    ...HEADERS,
    ...REQUEST_URI,
    ...PARTS,
    ...Object.fromEntries(
      Object.entries(ADDRESSES).flatMap(([name, fields]) =>
        Object.entries(fields).map(([part, field]) => [`${name} ${part}`, field]),
      ),
    ),
    ...Object.fromEntries(Object.entries(VIA_PARAMETERS).map(([name, field]) => [`via ${name}`, field])),
    ...Object.fromEntries(Object.entries(AUTH_PARAMETERS).map(([name, field]) => [`auth ${name}`, field])),
    scheme: AUTH_SCHEME,
  },
  pdu: sipPdu,
  walk(d, layer) {
    const end = d.capturedEnd(layer);
    const message = readSip(d.bytes, layer.start, end);
    const overUdp = layer.below?.protocol.name === 'udp';
    const links = d.context && !d.quoting ? track(d.context, message, overUdp) : undefined;
    layer.facts = { message, ...(links ?? { resendOf: undefined, request: undefined, sinceMs: 0 }) };
    layer.headerLength = end - layer.start;
    if (message.body >= end) return undefined;
    const type = (headerValue(message, 'content-type') ?? '').split(';')[0]!.trim().toLowerCase();
    const next = type === 'application/sdp' ? sdp : bodyProtocol(type);
    if (!next) return rest(d, message.body, layer.end, layer);
    d.follow(message.body, layer.end, layer);
    return next;
  },
  columnOf: (d, layer) => (bodyOf(d, layer)?.protocol.name === 'sdp' ? 'SIP/SDP' : 'SIP'),
  info(d, layer) {
    const { message } = factsOf(layer);
    const above = bodyOf(d, layer)?.protocol.name;
    const type = (headerValue(message, 'content-type') ?? '').split(';')[0]!.trim();
    const body = above === 'data-text-lines' || above === 'media' ? ` (${type})` : '';
    return messageInfo(message) + body;
  },
  label(_d, layer) {
    const { message } = factsOf(layer);
    return `Session Initiation Protocol (${statusOf(message) ?? methodOf(message)})`;
  },
  emit(d, layer, out) {
    if (layer.short) return;
    const facts = factsOf(layer);
    const { message } = facts;
    emitStart(facts, d.context !== undefined, out);
    const length = message.body - message.headersAt;
    if (message.headers.length === 0) return;
    // As Wireshark has it, the field's value goes on to the end of the message.
    const value = decodeUtf8(d.bytes.subarray(message.headersAt, d.capturedEnd(layer)));
    out.open(F.headers, message.headersAt, length, value, { label: 'Message Header' });
    for (const header of message.headers) emitHeader(header, message, out);
    out.close();
    const end = d.capturedEnd(layer);
    if (message.body < end) out.value(GROUP, message.body, end - message.body, null, { label: 'Message Body' });
  },
});

function emitStart({ message, resendOf, request, sinceMs }: SipFacts, tracked: boolean, out: FieldSink) {
  const { start, startAt: at, startLength: length } = message;
  const status = statusOf(message);
  const method = methodOf(message);
  out.open(status === undefined ? F.requestLine : F.statusLine, at, length, start);
  if (status === undefined) {
    out.value(F.method, at, method.length, method);
    emitRequestUri(start.slice(method.length + 1).replace(/ SIP\/\S*$/, ''), at + method.length + 1, out);
  } else out.value(F.status, at + 8, 3, status);
  const generated = { generated: true };
  if (tracked) {
    out.value(F.resend, at, 0, resendOf !== undefined, generated);
    if (resendOf !== undefined) out.value(F.original, at, 0, resendOf, generated);
    if (request) {
      out.value(F.requestFrame, at, 0, request.number, generated);
      out.value(F.responseTime, at, 0, sinceMs, generated);
      if (status !== undefined && status >= 200 && sequenceOf(message).method === 'BYE')
        out.value(F.releaseTime, at, 0, sinceMs, generated);
    }
  }
  out.close();
}

function emitHeader(header: SipHeader, message: SipMessage, out: FieldSink): void {
  const { at, length, written, name, value, valueAt } = header;
  const label = `${written}: ${value.replace(/\r/g, '\\r').replace(/\n/g, '\\n')}`;
  const field = HEADERS[name];
  if (!field) {
    out.open(GROUP, at, length, null, { label });
    note(out, 'note', 'Undecoded', `Unrecognised SIP header (${written.toLowerCase()})`, at);
    out.close();
    return;
  }
  out.open(field, at, length, field.type === 'string' ? value : Number.parseInt(value, 10) >>> 0, { label });
  if (name === 'cseq') {
    const { number, method } = sequenceOf(message);
    const digits = /^\d*/.exec(value)![0].length;
    out.value(F.sequence, valueAt, digits, number);
    out.value(F.sequenceMethod, valueAt + value.length - method.length, method.length, method);
  } else if (name === 'via') emitVia(value, valueAt, out);
  else if (ADDRESSES[name]) emitAddresses(name, value, valueAt, out);
  else if (CREDENTIALS.has(name)) emitCredentials(value, valueAt, out);
  else if (name === 'reason') emitReason(value, valueAt, out);
  out.close();
  if (name === 'call-id') out.value(F.callId, at, length, value, { generated: true });
}

function emitReason(value: string, base: number, out: FieldSink): void {
  const [of, ...parameters] = splitOutside(value, ';');
  const name = of!.text.trim();
  out.value(F.reasonProtocols, base, name.length, name);
  for (const { text, at } of parameters) {
    const [, key = '', quote = '', given = ''] = /^\s*(\w+)\s*=\s*("?)([^"]*)/.exec(text) ?? [];
    const from = base + at + text.indexOf('=') + 1 + quote.length;
    const cause = { 'q.850': F.causeQ850, sip: F.causeSip }[name.toLowerCase()] ?? F.causeOther;
    if (key === 'cause') out.value(cause, from, given.length, Number.parseInt(given, 10) >>> 0);
    else if (key === 'text') out.value(F.reasonText, from, given.length, given);
  }
}
