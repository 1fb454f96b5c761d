/**
 * Real-time Transport Protocol (RFC 3550), set up by a session description, or recognised when the user wants that; telephone events (RFC 4733); the frame
 * of SRTP (RFC 3711).
 */
import { type Conversation, own } from '../../state/conversations.ts';
import type { Announced } from '../../state/media.ts';
import { u16, u32 } from '../bytes.ts';
import { carrier } from '../checksum.ts';
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import { GROUP } from '../field.ts';
import { EVENTS, PAYLOAD_TYPES } from '../names/rtp.ts';
import { hex, hexText } from '../text.ts';
import { udpFacts } from './udp.ts';

const HEADER = 12;
/** RFC 8285: header extensions of one byte, and of two with four bits for the application. */
const ONE_BYTE = 0xbede;
const TWO_BYTES = 0x1000;
const MAX_SOURCES = 1000;
/** Payload types that telephone events have where nothing was agreed on. */
const EVENT_TYPES = [100, 101];
const YES: readonly [string, string] = ['True', 'False'];

const F = {
  setupFrame: f.u32('rtp.setup-frame', 'Setup frame'),
  setupMethod: f.text('rtp.setup-method', 'Setup Method'),
  callId: f.text('sip.call_id_generated', 'Generated Call-ID'),
  version: f.u8('rtp.version', 'Version', { mask: 0xc0, bits: 8, names: { 2: 'RFC 1889 Version' } }),
  padding: bit('rtp.padding', 'Padding', 0x20, 8, YES),
  extension: bit('rtp.ext', 'Extension', 0x10, 8, YES),
  sources: f.u8('rtp.cc', 'Contributing source identifiers count', { mask: 0x0f, bits: 8 }),
  marker: bit('rtp.marker', 'Marker', 0x80, 8, YES),
  type: f.u8('rtp.p_type', 'Payload type', { mask: 0x7f, bits: 8 }),
  sequence: f.u16('rtp.seq', 'Sequence number'),
  extended: f.u32('rtp.extseq', 'Extended sequence number'),
  timestamp: f.u32('rtp.timestamp', 'Timestamp'),
  ssrc: f.x32('rtp.ssrc', 'Synchronization Source identifier', { base: 'hex-dec' }),
  source: f.x32('rtp.csrc.item', 'CSRC item', { base: 'hex-dec' }),
  profile: f.x16('rtp.ext.profile', 'Defined by profile'),
  extensionLength: f.u16('rtp.ext.len', 'Extension length'),
  extensionWord: f.x32('rtp.hdr_ext', 'Header extension', { base: 'hex-dec' }),
  id: f.u8('rtp.ext.rfc5285.id', 'Identifier'),
  length: f.u8('rtp.ext.rfc5285.len', 'Length'),
  data: f.bytes('rtp.ext.rfc5285.data', 'Extension Data'),
  payload: f.bytes('rtp.payload', 'Payload'),
  paddingData: f.bytes('rtp.padding.data', 'Padding data'),
  paddingCount: f.u8('rtp.padding.count', 'Padding count'),
  encrypted: f.bytes('srtp.enc_payload', 'SRTP Encrypted Payload'),
  mki: f.bytes('srtp.mki', 'SRTP MKI'),
  tag: f.bytes('srtp.auth_tag', 'SRTP Auth Tag'),
};

/** Version 2, a type that no RTCP packet could be mistaken for, and the lists that the header claims have room. */
function looksLikeRtp(bytes: Uint8Array, start: number, end: number): boolean {
  const size = end - start;
  if (size < HEADER || bytes[start]! >> 6 !== 2) return false;
  const type = bytes[start + 1]! & 0x7f;
  if (type >= 72 && type <= 76) return false;
  let payload = HEADER + 4 * (bytes[start]! & 0x0f);
  if (bytes[start]! & 0x10) {
    if (size < payload + 4) return false;
    payload += 4 + 4 * u16(bytes, start + payload + 2);
  }
  const padding = bytes[start]! & 0x20 ? bytes[end - 1]! : 0;
  return payload + padding <= size;
}

const RECOGNISED = Symbol('rtp recognised');

interface RtpFacts {
  announced: Announced | undefined;
  extended: number | undefined;
}
const factsOf = (layer: Layer) => layer.facts as RtpFacts | undefined;

/** Where what comes after the fixed header lies. Clipped to what is there. */
function shape(d: Dissection, layer: Layer) {
  const { bytes } = d;
  const end = d.capturedEnd(layer);
  const first = bytes[layer.start]!;
  const extension = layer.start + HEADER + 4 * (first & 0x0f);
  let payload = extension;
  if (first & 0x10) payload += 4 + 4 * (extension + 4 <= end ? u16(bytes, extension + 2) : 0);
  payload = Math.min(payload, end);
  const whole = end === layer.end;
  const padding = first & 0x20 && whole && end > payload ? Math.min(bytes[end - 1]!, end - payload) : 0;
  return { extension, payload, padding, end };
}

