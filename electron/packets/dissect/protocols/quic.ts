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
import { emitHandshake, HS } from './tls/handshake-fields.ts';
import { udpFacts } from './udp.ts';
import { X509_FIELDS } from './x509.ts';

const TLS13 = 0x0304;
const KNOWN = Symbol('quic ends');

interface QuicFacts {
  packets: Packet[];
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
    const packets = readPackets(reader, layer.start, end, (packet) => handshake(reader, packet));
    layer.facts = { packets, suite: connection.suite } satisfies QuicFacts;
    return undefined;
  },

  info(d, layer) {
    const packet = factsOf(layer).packets.at(-1);
    return packet ? packetInfo(d, packet) : 'Unknown';
  },

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
    d.also(quicTls, layer, start, end, from, layer);
  }
}

function messagesEnd({ bytes }: DataSource, start: number, limit: number): number {
  let at = start;
  while (at + 4 <= limit && at + 4 + u24(bytes, at + 1) <= limit) at += 4 + u24(bytes, at + 1);
  return at;
}

function packetInfo(d: Dissection, packet: Packet): string {
  const { long, version, type, dcid, scid, number, frames, first } = packet;
  const text = (range: { at: number; end: number }) => hexText(d.bytes, range.at, range.end);
  const to = dcid.end > dcid.at ? `, DCID=${text(dcid)}` : '';
  const from = long && scid.end > scid.at ? `, SCID=${text(scid)}` : '';
  const phase = number === undefined ? 0 : (first >> 2) & 1;
  const name = long ? (version === 0 ? 'Version Negotiation' : TYPE_NAMES[type]!) : `Protected Payload (KP${phase})`;
  const opened = number === undefined || type === RETRY ? '' : `, PKN: ${number}`;
  const list = frames.map(({ short }) => `, ${short}`).join('');
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
