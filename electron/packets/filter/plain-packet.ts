/**
 * A look at the headers of the packets that captures are made of: Ethernet (VLAN tags too) or raw IP, then IPv4 or IPv6 without fragments and
 * extension headers, then TCP or UDP. Tells where things are without making anything. What is not of this shape, is cut, or is wrong
 * anywhere, is not plain: it is dissected as ever.
 */
import { u16 } from '../dissect/bytes.ts';
import { heuristics, portProtocol } from '../dissect/tables.ts';

const ETHERNET = 1;
const RAW = 101;
const RAW_IPV4 = 228;
const RAW_IPV6 = 229;
const MAX_TAGS = 2;
export const TCP = 6;
export const UDP = 17;

/** Protocols over TCP and UDP that are found by their own ports and bytes alone, and lead to no other one. */
const LEAVES =
  'dns mdns llmnr dhcp dhcpv6 ntp snmp radius bfd bgp ssh mqtt syslog wg stun cflow resp memcache kafka'.split(' ');
/** Those that have others in them, or that others lead to: after an upgrade, in another conversation that they announce. */
const LEADING = 'pgsql tls quic http http2 websocket smtp imap ftp tftp sip rtp rtcp'.split(' ');
/**
 * Protocols over TCP and UDP that carry no link, network or transport protocol. What a port gives to any other protocol is not plain: a new tunnel is
 * looked into without anybody thinking of this list, only slowly.
 */
const SIMPLE = new Set([...LEAVES, ...LEADING]);
const LEAF = new Set(LEAVES);

/** Whether a protocol is found by itself and has no other one in it. */
export function isLeaf(name: string): boolean {
  return LEAF.has(name);
}

export function isSimple(name: string): boolean {
  return SIMPLE.has(name);
}

export class PlainPacket {
  bytes: Uint8Array = new Uint8Array(0);
  /** Offset of the Ethernet header; -1 without one. */
  link = -1;
  /** Of the first VLAN tag; -1 without one. */
  tags = -1;
  network = 0;
  six = false;
  transport = 0;
  /** TCP or UDP. */
  protocol = 0;
  source = 0;
  destination = 0;
  /** Name of the protocol that the ports say is above; undefined = whichever recognises its bytes. */
  above: string | undefined;

  /** Whether the packet is plain. Only then the rest means something. */
  look(bytes: Uint8Array, linkType: number): boolean {
    this.bytes = bytes;
    this.link = -1;
    this.tags = -1;
    if (linkType === ETHERNET) return this.#ethernet(bytes);
    if (linkType !== RAW && linkType !== RAW_IPV4 && linkType !== RAW_IPV6) return false;
    const version = bytes.length > 0 ? bytes[0]! >> 4 : 0;
    if (version === 4 && linkType !== RAW_IPV6) return this.#ipv4(bytes, 0);
    return version === 6 && linkType !== RAW_IPV4 && this.#ipv6(bytes, 0);
  }

  #ethernet(bytes: Uint8Array): boolean {
    if (bytes.length < 14 + 20 + 8) return false;
    this.link = 0;
    let at = 12;
    let type = u16(bytes, at);
    for (let tags = 0; type === 0x8100 || type === 0x88a8; tags++) {
      if (tags === MAX_TAGS || at + 6 > bytes.length) return false;
      if (this.tags < 0) this.tags = at + 2;
      at += 4;
      type = u16(bytes, at);
    }
    if (type === 0x0800) return this.#ipv4(bytes, at + 2);
    return type === 0x86dd && this.#ipv6(bytes, at + 2);
  }

  #ipv4(bytes: Uint8Array, at: number): boolean {
    if (bytes.length < at + 20 || bytes[at]! >> 4 !== 4) return false;
    const header = (bytes[at]! & 15) * 4;
    const total = u16(bytes, at + 2);
    // A total length of 0 stands for the carrier's; what is marked as a fragment belongs to others.
    if (header < 20 || total < header || (u16(bytes, at + 6) & 0x3fff) !== 0) return false;
    this.network = at;
    this.six = false;
    return this.#transport(bytes, bytes[at + 9]!, at + header, Math.min(bytes.length, at + total));
  }

  #ipv6(bytes: Uint8Array, at: number): boolean {
    if (bytes.length < at + 40 || bytes[at]! >> 4 !== 6) return false;
    const length = u16(bytes, at + 4);
    if (length === 0) return false;
    this.network = at;
    this.six = true;
    return this.#transport(bytes, bytes[at + 6]!, at + 40, Math.min(bytes.length, at + 40 + length));
  }

  #transport(bytes: Uint8Array, protocol: number, at: number, end: number): boolean {
    if (protocol === TCP) {
      if (end < at + 20) return false;
      const header = (bytes[at + 12]! >> 4) * 4;
      if (header < 20 || at + header > end) return false;
    } else if (protocol !== UDP || end < at + 8 || u16(bytes, at + 4) < 8) return false;
    this.transport = at;
    this.protocol = protocol;
    this.source = u16(bytes, at);
    this.destination = u16(bytes, at + 2);
    const found = portProtocol(protocol === TCP ? 'tcp.port' : 'udp.port', this.source, this.destination);
    this.above = found?.name;
    return found ? SIMPLE.has(found.name) : recognisesOnlySimple(protocol);
  }
}

const simpleHeuristics = new Map<number, boolean>();
function recognisesOnlySimple(protocol: number): boolean {
  let known = simpleHeuristics.get(protocol);
  if (known === undefined) {
    known = heuristics(protocol === TCP ? 'tcp' : 'udp').every(({ name }) => SIMPLE.has(name));
    simpleHeuristics.set(protocol, known);
  }
  return known;
}
