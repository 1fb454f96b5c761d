/**
 * QUIC, versions 1 and 2 (RFC 9000, RFC 9369): long and short headers, Retry, Version Negotiation. Initial packets are opened with keys that follow from
 * the client's first connection id (RFC 9001 §5.2), the others with the capture's secrets. A layer is a datagram with all its packets; what the
 * handshake says in CRYPTO frames are TLS layers below it.
 */
import { kept } from '../../state/conversations.ts';
import { u24 } from '../bytes.ts';
import { carrier } from '../checksum.ts';
import { Cursor } from '../cursor.ts';
import { protocol } from '../define.ts';
import type { DataSource, Dissection, Layer, Protocol } from '../dissection.ts';
import { HANDSHAKES } from '../names/tls.ts';
import { PDU_REST, source } from '../tcp-payload.ts';
import { hexText } from '../text.ts';
import { QuicConnection, quicConnection, type Side } from './quic/connection.ts';
import { emitPacket } from './quic/emit.ts';
import { F, TYPE_NAMES } from './quic/fields.ts';
import { levelOf, looksLikeQuic, type Packet, RETRY, type Reader, readPackets } from './quic/packets.ts';
import { type StreamUnit, streamProtocol } from './quic/streams.ts';
import { emitHandshake, HS } from './tls/handshake-fields.ts';
import { udpFacts } from './udp.ts';
import { X509_FIELDS } from './x509.ts';

const TLS13 = 0x0304;
const ENCRYPTED_EXTENSIONS = 8;
const KNOWN = Symbol('quic ends');

interface QuicFacts {
  packets: Packet[];
  /** What the layers above show. */
  units: StreamUnit[];
  suite: number | undefined;
}
const factsOf = (layer: Layer) => layer.facts as QuicFacts;

/** The UDP layer's conversation, once a QUIC packet was seen in it. */
function known(d: Dissection): boolean {
  const udp = d.layers.at(-1);
  const facts = udp?.protocol.name === 'udp' ? udpFacts(udp) : undefined;
  return facts !== undefined && kept(facts.conversation, KNOWN) !== undefined;
}

export const quic: Protocol = protocol({
  name: 'quic',
  column: 'QUIC',
  title: 'QUIC IETF',
  tint: 'tls',
  decodeAs: ['udp.port'],
  heuristic: {
    udp: (bytes, at, end, d) => looksLikeQuic(bytes, at, end) || (end > at && (bytes[at]! & 0x40) !== 0 && known(d)),
  },
  fields: F,

  walk(d, layer) {
    const end = d.capturedEnd(layer);
    layer.headerLength = end - layer.start;
    const { connection, side } = connectionOf(d, layer);
    const reader: Reader = { d, layer, connection, side };
    const units: StreamUnit[] = [];
    const packets = readPackets(reader, layer.start, end, (packet) => {
      handshake(reader, packet);
      streams(reader, packet, units);
    });
    layer.facts = { packets, units, suite: connection.suite } satisfies QuicFacts;
    return undefined;
  },

  info: quicInfo,

  emit(d, layer, out) {
    for (const [i, packet] of factsOf(layer).packets.entries()) emitPacket(d, packet, out, i === 0);
  },
});

/** Sides are numbered in the order in which they speak. */
function connectionOf(d: Dissection, layer: Layer): { connection: QuicConnection; side: Side } {
  const udp = layer.below;
  const conversation = udp?.protocol.name === 'udp' ? udpFacts(udp)?.conversation : undefined;
  const network = udp && carrier(udp)?.network;
  if (!conversation || !network) return { connection: new QuicConnection(), side: 0 };
  const at = network.start + (network.protocol.name === 'ipv6' ? 8 : 12);
  const sender =
    hexText(d.bytes, at, at + (network.protocol.name === 'ipv6' ? 16 : 4)) + hexText(d.bytes, udp.start, udp.start + 2);
  const first = (conversation.data.get(KNOWN) as string | undefined) ?? sender;
  conversation.data.set(KNOWN, first);
  return { connection: quicConnection(conversation), side: sender === first ? 0 : 1 };
}

