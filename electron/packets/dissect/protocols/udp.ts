/** User Datagram Protocol (RFC 768). The payload ends where UDP's length says, so padding never shows as data. */
import { type Conversation, own } from '../../state/conversations.ts';
import { type Announced, MediaTable } from '../../state/media.ts';
import { u16 } from '../bytes.ts';
import { carrier, finalDestination, STATUS_NAMES, transportCheck } from '../checksum.ts';
import { emitChecksum } from '../checksum-fields.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import { type Field, GROUP } from '../field.ts';
import { note } from '../notes.ts';
import { lookup, lookupPort, recognise } from '../tables.ts';
import { ipv4Text, ipv6Text } from '../text.ts';
import { rest } from './data.ts';

const SRC = 0;
const DST = 2;
const LENGTH = 4;
const CHECKSUM = 6;
const HEADER = 8;
const PROTOCOL_NUMBER = 17;
/** No port: the key that RTCP has in the table of ports. */
const RTCP = -2;

const FIELDS = {
  src: { name: 'udp.srcport', title: 'Source Port', type: 'uint16' },
  dst: { name: 'udp.dstport', title: 'Destination Port', type: 'uint16' },
  port: { name: 'udp.port', title: 'Source or Destination Port', type: 'uint16' },
  length: { name: 'udp.length', title: 'Length', type: 'uint16' },
  checksum: { name: 'udp.checksum', title: 'Checksum', type: 'uint16', base: 'hex' },
  calculated: { name: 'udp.checksum_calculated', title: 'Calculated Checksum', type: 'uint16', base: 'hex' },
  status: { name: 'udp.checksum.status', title: 'Checksum Status', type: 'uint8', names: STATUS_NAMES },
  stream: { name: 'udp.stream', title: 'Stream index', type: 'uint32' },
  timeRelative: { name: 'udp.time_relative', title: 'Time since first frame', type: 'relative-time' },
  timeDelta: { name: 'udp.time_delta', title: 'Time since previous frame', type: 'relative-time' },
  payload: { name: 'udp.payload', title: 'UDP payload', type: 'bytes' },
} satisfies Record<string, Field>;

export interface UdpFacts {
  conversation: Conversation;
  sinceFirstNs: number;
  sinceLastNs: number;
  /** What promised media here. */
  announced: Announced | undefined;
}
export const udpFacts = (layer: Layer) => layer.facts as UdpFacts | undefined;

function makeFacts(d: Dissection, layer: Layer): UdpFacts | undefined {
  const { context } = d;
  const under = context && carrier(layer);
  if (!context || !under) return undefined;
  const to = under.routing && finalDestination(d.bytes, under.routing);
  const { udp: table } = context.state;
  const known = table.seek(d.bytes, under.network, layer.start, to);
  const conversation = known ?? table.begin(context.number, context.timeNs);
  // An error belongs to the conversation that it is about.
  context.state.join(conversation);
  const facts = {
    conversation,
    sinceFirstNs: context.timeNs - conversation.firstNs,
    sinceLastNs: context.timeNs - conversation.lastNs,
    announced: announced(d, layer, under.network, conversation),
  };
  if (!layer.quotedBy) conversation.lastNs = context.timeNs;
  return facts;
}

/** Of either end; the first that was found stays until another call takes the endpoint. */
function announced(d: Dissection, layer: Layer, network: Layer, conversation: Conversation): Announced | undefined {
  const { media } = d.context!.state;
  if (media.empty || d.quoting) return undefined;
  const six = network.protocol.name === 'ipv6';
  const end = (address: number, port: number) =>
    media.find(
      `${(six ? ipv6Text : ipv4Text)(d.bytes, network.start + address)}:${u16(d.bytes, port)}`,
      d.context!.number,
    );
  const found = end(six ? 8 : 12, layer.start + SRC) ?? end(six ? 24 : 16, layer.start + DST);
  const kept = own(conversation, MediaTable, (): { announced: Announced | undefined } => ({ announced: undefined }));
  if (found && found.callId !== kept.announced?.callId) kept.announced = found;
  return kept.announced;
}

const room = (layer: Layer) => carrierEnd(layer) - layer.start;
/** A datagram put together from fragments has all of its own bytes. */
const carrierEnd = (layer: Layer) =>
  layer.source && layer.below?.source !== layer.source ? layer.source.bytes.length : (layer.below?.end ?? layer.end);

/** The length field: data unit's length, or why it cannot be. 0 is a jumbogram's (RFC 2675): then the carrier's length. */
function lengthOf(d: Dissection, layer: Layer): { length: number; wrong: 'short' | 'long' | undefined } {
  const stated = u16(d.bytes, layer.start + LENGTH);
  const space = room(layer);
  if (stated === 0 && space > 0xffff) return { length: space, wrong: undefined };
  if (stated < HEADER) return { length: stated, wrong: 'short' };
  const long = stated > space && !layer.quotedBy && !carrier(layer)?.fragment && !isFragment(d, layer);
  return { length: stated, wrong: long ? 'long' : undefined };
}

function isFragment(d: Dissection, layer: Layer): boolean {
  if (layer.source && layer.below?.source !== layer.source) return false;
  const network = carrier(layer)?.network;
  return network?.protocol.name === 'ip' && (u16(d.bytes, network.start + 6) & 0x3fff) !== 0;
}

