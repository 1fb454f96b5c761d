/** Top talkers, ports, protocols and flows, added up from a flow table. By present rate, then by bytes. */
import type { TopEntry, TopLists } from '../../shared/api.ts';
import { FlowColumns, KEY, KEY_WORDS } from './flow-columns.ts';
import { FlowTable } from './flow-table.ts';
import { hasPorts, protocolName } from './words.ts';

export function topLists(table: FlowTable, count: number): Omit<TopLists, 'generation'> {
  const { columns } = table;
  const talkers = new FlowColumns();
  const ports = new FlowColumns();
  const protocols = new FlowColumns();
  // The same key type serves for every grouping: what does not matter is zero.
  const key = new Uint32Array(KEY_WORDS);
  for (let row = 0; row < columns.count; row++) {
    const kind = columns.word(row, KEY.kind);
    const protocol = (kind >>> 8) & 255;
    key.fill(0);
    for (let word = 0; word < 4; word++) key[KEY.source + word] = columns.word(row, KEY.source + word);
    key[KEY.kind] = kind & 255;
    add(talkers, key, columns, row);
    key.fill(0);
    key[KEY.kind] = protocol << 8;
    add(protocols, key, columns, row);
    if (!hasPorts(protocol)) continue;
    key[KEY.ports] = servicePort(columns.word(row, KEY.ports));
    add(ports, key, columns, row);
  }
  const addresses = new FlowTable(talkers, () => '');
  const protocolOf = (of: FlowColumns, row: number) => protocolName((of.word(row, KEY.kind) >>> 8) & 255);
  return {
    talkers: entries(talkers, count, (row) => addresses.address(row, KEY.source)),
    ports: entries(ports, count, (row) => `${ports.word(row, KEY.ports)}/${protocolOf(ports, row)}`),
    protocols: entries(protocols, count, (row) => protocolOf(protocols, row)),
    flows: largest(columns, count).map((row) => table.row(row)),
  };
}

/** Of a flow's two ports the smaller one is nearly always the service's: clients take theirs from the ephemeral range. */
function servicePort(ports: number): number {
  return Math.min(ports & 0xffff, ports >>> 16);
}

function add(group: FlowColumns, key: Uint32Array, from: FlowColumns, row: number): void {
  const sum = group.upsert(key);
  group.packets[sum]! += from.packets[row]!;
  group.bytes[sum]! += from.bytes[row]!;
  group.bitsPerSecond[sum]! += from.bitsPerSecond[row]!;
}

function entries(group: FlowColumns, count: number, label: (row: number) => string): TopEntry[] {
  return largest(group, count).map((row) => ({
    key: label(row),
    label: label(row),
    packets: group.packets[row]!,
    bytes: group.bytes[row]!,
    bitsPerSecond: group.bitsPerSecond[row]!,
  }));
}

function largest({ count: rows, bitsPerSecond, bytes }: FlowColumns, count: number): number[] {
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  order.sort((a, b) => bitsPerSecond[b]! - bitsPerSecond[a]! || bytes[b]! - bytes[a]! || a - b);
  return Array.from(order.subarray(0, count));
}
