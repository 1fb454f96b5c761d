/** Transport layer: UDP, TCP, ICMP, ICMPv6 and neighbour discovery, with checksums over the right pseudo-header. */
import { type Bytes, concat, internetChecksum, ipBytes, macBytes, u16, u32 } from './bytes.ts';
import { type Ends, PROTOCOL, transportChecksum } from './internet.ts';

export interface Ports {
  sourcePort: number;
  destinationPort: number;
}

/** A checksum of zero goes out as 0xffff: zero says "none" in UDP over IPv4 and is forbidden over IPv6. */
export function udp(ends: Ends, ports: Ports, payload: Uint8Array): Bytes {
  const segment = concat(u16(ports.sourcePort), u16(ports.destinationPort), u16(8 + payload.length), u16(0), payload);
  segment.set(u16(transportChecksum(ends, PROTOCOL.udp, segment) || 0xffff), 6);
  return segment;
}

export const TCP_FLAG = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ece: 64, cwr: 128, ae: 256 } as const;

export interface TcpHeader extends Ports {
  /** OR of TCP_FLAG. */
  flags: number;
  sequence?: number;
  acknowledgment?: number;
  window?: number;
  urgentPointer?: number;
  /** Raw options; padded to 4 bytes with end-of-list. */
  options?: Uint8Array;
}

export function tcp(ends: Ends, header: TcpHeader, payload: Uint8Array = new Uint8Array()): Bytes {
  const options = new Uint8Array(Math.ceil((header.options?.length ?? 0) / 4) * 4);
  options.set(header.options ?? []);
  const segment = concat(
    u16(header.sourcePort),
    u16(header.destinationPort),
    u32(header.sequence ?? 0),
    u32(header.acknowledgment ?? 0),
    u16(((20 + options.length) << 10) | header.flags),
    u16(header.window ?? 64240),
    u16(0),
    u16(header.urgentPointer ?? 0),
    options,
    payload,
  );
  segment.set(u16(transportChecksum(ends, PROTOCOL.tcp, segment)), 16);
  return segment;
}

/** The options of a usual Linux SYN: MSS, SACK permitted, timestamps, no-operation, window scale. */
export function synOptions(mss: number, timestamp: number, scale: number): Bytes {
  return concat(
    Uint8Array.of(2, 4),
    u16(mss),
    Uint8Array.of(4, 2, 8, 10),
    u32(timestamp),
    u32(0),
    Uint8Array.of(1, 3, 3, scale),
  );
}

export interface IcmpHeader {
  type: number;
  code?: number;
  /** The second word of the header: identifier and sequence of an echo, MTU, gateway… */
  rest?: Uint8Array;
}

export function icmp(header: IcmpHeader, payload: Uint8Array): Bytes {
  const bytes = concat(Uint8Array.of(header.type, header.code ?? 0, 0, 0), header.rest ?? u32(0), payload);
  bytes.set(u16(internetChecksum(bytes)), 2);
  return bytes;
}

export function icmpv6(ends: Ends, header: IcmpHeader, payload: Uint8Array): Bytes {
  const bytes = concat(Uint8Array.of(header.type, header.code ?? 0, 0, 0), header.rest ?? u32(0), payload);
  bytes.set(u16(transportChecksum(ends, PROTOCOL.icmpv6, bytes)), 2);
  return bytes;
}

/** `rest` of an echo request or reply. */
export const echo = (identifier: number, sequence: number): Bytes => concat(u16(identifier), u16(sequence));

/** RFC 4861 §4.3 with the source link-layer address option. */
export function neighborSolicitation(ends: Ends, target: string, sourceMac: string): Bytes {
  return icmpv6(ends, { type: 135 }, concat(ipBytes(target), Uint8Array.of(1, 1), macBytes(sourceMac)));
}

/** RFC 4861 §4.4, solicited and override set, with the target link-layer address option. */
export function neighborAdvertisement(ends: Ends, target: string, targetMac: string): Bytes {
  const rest = u32(0x60000000);
  return icmpv6(ends, { type: 136, rest }, concat(ipBytes(target), Uint8Array.of(2, 1), macBytes(targetMac)));
}
