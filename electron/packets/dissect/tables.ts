/**
 * Who follows whom: EtherType, IP protocol number, port… → protocol. Filled once by registry.ts from each protocol's `binds`;
 * apart from the protocols so that they can look up each other without importing each other.
 */
import type { BindTable, Protocol } from './dissection.ts';

const TABLES: Record<BindTable, Map<number, Protocol>> = {
  linktype: new Map(),
  ethertype: new Map(),
  'ip.proto': new Map(),
  'ipv6.nxt': new Map(),
  'udp.port': new Map(),
  'tcp.port': new Map(),
  'llc.dsap': new Map(),
};

export function lookup(table: BindTable, key: number): Protocol | undefined {
  return TABLES[table].get(key);
}

/** By port: the lower one first, as Wireshark does (its "try heuristic sub-dissectors first" off). */
export function lookupPort(table: 'udp.port' | 'tcp.port', a: number, b: number): Protocol | undefined {
  const ports = TABLES[table];
  return a < b ? (ports.get(a) ?? ports.get(b)) : (ports.get(b) ?? ports.get(a));
}

export function bind(protocol: Protocol): void {
  for (const [table, keys] of Object.entries(protocol.binds))
    for (const key of keys) TABLES[table as BindTable].set(key, protocol);
}
