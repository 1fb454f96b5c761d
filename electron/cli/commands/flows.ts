/** `xdpeek flows`: the kernel's flow table at every tick, the fastest first, whole or by source address. */

import type { Snapshot } from '../../session/live-capture.ts';
import { KEY } from '../../session/measures/flow-columns.ts';
import type { FlowTable } from '../../session/measures/flow-table.ts';
import { LiveMeasures } from '../../session/measures/live-measures.ts';
import type { FlowRow } from '../../shared/api.ts';
import { captureFilter } from '../capture/filter-option.ts';
import { captureTargets } from '../capture/targets.ts';
import { runTicks } from '../capture/ticker.ts';
import type { Invocation } from '../options/spec.ts';
import { jsonLine } from '../output/json-line.ts';
import { textTable } from '../output/table.ts';
import { bitRate, byteCount, grouped, plural } from '../output/units.ts';
import type { Context } from '../start.ts';
import type { flows } from '../table.ts';

/** Packets of all flows from one address. */
interface Talker {
  source: string;
  flows: number;
  packets: number;
  bytes: number;
  pps: number;
  bitsPerSecond: number;
}

export async function run({ options, operands }: Invocation<typeof flows>, { out, stop }: Context): Promise<number> {
  const targets = captureTargets(options);
  const measures = new LiveMeasures((id) => targets[id]?.ifname ?? '?');
  let first = true;
  return runTicks({
    options: { targets, packets: false, flows: true, stats: false, ...captureFilter(options.filter, operands) },
    intervalS: options.interval,
    count: options.count,
    out,
    stop,
    print({ flows: table }: Snapshot) {
      if (!table) return undefined;
      measures.takeFlows(table);
      const base = first;
      first = false;
      if (base) return undefined;
      const time = new Date(Number(table.clockNs / 1_000_000n)).toISOString();
      const rows =
        options.by === 'source' ? talkers(measures.flows, options.top) : fastest(measures.flows, options.top);
      if (options.json) return rows.map((row) => jsonLine({ time, ...row })).join('');
      const head = `${time}  ${plural(measures.flows.columns.count, 'flow')}\n`;
      return `${head}${options.by === 'source' ? talkerTable(rows as Talker[]) : flowTable(rows as FlowRow[])}\n`;
    },
  });
}

/** By rate, then by packets, so that a quiet table is still in a useful order. */
function fastest(table: FlowTable, count: number): FlowRow[] {
  const { columns } = table;
  const order = Array.from({ length: columns.count }, (_, row) => row);
  order.sort(
    (a, b) => columns.bitsPerSecond[b]! - columns.bitsPerSecond[a]! || columns.packets[b]! - columns.packets[a]!,
  );
  return order.slice(0, count).map((row) => table.row(row));
}

function talkers(table: FlowTable, count: number): Talker[] {
  const { columns } = table;
  const sums = new Map<string, Talker>();
  for (let row = 0; row < columns.count; row++) {
    const source = table.address(row, KEY.source);
    const sum = sums.get(source) ?? { source, flows: 0, packets: 0, bytes: 0, pps: 0, bitsPerSecond: 0 };
    sums.set(source, sum);
    sum.flows++;
    sum.packets += columns.packets[row]!;
    sum.bytes += columns.bytes[row]!;
    sum.pps += columns.pps[row]!;
    sum.bitsPerSecond += columns.bitsPerSecond[row]!;
  }
  return [...sums.values()].sort((a, b) => b.bitsPerSecond - a.bitsPerSecond || b.packets - a.packets).slice(0, count);
}

const COUNTS = [
  { title: 'PACKETS', right: true },
  { title: 'BYTES', right: true },
  { title: 'PPS', right: true },
  { title: 'RATE', right: true },
];

function counts({ packets, bytes, pps, bitsPerSecond }: Omit<Talker, 'source' | 'flows'>): string[] {
  return [grouped(packets), byteCount(bytes), grouped(pps), bitRate(bitsPerSecond)];
}

function flowTable(rows: readonly FlowRow[]): string {
  const names = ['SOURCE', 'DESTINATION', 'PROTOCOL', 'INTERFACE', 'DIR', 'STATE'].map((title) => ({ title }));
  return textTable(
    [...names, ...COUNTS],
    rows.map((row) => [
      endpoint(row.source, row.sourcePort, row.family),
      endpoint(row.destination, row.destinationPort, row.family),
      row.protocol,
      row.interfaceName,
      row.direction,
      row.state,
      ...counts(row),
    ]),
  );
}

function talkerTable(rows: readonly Talker[]): string {
  return textTable(
    [{ title: 'SOURCE' }, { title: 'FLOWS', right: true }, ...COUNTS],
    rows.map((row) => [row.source, grouped(row.flows), ...counts(row)]),
  );
}

function endpoint(address: string, port: number, family: 4 | 6): string {
  if (port === 0) return address;
  return family === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}
