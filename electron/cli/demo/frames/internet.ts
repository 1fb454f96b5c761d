/** Network layer: IPv4 with options and fragments, IPv6 with extension headers. Lengths and checksums are worked out. */
import { type Bytes, concat, internetChecksum, ipBytes, u16, u32 } from './bytes.ts';

export const PROTOCOL = {
  hopByHop: 0,
  icmp: 1,
  tcp: 6,
  udp: 17,
  routing: 43,
  fragment: 44,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  none: 59,
  destination: 60,
} as const;

/** Both ends of an IP packet: what the pseudo-header of TCP, UDP and ICMPv6 needs. */
export interface Ends {
  source: string;
  destination: string;
}

export interface Ipv4Header extends Ends {
  protocol: number;
  ttl?: number;
  identification?: number;
  /** DSCP and ECN octet. */
  tos?: number;
  dontFragment?: boolean;
  moreFragments?: boolean;
  /** In bytes; a multiple of 8. */
  fragmentOffset?: number;
  /** Raw options; padded to 4 bytes with end-of-list. */
  options?: Uint8Array;
}

export function ipv4(header: Ipv4Header, payload: Uint8Array): Bytes {
  const options = new Uint8Array(Math.ceil((header.options?.length ?? 0) / 4) * 4);
  options.set(header.options ?? []);
  const headerLength = 20 + options.length;
  const flags = (header.dontFragment ? 0x4000 : 0) | (header.moreFragments ? 0x2000 : 0);
  const bytes = concat(
    Uint8Array.of(0x40 | (headerLength / 4), header.tos ?? 0),
    u16(headerLength + payload.length),
    u16(header.identification ?? 0),
    u16(flags | ((header.fragmentOffset ?? 0) >> 3)),
    Uint8Array.of(header.ttl ?? 64, header.protocol),
    u16(0),
    ipBytes(header.source),
    ipBytes(header.destination),
    options,
    payload,
  );
  bytes.set(u16(internetChecksum(bytes.subarray(0, headerLength))), 10);
  return bytes;
}

export interface Ipv6Header extends Ends {
  /** First header after the fixed one: an extension header or the transport protocol. */
  nextHeader: number;
  hopLimit?: number;
  trafficClass?: number;
  flowLabel?: number;
}

export function ipv6(header: Ipv6Header, payload: Uint8Array): Bytes {
  const word = 0x60000000 + (header.trafficClass ?? 0) * 0x100000 + (header.flowLabel ?? 0);
  return concat(
    u32(word),
    u16(payload.length),
    Uint8Array.of(header.nextHeader, header.hopLimit ?? 64),
    ipBytes(header.source),
    ipBytes(header.destination),
    payload,
  );
}

/** Hop-by-hop or destination options (RFC 8200 §4.3, §4.6), filled up with PadN to a multiple of 8. */
export function optionsHeader(nextHeader: number, options: Uint8Array, payload: Uint8Array): Bytes {
  const length = Math.ceil((2 + options.length) / 8) * 8;
  const gap = length - 2 - options.length;
  const padding = gap === 0 ? [] : gap === 1 ? [0] : [1, gap - 2, ...new Array<number>(gap - 2).fill(0)];
  return concat(Uint8Array.of(nextHeader, length / 8 - 1), options, Uint8Array.from(padding), payload);
}

/** Segment-less routing header of the given type (RFC 8200 §4.4) with addresses as data. */
export function routingHeader(
  nextHeader: number,
  routing: { type: number; segmentsLeft: number; addresses: readonly string[] },
  payload: Uint8Array,
): Bytes {
  const { type, segmentsLeft, addresses } = routing;
  return concat(
    Uint8Array.of(nextHeader, addresses.length * 2, type, segmentsLeft, 0, 0, 0, 0),
    ...addresses.map(ipBytes),
    payload,
  );
}

/** RFC 8200 §4.5; `offset` in bytes, a multiple of 8. */
export function fragmentHeader(
  nextHeader: number,
  fragment: { identification: number; offset: number; more: boolean },
  payload: Uint8Array,
): Bytes {
  return concat(
    Uint8Array.of(nextHeader, 0),
    u16((fragment.offset & 0xfff8) | (fragment.more ? 1 : 0)),
    u32(fragment.identification),
    payload,
  );
}

/** Authentication header (RFC 4302) with an integrity value of 12 bytes; its length field counts 4-byte words less 2. */
export function authenticationHeader(
  nextHeader: number,
  fields: { spi: number; sequence: number },
  payload: Uint8Array,
): Bytes {
  return concat(
    Uint8Array.of(nextHeader, 4, 0, 0),
    u32(fields.spi),
    u32(fields.sequence),
    new Uint8Array(12).fill(0xa5),
    payload,
  );
}

/** The checksum of a transport segment over its pseudo-header (RFC 9293 §3.1, RFC 8200 §8.1). */
export function transportChecksum(ends: Ends, protocol: number, segment: Uint8Array): number {
  const source = ipBytes(ends.source);
  const length = source.length === 4 ? u16(segment.length) : u32(segment.length);
  const next = source.length === 4 ? Uint8Array.of(0, protocol) : Uint8Array.of(0, 0, 0, protocol);
  return internetChecksum(source, ipBytes(ends.destination), next, length, segment);
}
