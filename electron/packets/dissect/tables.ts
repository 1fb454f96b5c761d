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

/** @param d of the packet that has the key: the user may have chosen another protocol for it. Without it the key is ours, not the packet's. */
export function lookup(table: BindTable, key: number, d?: Dissection): Protocol | undefined {
  const found = d?.decodeAs?.find(table, key) ?? TABLES[table].get(key);
  d?.asked?.push({ table, key, found });
  return found;
}

/** By port: the lower one first, as Wireshark does (its "try heuristic sub-dissectors first" off). */
export function lookupPort(
  table: 'udp.port' | 'tcp.port',
  a: number,
  b: number,
  { decodeAs, asked }: Dissection,
): Protocol | undefined {
  const ports = TABLES[table];
  const low = Math.min(a, b);
  const high = Math.max(a, b);
  for (const key of asked ? [low, high] : [])
    asked!.push({ table, key, found: decodeAs?.find(table, key) ?? ports.get(key) });
  return decodeAs?.find(table, low) ?? decodeAs?.find(table, high) ?? ports.get(low) ?? ports.get(high);
}

/** What the ports alone say, by our own table. */
export function portProtocol(table: 'udp.port' | 'tcp.port', a: number, b: number): Protocol | undefined {
  const ports = TABLES[table];
  return a < b ? (ports.get(a) ?? ports.get(b)) : (ports.get(b) ?? ports.get(a));
}

/** All ports that have a protocol. */
export function ports(table: 'udp.port' | 'tcp.port'): [port: number, protocol: Protocol][] {
  return [...TABLES[table]].filter(([port]) => port >= 0);
}

/** Whoever is asked for bytes that no port claims. */
export function heuristics(transport: 'tcp' | 'udp'): readonly Protocol[] {
  return HEURISTICS[transport];
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
  for (const protocol of HEURISTICS[transport])
    if (protocol.heuristic![transport]!(bytes, start, end, d)) return protocol;
  return undefined;
}

export function bind(protocol: Protocol): void {
  for (const [table, keys] of Object.entries(protocol.binds))
    for (const key of keys) TABLES[table as BindTable].set(key, protocol);
  for (const transport of ['tcp', 'udp'] as const)
    if (protocol.heuristic?.[transport]) HEURISTICS[transport].push(protocol);
}