/** The number with its cycles: the nearest one to the last of its source. */
function extend(last: number, sequence: number): number {
  const near = last - (last & 0xffff) + sequence;
  if (near + 0x8000 < last) return near + 0x10000;
  return last + 0x8000 < near && near >= 0x10000 ? near - 0x10000 : near;
}

function track(d: Dissection, layer: Layer): RtpFacts {
  const udp = layer.below && udpFacts(layer.below);
  if (!udp) return { announced: undefined, extended: undefined };
  const sources = own(udp.conversation, rtp, () => new Map<number, number>());
  const ssrc = u32(d.bytes, layer.start + 8);
  const extended = extend(sources.get(ssrc) ?? 0x10000, u16(d.bytes, layer.start + 2));
  if (sources.size < MAX_SOURCES || sources.has(ssrc)) sources.set(ssrc, extended);
  return { announced: udp.announced ?? recognised(d, layer, udp.conversation), extended };
}

/** The first packet of a sender in a conversation that was taken for RTP by its looks sets it up. */
function recognised(d: Dissection, layer: Layer, conversation: Conversation): Announced | undefined {
  if (!d.decodeAs?.heuristics.has('rtp_udp') || chosen(d, layer.below!)) return undefined;
  const senders = own(conversation, RECOGNISED, () => new Map<string, Announced>());
  const udp = layer.below!;
  const network = carrier(udp)!.network;
  const [at, size] = network.protocol.name === 'ipv6' ? [8, 16] : [12, 4];
  const from = network.start + at;
  const sender = hexText(d.bytes, from, from + size) + hexText(d.bytes, udp.start, udp.start + 2);
  const { number } = d.context!;
  const found = senders.get(sender) ?? {
    protocol: rtp,
    number,
    method: 'HEUR RTP',
    callId: undefined,
    types: new Map(),
  };
  senders.set(sender, found);
  return found;
}

/** "Decode as…" says it. */
const chosen = ({ bytes, decodeAs }: Dissection, udp: Layer) =>
  decodeAs?.port('udp.port', u16(bytes, udp.start), u16(bytes, udp.start + 2)) !== undefined;

const typeOf = (d: Dissection, layer: Layer) => d.bytes[layer.start + 1]! & 0x7f;
function typeName(d: Dissection, layer: Layer): string {
  const type = typeOf(d, layer);
  return (type >= 96 ? factsOf(layer)?.announced?.types.get(type) : undefined) ?? PAYLOAD_TYPES[type] ?? 'Unknown';
}

/** Events by agreement, or by the usual types where there was none. */
function hasEvents(d: Dissection, layer: Layer): boolean {
  if (typeName(d, layer) === 'telephone-event') return true;
  const announced = factsOf(layer)?.announced;
  return announced !== undefined && announced.types.size === 0 && EVENT_TYPES.includes(typeOf(d, layer));
}

export const rtp: Protocol = protocol({
  name: 'rtp',
  column: 'RTP',
  title: 'Real-Time Transport Protocol',
  tint: 'udp',
  minLength: HEADER,
  // No port is RTP's: a session description says so, or the user.
  binds: { 'udp.port': [-1] },
  heuristic: {
    udp: (bytes, start, end, d) => (d.decodeAs?.heuristics.has('rtp_udp') ?? false) && looksLikeRtp(bytes, start, end),
  },
  fields: F,
  walk(d, layer) {
    layer.facts = track(d, layer);
    const { payload, padding, end } = shape(d, layer);
    layer.headerLength = end - layer.start;
    if (!hasEvents(d, layer) || end - padding - payload < 4) return undefined;
    layer.headerLength = payload - layer.start;
    d.follow(payload, end - padding);
    return rtpEvent;
  },
  columnOf: (_d, layer) => (factsOf(layer)?.announced?.secure ? 'SRTP' : 'RTP'),
  info(d, layer) {
    const at = layer.start;
    const mark = d.bytes[at + 1]! & 0x80 ? ', Mark' : '';
    const ssrc = u32(d.bytes, at + 8)
      .toString(16)
      .toUpperCase();
    return `PT=${typeName(d, layer)}, SSRC=0x${ssrc}, Seq=${u16(d.bytes, at + 2)}, Time=${u32(d.bytes, at + 4)}${mark}`;
  },
  emit(d, layer, out) {
    const facts = factsOf(layer);
    const c = Cursor.of(d, layer, out);
    emitSetup(facts?.announced, F, c.at, out);
    c.bits(1, F.version, F.padding, F.extension, F.sources);
    const sources = c.peek(1) & 0x0f;
    const extension = (c.peek(1) & 0x10) !== 0;
    c.skip(1);
    c.bits(1, F.marker);
    const type = typeOf(d, layer);
    out.value(F.type, c.at, 1, type, { suffix: '', label: `Payload type: ${typeName(d, layer)} (${type})` });
    c.skip(1);
    c.u16(F.sequence);
    if (facts?.extended !== undefined) out.value(F.extended, c.at - 2, 2, facts.extended, { generated: true });
    c.u32(F.timestamp);
    c.u32(F.ssrc);
    if (sources > 0)
      c.group(`Contributing Source identifiers (${sources} item${sources === 1 ? '' : 's'})`, 4 * sources, () => {
        for (let i = 0; i < sources && c.left >= 4; i++)
          c.u32(F.source, { label: `CSRC item ${i}: ${hex(c.peek(4), 1)}` });
      });
    if (extension && c.left >= 4) headerExtension(d, c);
    emitPayload(d, layer, out);
  },
});

