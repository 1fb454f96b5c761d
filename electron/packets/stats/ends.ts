/** The two ends of a packet at one layer: what conversations and endpoints are counted by. */
import type { StatLayer } from '../../shared/analysis.ts';
import { u16 } from '../dissect/bytes.ts';
import { carrier, finalDestination } from '../dissect/checksum.ts';
import type { Dissection, Layer } from '../dissect/index.ts';
import { tcpFacts } from '../dissect/protocols/tcp-facts.ts';
import { udpFacts } from '../dissect/protocols/udp.ts';
import { ipv4Text, ipv6Text, macText } from '../dissect/text.ts';

export const LAYER_TITLES: Record<StatLayer, string> = {
  eth: 'Ethernet',
  ip: 'IPv4',
  ipv6: 'IPv6',
  tcp: 'TCP',
  udp: 'UDP',
  sctp: 'SCTP',
};
export const hasPorts = (layer: StatLayer): boolean => layer === 'tcp' || layer === 'udp' || layer === 'sctp';

export interface Ends {
  layer: StatLayer;
  source: Uint8Array;
  destination: Uint8Array;
  /** 0 where the layer has none. */
  sourcePort: number;
  destinationPort: number;
  /** tcp.stream, udp.stream. */
  stream: number | undefined;
}

/** Reused by `eachEnds`: valid until the next one. */
const found: Ends = {
  layer: 'eth',
  source: new Uint8Array(0),
  destination: new Uint8Array(0),
  sourcePort: 0,
  destinationPort: 0,
  stream: undefined,
};

/** Every pair of ends in a packet, outermost first. Quotations concern other packets and are left out. */
export function eachEnds(d: Dissection, take: (ends: Ends) => void): void {
  for (const layer of d.layers) {
    if (layer.quotedBy || layer.short) continue;
    if (read(d, layer)) take(found);
  }
}

function read(d: Dissection, layer: Layer): boolean {
  const at = layer.start;
  switch (layer.protocol.name) {
    case 'eth':
      d.enter(layer);
      return set('eth', d.bytes, at + 6, at, 6);
    case 'ip':
      d.enter(layer);
      return set('ip', d.bytes, at + 12, at + 16, 4);
    case 'ipv6':
      d.enter(layer);
      return set('ipv6', d.bytes, at + 8, at + 24, 16);
    case 'tcp':
      return transport(d, layer, 'tcp', tcpFacts(layer)?.conversation.index);
    case 'udp':
      return transport(d, layer, 'udp', udpFacts(layer)?.conversation.index);
    case 'sctp':
      return transport(d, layer, 'sctp', undefined);
    default:
      return false;
  }
}

/** Of one layer; valid until the next call. */
export function endsOf(d: Dissection, layer: Layer): Ends | undefined {
  return read(d, layer) ? found : undefined;
}

/** "10.0.0.1:40000", "[fd00::1]:53": sender and receiver of a transport layer. */
export function endTexts(d: Dissection, layer: Layer): readonly [string, string] {
  if (!read(d, layer)) return ['', ''];
  const text = (address: Uint8Array, port: number) =>
    address.length === 16 ? `[${addressText(address)}]:${port}` : `${addressText(address)}:${port}`;
  return [text(found.source, found.sourcePort), text(found.destination, found.destinationPort)];
}

function transport(d: Dissection, layer: Layer, name: StatLayer, stream: number | undefined): boolean {
  const under = carrier(layer);
  if (!under) return false;
  const { network, routing } = under;
  d.enter(network);
  const at = network.start;
  if (network.protocol.name === 'ip') set(name, d.bytes, at + 12, at + 16, 4);
  else set(name, d.bytes, at + 8, (routing && finalDestination(d.bytes, routing)) ?? at + 24, 16);
  d.enter(layer);
  found.sourcePort = u16(d.bytes, layer.start);
  found.destinationPort = u16(d.bytes, layer.start + 2);
  found.stream = stream;
  return true;
}

function set(layer: StatLayer, bytes: Uint8Array, source: number, destination: number, size: number): boolean {
  found.layer = layer;
  found.source = bytes.subarray(source, source + size);
  found.destination = bytes.subarray(destination, destination + size);
  found.sourcePort = 0;
  found.destinationPort = 0;
  found.stream = undefined;
  return true;
}

/** Of 4, 6 or 16 bytes. */
export function addressText(address: Uint8Array): string {
  if (address.length === 4) return ipv4Text(address, 0);
  return address.length === 6 ? macText(address, 0) : ipv6Text(address, 0);
}

/** As a map's key: two bytes a character. */
export function endKey(address: Uint8Array, port: number): string {
  let key = String.fromCharCode(port);
  for (let i = 0; i < address.length; i += 2) key += String.fromCharCode((address[i]! << 8) | address[i + 1]!);
  return key;
}

/** A number that differs where ends do, unless somebody chose them for it. */
export function endHash(address: Uint8Array, port: number): number {
  let hash = Math.imul(port + 1, 0x9e3779b1);
  for (let i = 0; i < address.length; i++) hash = Math.imul(hash ^ address[i]!, 0x01000193);
  return (hash ^ (hash >>> 15)) & 0x3fffffff;
}

/** < 0: a before b, byte by byte. */
export function compareAddresses(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}
