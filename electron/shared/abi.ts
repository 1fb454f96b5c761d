/**
 * bpf/events.h as TypeScript reads it: sizes, offsets and the names of the classes. test/unit/abi.test.ts decodes a blob
 * that C wrote. Host byte order, which is little-endian on everything that xdpeek runs on.
 */

/** struct xdpeek_flow_record: the key (its first 40 bytes), then the value. Offsets in bytes. */
export const FLOW_RECORD_BYTES = 80;
export const FLOW_KEY_BYTES = 40;
export const FLOW = {
  source: 0,
  destination: 16,
  sourcePort: 32,
  destinationPort: 34,
  family: 36,
  protocol: 37,
  target: 38,
  direction: 39,
  packets: 40,
  bytes: 48,
  firstNs: 56,
  lastNs: 64,
  tcpFlags: 72,
} as const;

/** enum xdpeek_protocol, in order. */
export const PROTOCOL_KEYS = ['tcp', 'udp', 'icmp', 'icmpv6', 'arp', 'other-ipv4', 'other-ipv6', 'other'] as const;
/** Size classes by wire length, in order; the upper bounds are SIZE_LIMITS. */
export const SIZE_KEYS = [
  '≤64',
  '65–127',
  '128–255',
  '256–511',
  '512–1023',
  '1024–1518',
  '1519–9000',
  '>9000',
] as const;
export const SIZE_LIMITS = [64, 127, 255, 511, 1023, 1518, 9000, Number.POSITIVE_INFINITY] as const;

/** struct xdpeek_counter: u64 packets, u64 bytes. */
export const COUNTER_BYTES = 16;
/** struct xdpeek_stats: index of each group's first counter. */
export const STATS_GROUPS = { verdict: 0, protocol: 5, size: 13 } as const;
export const STATS_COUNTERS = 21;
export const STATS_BYTES = STATS_COUNTERS * COUNTER_BYTES;

/** u64 as a number: exact up to 2^53, which counters do not reach. */
export function readU64(view: DataView, offset: number): number {
  return view.getUint32(offset + 4, true) * 4294967296 + view.getUint32(offset, true);
}
