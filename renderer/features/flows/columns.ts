/** The flow table's columns, in order. `id` is what the backend sorts by (FlowSortKey). */
import type { FlowRow, FlowSortKey } from '../../../electron/shared/api.ts';
import { bytes, clock, grouped, protocolName } from '../../ui/format.ts';

export interface FlowColumn {
  id: FlowSortKey;
  label: string;
  /** CSS grid track. */
  track: string;
  align?: 'right';
  mono?: boolean;
  text(flow: FlowRow): string;
}

const port = (value: number) => (value === 0 ? '' : `${value}`);

export const FLOW_COLUMNS: readonly FlowColumn[] = [
  { id: 'protocol', label: 'Protocol', track: '76px', text: (f) => protocolName(f.protocol) },
  { id: 'source', label: 'Source', track: 'minmax(112px, 1.2fr)', mono: true, text: (f) => f.source },
  { id: 'sourcePort', label: 'Port', track: '58px', align: 'right', mono: true, text: (f) => port(f.sourcePort) },
  { id: 'direction', label: 'Dir', track: '48px', text: (f) => f.direction },
  { id: 'destination', label: 'Destination', track: 'minmax(112px, 1.2fr)', mono: true, text: (f) => f.destination },
  {
    id: 'destinationPort',
    label: 'Port',
    track: '58px',
    align: 'right',
    mono: true,
    text: (f) => port(f.destinationPort),
  },
  { id: 'state', label: 'State', track: '104px', text: (f) => f.state },
  { id: 'bitsPerSecond', label: 'Rate', track: 'minmax(108px, 0.9fr)', align: 'right', mono: true, text: () => '' },
  {
    id: 'pps',
    label: 'Packets/s',
    track: '82px',
    align: 'right',
    mono: true,
    text: (f) => (f.pps >= 0.5 ? grouped(f.pps) : '–'),
  },
  { id: 'packets', label: 'Packets', track: '84px', align: 'right', mono: true, text: (f) => grouped(f.packets) },
  { id: 'bytes', label: 'Bytes', track: '84px', align: 'right', mono: true, text: (f) => bytes(f.bytes) },
  { id: 'firstMs', label: 'First', track: '76px', align: 'right', mono: true, text: (f) => clock(f.firstMs) },
  { id: 'lastMs', label: 'Last', track: '76px', align: 'right', mono: true, text: (f) => clock(f.lastMs) },
];

/** What a narrow window leaves out first: all of these are in the strip of the selected flow. */
const LEAVES_BELOW: Partial<Record<FlowSortKey, number>> = { firstMs: 1180, pps: 1080, direction: 1000 };

/** The columns that fit into `width` px. */
export function columnsFor(width: number): FlowColumn[] {
  return FLOW_COLUMNS.filter(({ id }) => width >= (LEAVES_BELOW[id] ?? 0));
}

export function templateOf(columns: readonly FlowColumn[]): string {
  return columns.map(({ track }) => track).join(' ');
}

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
