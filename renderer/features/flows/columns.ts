/** The flow table's columns, in order. `id` is what the backend sorts by (FlowSortKey). */
import type { FlowRow, FlowSortKey } from '../../../electron/shared/api.ts';
import { bytes, clock, grouped, protocolName } from '../../ui/format.ts';
import type { GridColumn } from '../../ui/grid-column.ts';

export type FlowColumn = GridColumn<FlowRow, FlowSortKey>;

const port = (value: number) => (value === 0 ? '' : `${value}`);

/** What a narrow window leaves out is in the strip of the selected flow. */
export const FLOW_COLUMNS: readonly FlowColumn[] = [
  { id: 'protocol', label: 'Protocol', track: '76px', strong: true, content: (f) => protocolName(f.protocol) },
  { id: 'source', label: 'Source', track: 'minmax(112px, 1.2fr)', mono: true, content: (f) => f.source },
  { id: 'sourcePort', label: 'Port', track: '58px', align: 'right', mono: true, content: (f) => port(f.sourcePort) },
  { id: 'direction', label: 'Dir', name: 'Direction', track: '48px', leavesBelow: 1000, content: (f) => f.direction },
  { id: 'destination', label: 'Destination', track: 'minmax(112px, 1.2fr)', mono: true, content: (f) => f.destination },
  {
    id: 'destinationPort',
    label: 'Port',
    track: '58px',
    align: 'right',
    mono: true,
    content: (f) => port(f.destinationPort),
  },
  { id: 'state', label: 'State', track: '104px', content: (f) => f.state },
  { id: 'bitsPerSecond', label: 'Rate', track: 'minmax(108px, 0.9fr)', align: 'right', mono: true, content: () => '' },
  {
    id: 'pps',
    leavesBelow: 1080,
    label: 'Packets/s',
    track: '82px',
    align: 'right',
    mono: true,
    content: (f) => (f.pps >= 0.5 ? grouped(f.pps) : '–'),
  },
  { id: 'packets', label: 'Packets', track: '84px', align: 'right', mono: true, content: (f) => grouped(f.packets) },
  { id: 'bytes', label: 'Bytes', track: '84px', align: 'right', mono: true, content: (f) => bytes(f.bytes) },
  {
    id: 'firstMs',
    label: 'First',
    leavesBelow: 1180,
    track: '76px',
    align: 'right',
    mono: true,
    content: (f) => clock(f.firstMs),
  },
  { id: 'lastMs', label: 'Last', track: '76px', align: 'right', mono: true, content: (f) => clock(f.lastMs) },
];

/** Numbers are wanted largest first, words from A. */
export function firstDescending(id: FlowSortKey): boolean {
  return ['bitsPerSecond', 'pps', 'packets', 'bytes', 'firstMs', 'lastMs'].includes(id);
}

const end = (address: string, port: number) =>
  port === 0 ? address : address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

/** "TCP 10.0.0.1:40000 → 10.0.0.2:443": packet order, whichever way it crosses the interface. */
export function flowTitle(flow: FlowRow): string {
  return `${protocolName(flow.protocol)} ${end(flow.source, flow.sourcePort)} → ${end(flow.destination, flow.destinationPort)}`;
}

/** One line for the clipboard, columns joined by tabs. */
export function flowText(flow: FlowRow): string {
  return [
    flowTitle(flow),
    flow.state,
    flow.packets,
    flow.bytes,
    new Date(flow.firstMs).toISOString(),
    new Date(flow.lastMs).toISOString(),
  ].join('\t');
}

/** Bits of the flags byte (RFC 9293), lowest first. */
const FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'];

export function flagWords(flags: number): string {
  return FLAGS.filter((_, bit) => flags & (1 << bit)).join(' ');
}