/** Media that was announced for this conversation: RTP and RTCP of version 2, told apart where they share a port (RFC 5761 §4). */
function promised(layer: Layer, bytes: Uint8Array, start: number): Protocol | undefined {
  const media = udpFacts(layer)?.announced;
  if (!media || bytes[start]! >> 6 !== 2) return undefined;
  const control = bytes[start + 1]! >= 192 && bytes[start + 1]! < 224;
  return control ? lookup('udp.port', RTCP) : media.protocol;
}

function claimed(d: Dissection, layer: Layer, start: number, end: number): Protocol | undefined {
  const found = lookupPort('udp.port', u16(d.bytes, layer.start + SRC), u16(d.bytes, layer.start + DST), d);
  return found?.strict && !found.heuristic!.udp!(d.bytes, start, end, d) ? undefined : found;
}

/** A cut header may still have its ports. */
const hasPorts = (d: Dissection, layer: Layer) => layer.start + 4 <= d.capturedEnd(layer);

export const udp: Protocol = {
  name: 'udp',
  column: 'UDP',
  title: 'User Datagram Protocol',
  tint: 'udp',
  minLength: HEADER,
  binds: { 'ip.proto': [PROTOCOL_NUMBER] },
  fields: FIELDS,

  walk(d, layer) {
    const { bytes } = d;
    layer.headerLength = HEADER;
    const stated = u16(bytes, layer.start + LENGTH);
    const { wrong } = lengthOf(d, layer);
    if (wrong) d.bogus ||= !layer.quotedBy;
    if (wrong === 'short') return undefined;
    if (stated >= HEADER) layer.end = Math.min(layer.end, layer.start + stated);
    const start = layer.start + HEADER;
    layer.facts = makeFacts(d, layer);
    const end = Math.min(layer.end, bytes.length);
    const next =
      promised(layer, bytes, start) ?? claimed(d, layer, start, end) ?? recognise('udp', bytes, start, end, d);
    if (!next || start >= end) return rest(d, start, layer.end);
    d.follow(start, layer.end);
    return next;
  },

  info(d, layer) {
    const { length, wrong } = lengthOf(d, layer);
    const ports = `${u16(d.bytes, layer.start + SRC)} → ${u16(d.bytes, layer.start + DST)}`;
    if (wrong === 'short') return `${ports} [BAD UDP LENGTH ${length} < 8]`;
    const note = wrong === 'long' ? ` [BAD UDP LENGTH ${length} > IP PAYLOAD LENGTH]` : '';
    return `${ports}${note} Len=${length - HEADER}`;
  },
  shortInfo: (d, layer) =>
    hasPorts(d, layer) ? `${u16(d.bytes, layer.start + SRC)} → ${u16(d.bytes, layer.start + DST)}` : '',
  shortLabel: (d, layer) =>
    hasPorts(d, layer)
      ? `User Datagram Protocol, Src Port: ${u16(d.bytes, layer.start + SRC)}, Dst Port: ${u16(d.bytes, layer.start + DST)}`
      : 'User Datagram Protocol',

  label: (d, layer) =>
    `User Datagram Protocol, Src Port: ${u16(d.bytes, layer.start + SRC)}, Dst Port: ${u16(d.bytes, layer.start + DST)}`,

  emit(d, layer, out) {
    const at = layer.start;
    const { bytes } = d;
    out.item(FIELDS.src, at + SRC);
    out.item(FIELDS.dst, at + DST);
    out.hidden(FIELDS.port, at + SRC);
    out.hidden(FIELDS.port, at + DST);
    const { length, wrong } = lengthOf(d, layer);
    const bogus = wrong && { suffix: ` (bogus, payload length ${room(layer)})` };
    out.open(FIELDS.length, at + LENGTH, 2, u16(bytes, at + LENGTH), bogus);
    if (wrong)
      note(
        out,
        'error',
        'Malformed',
        `Bad length value ${length} ${wrong === 'long' ? '> IP payload length' : '< 8'}`,
        at + LENGTH,
      );
    out.close();
    if (wrong === 'short') return;
    if (u16(bytes, at + CHECKSUM) === 0 && carrier(layer)?.network.protocol.name !== 'ipv6') {
      out.open(FIELDS.checksum, at + CHECKSUM, 2, 0, { suffix: ' [zero-value ignored]' });
      out.value(FIELDS.status, at + CHECKSUM, 2, 3, { label: 'Checksum Status: Not present', generated: true });
      out.close();
    } else {
      const check = () => transportCheck(d, layer, PROTOCOL_NUMBER, length, at + CHECKSUM);
      emitChecksum(d, at + CHECKSUM, FIELDS, check, 'UDP', true, out);
    }
    emitStream(layer, out);
    const kept = Math.min(layer.end, bytes.length) - at - HEADER;
    if (kept > 0) out.item(FIELDS.payload, at + HEADER, kept, { label: payloadLabel(kept) });
  },
};

function emitStream(layer: Layer, out: FieldSink): void {
  const facts = udpFacts(layer);
  if (!facts) return;
  const at = layer.start;
  out.value(FIELDS.stream, at, 0, facts.conversation.index, { generated: true });
  if (layer.quotedBy) return;
  out.open(GROUP, at, 0, null, { label: 'Timestamps', generated: true });
  out.value(FIELDS.timeRelative, at, 0, BigInt(Math.round(facts.sinceFirstNs)), { generated: true });
  out.value(FIELDS.timeDelta, at, 0, BigInt(Math.round(facts.sinceLastNs)), { generated: true });
  out.close();
}

function payloadLabel(length: number): string {
  return `UDP payload (${length} byte${length === 1 ? '' : 's'})`;
}