/** CRYPTO frames → whole TLS messages, each run of them a layer. */
function handshake({ d, layer, connection, side }: Reader, packet: Packet): void {
  const level = levelOf(packet);
  if (!packet.plain || !level || level === 'early') return;
  const stream = connection.sides[side].crypto[level];
  for (const { crypto } of packet.frames) {
    if (!crypto) continue;
    const data = packet.plain.bytes.subarray(crypto.at, crypto.end);
    const added = stream.add(crypto.offset, data, d.context?.number ?? 0);
    if (!added) continue;
    const from = added.alone ? packet.plain : source(d, layer.start, added.bytes, 'Reassembled TLS Handshake');
    const start = added.alone ? crypto.at : from.prefix;
    const limit = added.alone ? crypto.end : from.bytes.length;
    const end = messagesEnd(from, start, limit);
    stream.keep(from.bytes.subarray(end, limit));
    if (end === start) continue;
    for (let at = start; at < end; at += 4 + u24(from.bytes, at + 1))
      if (level === 'initial') connection.hello(from.bytes, at, end, d.context?.state.secrets);
      else if (level === 'handshake' && from.bytes[at] === ENCRYPTED_EXTENSIONS)
        connection.agreed(from.bytes, at, at + 4 + u24(from.bytes, at + 1));
    d.also(quicTls, layer, start, end, from, layer);
  }
}

/** STREAM frames → what the protocol that was agreed on makes of them. */
function streams({ d, layer, connection, side }: Reader, packet: Packet, units: StreamUnit[]): void {
  const above = streamProtocol(connection.alpn);
  const level = levelOf(packet);
  if (!above || !packet.plain || !d.context || (level !== 'application' && level !== 'early')) return;
  const { plain } = packet;
  for (const frame of packet.frames) {
    if (!frame.stream) continue;
    const { id, offset, at, end, fin } = frame.stream;
    const stream = connection.sides[side].streams.of(d, id);
    const parts = stream.add(offset, plain.bytes.subarray(at, end), fin);
    const own = <T extends { copy(): unknown }>(make: () => T) => {
      connection.above ??= make();
      return connection.above as T;
    };
    const unit = above.take({ d, layer, side, own }, stream, { parts, plain, at });
    if (!unit) continue;
    frame.above = above.info(unit.facts);
    units.push(unit);
    d.also(above.protocol, layer, unit.start, unit.end, unit.source);
  }
}

/** What a layer above a QUIC layer is to show. */
export function quicUnit(layer: Layer): StreamUnit | undefined {
  const facts = layer.below?.protocol === quic ? factsOf(layer.below) : undefined;
  return facts?.units.find(({ source: from, start }) => from === layer.source && start === layer.start);
}

function messagesEnd({ bytes }: DataSource, start: number, limit: number): number {
  let at = start;
  while (at + 4 <= limit && at + 4 + u24(bytes, at + 1) <= limit) at += 4 + u24(bytes, at + 1);
  return at;
}

export function quicInfo(d: Dissection, layer: Layer): string {
  const { bytes } = d;
  d.enter(layer);
  const packet = factsOf(layer).packets.at(-1);
  const text = packet ? packetInfo(d, packet) : 'Unknown';
  d.bytes = bytes;
  return text;
}

function packetInfo(d: Dissection, packet: Packet): string {
  const { long, version, type, dcid, scid, number, frames, first } = packet;
  const text = (range: { at: number; end: number }) => hexText(d.bytes, range.at, range.end);
  const to = dcid.end > dcid.at ? `, DCID=${text(dcid)}` : '';
  const from = long && scid.end > scid.at ? `, SCID=${text(scid)}` : '';
  const phase = number === undefined ? 0 : (first >> 2) & 1;
  const name = long ? (version === 0 ? 'Version Negotiation' : TYPE_NAMES[type]!) : `Protected Payload (KP${phase})`;
  const opened = number === undefined || type === RETRY ? '' : `, PKN: ${number}`;
  const list = frames.map(({ short, above = [] }) => ['', short, ...above].join(', ')).join('');
  return `${name}${to}${from}${opened}${list}`;
}

/** TLS messages as QUIC carries them: without records. */
export const quicTls: Protocol = protocol({
  name: 'tls',
  column: 'TLS',
  title: 'Transport Layer Security',
  tint: 'tls',
  fields: { ...HS, ...X509_FIELDS },
  pdu: () => PDU_REST,

  label(d, layer) {
    const types: number[] = [];
    for (let at = layer.start; at < layer.end; at += 4 + u24(d.bytes, at + 1)) types.push(d.bytes[at]!);
    const what = types.length > 1 ? 'Multiple Handshake Messages' : (HANDSHAKES[types[0]!] ?? 'Unknown');
    return `TLSv1.3 Record Layer: Handshake Protocol: ${what}`;
  },

  emit(d, layer, out) {
    const suite = layer.below && factsOf(layer.below).suite;
    for (let at = layer.start; at < layer.end; ) {
      const end = at + 4 + u24(d.bytes, at + 1);
      emitHandshake(d, new Cursor(d, out, at, end), { version: TLS13, suite, quic: true });
      at = end;
    }
  },
});
