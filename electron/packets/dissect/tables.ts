/**
 * Who follows whom: EtherType, IP protocol number, port… → protocol. Filled once by registry.ts from each protocol's `binds`;
 * apart from the protocols so that they can look up each other without importing each other.
 */
import type { BindTable, Dissection, Protocol } from './dissection.ts';

const TABLES: Record<BindTable, Map<number, Protocol>> = {
  linktype: new Map(),
  ethertype: new Map(),
  'ip.proto': new Map(),
  'ipv6.nxt': new Map(),
  'udp.port': new Map(),
  'tcp.port': new Map(),
  'sctp.port': new Map(),
  'sctp.ppi': new Map(),
  'llc.dsap': new Map(),
  'llc.pid': new Map(),
  'ppp.protocol': new Map(),
};

export function lookup(table: BindTable, key: number): Protocol | undefined {
  return TABLES[table].get(key);
}

/** By port: the lower one first, as Wireshark does (its "try heuristic sub-dissectors first" off). */
export function lookupPort(table: 'udp.port' | 'tcp.port', a: number, b: number): Protocol | undefined {
  const ports = TABLES[table];
  return a < b ? (ports.get(a) ?? ports.get(b)) : (ports.get(b) ?? ports.get(a));
}

const HEURISTICS: Record<'tcp' | 'udp', Protocol[]> = { tcp: [], udp: [] };

/** The first protocol that recognises the bytes. */
export function recognise(
  transport: 'tcp' | 'udp',
  bytes: Uint8Array,
  start: number,
  end: number,
  d: Dissection,
): Protocol | undefined {
  return HEURISTICS[transport].find((protocol) => protocol.heuristic![transport]!(bytes, start, end, d));
}

export function bind(protocol: Protocol): void {
  for (const [table, keys] of Object.entries(protocol.binds))
    for (const key of keys) TABLES[table as BindTable].set(key, protocol);
  for (const transport of ['tcp', 'udp'] as const)
    if (protocol.heuristic?.[transport]) HEURISTICS[transport].push(protocol);
}
