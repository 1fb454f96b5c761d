/** What numbers in flows are called. */

const PROTOCOLS: Record<number, string> = {
  1: 'icmp',
  2: 'igmp',
  4: 'ipip',
  6: 'tcp',
  17: 'udp',
  41: 'ipv6',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  58: 'icmpv6',
  88: 'eigrp',
  89: 'ospf',
  103: 'pim',
  112: 'vrrp',
  115: 'l2tp',
  132: 'sctp',
};
export const IPPROTO_ICMP = 1;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_ICMPV6 = 58;

/** Name of an IP protocol number (IANA assigned internet protocol numbers). */
export function protocolName(number: number): string {
  return PROTOCOLS[number] ?? `proto ${number}`;
}

export function hasPorts(protocol: number): boolean {
  return protocol === IPPROTO_TCP || protocol === IPPROTO_UDP || protocol === 132;
}

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;

/** One direction of a connection, from all the flags that it showed. */
function tcpState(flags: number): string {
  if (flags & RST) return 'reset';
  if (flags & FIN) return 'closed';
  if ((flags & (SYN | ACK)) === SYN) return 'opening';
  return flags & ACK ? 'established' : 'stray';
}

const ICMP: Record<number, string> = {
  0: 'echo reply',
  3: 'unreachable',
  5: 'redirect',
  8: 'echo request',
  11: 'time exceeded',
  12: 'parameter problem',
};
const ICMPV6: Record<number, string> = {
  1: 'unreachable',
  2: 'packet too big',
  3: 'time exceeded',
  128: 'echo request',
  129: 'echo reply',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbor solicitation',
  136: 'neighbor advertisement',
  143: 'multicast listener report',
};

/** A flow's state in words; for ICMP what it says, as its key has type and code where others have ports. */
export function flowState(protocol: number, tcpFlags: number, type: number, code: number): string {
  if (protocol === IPPROTO_TCP) return tcpState(tcpFlags);
  if (protocol !== IPPROTO_ICMP && protocol !== IPPROTO_ICMPV6) return '';
  return (protocol === IPPROTO_ICMP ? ICMP : ICMPV6)[type] ?? `type ${type} code ${code}`;
}