/** Who promised this stream. */
export function emitSetup(
  announced: Announced | undefined,
  fields: { setupFrame: typeof F.setupFrame; setupMethod: typeof F.setupMethod; callId?: typeof F.callId },
  at: number,
  out: FieldSink,
): void {
  if (!announced) return;
  const generated = { generated: true };
  const { number, method, callId } = announced;
  out.open(GROUP, at, 0, null, { label: `Stream setup by ${method} (frame ${number})`, generated: true });
  out.value(fields.setupFrame, at, 0, number, generated);
  out.value(fields.setupMethod, at, 0, method, generated);
  if (fields.callId && callId !== undefined) out.value(fields.callId, at, 0, callId, generated);
  out.close();
}

function headerExtension(d: Dissection, c: Cursor): void {
  const profile = c.u16(F.profile);
  const words = c.u16(F.extensionLength);
  if (words === 0) return;
  const size = Math.min(4 * words, c.left);
  c.group('Header extensions', size, () => {
    const inner = new Cursor(d, c.out, c.at, c.at + size);
    const two = (profile & 0xfff0) === TWO_BYTES;
    if (profile !== ONE_BYTE && !two) while (inner.left >= 4) inner.u32(F.extensionWord);
    else while (inner.left > 0) if (!extensionElement(inner, two)) return;
  });
}

/** Whether another may follow. */
function extensionElement(c: Cursor, two: boolean): boolean {
  const first = c.peek(1);
  if (first === 0) {
    c.skip(1);
    return true;
  }
  const id = two ? first : first >> 4;
  if (!two && id === 15) return false;
  const length = two ? c.peek(1, 1) : (first & 0x0f) + 1;
  const head = two ? 2 : 1;
  c.group(`RFC 5285 Header Extension (${two ? 'Two' : 'One'}-Byte Header)`, head + length, () => {
    c.out.value(F.id, c.at, 1, id);
    c.out.value(F.length, two ? c.at + 1 : c.at, 1, length);
    c.skip(head);
    if (length > 0) c.data(F.data, Math.min(length, c.left));
  });
  return true;
}

function emitPayload(d: Dissection, layer: Layer, out: FieldSink): void {
  const { payload, padding, end } = shape(d, layer);
  const secure = factsOf(layer)?.announced?.secure;
  if (secure) {
    const { mki, tag } = secure;
    const stop = end - mki - tag;
    if (stop < payload) return;
    if (stop > payload) out.item(F.encrypted, payload, stop - payload);
    if (mki > 0) out.item(F.mki, stop, mki);
    if (tag > 0) out.item(F.tag, stop + mki, tag);
    return;
  }
  const stop = end - padding;
  const handled = hasEvents(d, layer) && stop - payload >= 4;
  const bytes = d.bytes.subarray(payload, stop);
  if (stop > payload) out.value(F.payload, payload, stop - payload, bytes, { hidden: handled });
  if (padding === 0) return;
  if (padding > 1) out.item(F.paddingData, stop, padding - 1);
  out.item(F.paddingCount, end - 1, 1);
}

const E = {
  event: f.u8('rtpevent.event_id', 'Event ID', { names: EVENTS }),
  end: bit('rtpevent.end_of_event', 'End of Event', 0x80, 8, YES),
  reserved: bit('rtpevent.reserved', 'Reserved', 0x40, 8, YES),
  volume: f.u8('rtpevent.volume', 'Volume', { mask: 0x3f, bits: 8 }),
  duration: f.u16('rtpevent.duration', 'Event Duration'),
};
export const rtpEvent: Protocol = protocol({
  name: 'rtpevent',
  column: 'RTP EVENT',
  title: 'RFC 2833 RTP Event',
  tint: 'udp',
  minLength: 4,
  fields: E,
  info(d, layer) {
    const end = d.bytes[layer.start + 1]! & 0x80 ? ' (end)' : '';
    return `Payload type=RTP Event, ${EVENTS[d.bytes[layer.start]!] ?? 'Unknown'}${end}`;
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    c.u8(E.event);
    c.bits(1, E.end, E.reserved, E.volume);
    c.skip(1);
    c.u16(E.duration);
  },
});
