/** The analysis.* methods: windows onto statistics that are filled in the background. */
import type { ConversationRow as Conversation, EndpointRow as Endpoint } from '../../packets/stats/conversations.ts';
import { addressText, hasPorts } from '../../packets/stats/ends.ts';
import type { HierarchyNode } from '../../packets/stats/hierarchy.ts';
import { MAX_INTERVALS } from '../../packets/stats/io-graph.ts';
import type { Overview as OverviewStat } from '../../packets/stats/overview.ts';
import {
  type AnalysisMethods,
  type ConversationRow,
  type ConversationSort,
  type EndpointRow,
  type EndpointSort,
  type FollowChunk,
  type HierarchyRow,
  MAX_IO_POINTS,
  MAX_TCP_POINTS,
  type Progress,
  STAT_LAYERS,
  type StatLayer,
  type TcpGraph,
} from '../../shared/analysis.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { AnalysedTable, PacketTable } from '../rows.ts';
import type { Running, Statistics } from './statistics.ts';
import { timeOf } from './table-row.ts';

export interface AnalysisHost<Table = AnalysedTable> {
  table(): Table;
  generation(): number;
  /** A walk came further. */
  onProgress(): void;
}

type Handlers = { [M in keyof AnalysisMethods]: (params: AnalysisMethods[M][0]) => AnalysisMethods[M][1] };

/** Rows of the lists that are sent whole. */
const MOST_EXPERT = 1000;
const EXPERT_FRAMES = 100;
const MOST_TIMES = 500;
/** About so many intervals when none is chosen. */
const SOME_INTERVALS = 300;

export function analysisHandlers(host: AnalysisHost<PacketTable & { readonly statistics: Statistics }>): Handlers {
  /** Lets the walk go on (the first slice at once), and says how far it is: to be asked before what it found. */
  const progress = ({ walk }: Running<unknown>): Progress => {
    walk.poke(() => host.onProgress());
    return { generation: host.generation(), scanned: walk.scanned, total: host.table().store.count };
  };
  return {
    'analysis.overview': ({ filter }) => {
      const running = host.table().statistics.overview(filter);
      return { ...progress(running), ...overview(running.stat) };
    },
    'analysis.conversations': ({ filter, layer, sort, descending, start, count }) => {
      const running = host.table().statistics.overview(filter);
      const { rows } = running.stat.ends.conversations[layer];
      const now = progress(running);
      const sorted = sortedBy(rows, conversationKey(sort), `${sort} ${descending ? 'down' : 'up'}`, now.scanned);
      const shown = sorted.slice(start, start + count).map((row) => conversation(row, layer));
      return { ...now, start, count: rows.length, rows: shown };
    },
    'analysis.endpoints': ({ filter, layer, sort, descending, start, count }) => {
      const running = host.table().statistics.overview(filter);
      const { rows } = running.stat.ends.endpoints[layer];
      const now = progress(running);
      const sorted = sortedBy(rows, endpointKey(sort), `${sort} ${descending ? 'down' : 'up'}`, now.scanned);
      const shown = sorted.slice(start, start + count).map((row) => endpoint(row, layer));
      return { ...now, start, count: rows.length, rows: shown };
    },
    'analysis.io': ({ lines, intervalNs }) => {
      const table = host.table();
      const interval = intervalNs > 0 ? intervalNs : roundInterval(durationOf(table) / SOME_INTERVALS);
      const needed = durationOf(table) / interval;
      if (needed > MAX_IO_POINTS && intervalNs > 0)
        throw new XdpeekError({
          code: 'USAGE',
          message: `the capture has ${Math.ceil(needed)} such intervals, and ${Math.min(MAX_IO_POINTS, MAX_INTERVALS)} can be shown`,
          hint: 'Choose a longer interval.',
        });
      const running = table.statistics.io(lines, interval);
      const { stat } = running;
      const now = progress(running);
      const count = Math.min(stat.count, MAX_IO_POINTS);
      const values = lines.map((_line, at) => Array.from({ length: count }, (_, i) => stat.value(at, i) ?? null));
      return { ...now, intervalNs: interval, values };
    },
    'analysis.follow': ({ kind, stream, start, maxBytes }) => {
      const running = host.table().statistics.follow(kind, stream);
      const { stat } = running;
      const now = progress(running);
      const all = now.scanned >= now.total ? [...stat.chunks, ...stat.rest] : stat.chunks;
      const { ends } = stat;
      return {
        ...now,
        packets: stat.packets,
        bytes: [...stat.bytes] as [number, number],
        count: all.length,
        start,
        chunks: upTo(all, start, maxBytes),
        cut: stat.cut,
        kinds: [...stat.kinds],
        ...(ends && {
          ends: [
            [ends[0].address, ends[0].port],
            [ends[1].address, ends[1].port],
          ] as const,
        }),
      };
    },
    'analysis.tcp': ({ stream }) => {
      const running = host.table().statistics.tcp(stream);
      const now = progress(running);
      const { points, ends } = running.stat;
      const every = Math.max(1, Math.ceil(points.length / MAX_TCP_POINTS));
      const some = every === 1 ? points : points.filter((_, i) => i % every === 0);
      const graph: TcpGraph = {
        ...now,
        count: points.length,
        number: some.map(({ number }) => number),
        timeNs: some.map(({ timeNs }) => timeNs),
        from: some.map(({ from }) => from),
        seq: some.map(({ seq }) => seq),
        length: some.map(({ length }) => length),
        ack: some.map(({ ack }) => ack ?? -1),
        window: some.map(({ window }) => window),
        rttNs: some.map(({ rttNs }) => rttNs ?? -1),
        inFlight: some.map(({ inFlight }) => inFlight ?? 0),
        retransmission: some.map(({ retransmission }) => retransmission),
      };
      return ends ? { ...graph, ends } : graph;
    },
  };
}

function overview(stat: OverviewStat) {
  return {
    packets: stat.packets,
    bytes: stat.bytes,
    durationNs: stat.lengths.durationNs,
    hierarchy: treeRows(stat.hierarchy.root, 0),
    lengths: [stat.lengths.all, ...stat.lengths.classes].map(({ label, packets, bytes, min, max }) => ({
      label,
      packets,
      bytes,
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
    })),
    expert: stat.expert.entries
      .slice(0, MOST_EXPERT)
      .map((entry) => ({ ...entry, frames: entry.frames.slice(0, EXPERT_FRAMES) })),
    times: stat.times.entries.slice(0, MOST_TIMES).map(({ protocol, what, count, minNs, maxNs, sumNs, slowest }) => ({
      protocol,
      what,
      count,
      minNs,
      averageNs: sumNs / count,
      maxNs,
      slowest,
    })),
    layers: STAT_LAYERS.map((layer) => ({
      layer,
      conversations: stat.ends.conversations[layer].rows.length,
      endpoints: stat.ends.endpoints[layer].rows.length,
    })),
  };
}

function treeRows({ children }: HierarchyNode, depth: number): HierarchyRow[] {
  return children
    .toSorted((a, b) => b.packets - a.packets)
    .flatMap((child) => {
      const { name, title, packets, bytes, endPackets, endBytes } = child;
      return [{ name, title, depth, packets, bytes, endPackets, endBytes }, ...treeRows(child, depth + 1)];
    });
}

interface Sorting {
  by: string;
  scanned: number;
  /** performance.now() when it was done, and what it took. */
  atMs: number;
  tookMs: number;
  rows: readonly unknown[];
}
const SORTED = new WeakMap<readonly unknown[], Sorting>();
/** While rows still come, a table is sorted for at most this part of the time. */
const SORTING_SHARE = 0.1;

function sortedBy<Row>(
  rows: readonly Row[],
  key: (row: Row) => number | string,
  by: string,
  scanned: number,
): readonly Row[] {
  const now = performance.now();
  const known = SORTED.get(rows);
  if (known?.by === by && (known.scanned === scanned || now - known.atMs < known.tookMs / SORTING_SHARE))
    return known.rows as readonly Row[];
  const way = by.endsWith('down') ? -1 : 1;
  const sorted = rows
    .map((row) => ({ row, key: key(row) }))
    .sort((a, b) => (a.key < b.key ? -way : a.key > b.key ? way : 0))
    .map(({ row }) => row);
  SORTED.set(rows, { by, scanned, atMs: now, tookMs: performance.now() - now, rows: sorted });
  return sorted;
}

/** Addresses sort as the bytes they are. */
const bytesKey = (address: Uint8Array, port: number) =>
  `${String.fromCharCode(...address)}${String.fromCharCode(port)}`;

function conversationKey(sort: ConversationSort): (row: Conversation) => number | string {
  switch (sort) {
    case 'a':
      return ({ a, portA }) => bytesKey(a, portA);
    case 'b':
      return ({ b, portB }) => bytesKey(b, portB);
    case 'packets':
      return ({ packetsAB, packetsBA }) => packetsAB + packetsBA;
    case 'bytes':
      return ({ bytesAB, bytesBA }) => bytesAB + bytesBA;
    case 'durationNs':
      return ({ firstNs, lastNs }) => lastNs - firstNs;
    default:
      return (row) => row[sort];
  }
}

function endpointKey(sort: EndpointSort): (row: Endpoint) => number | string {
  switch (sort) {
    case 'address':
      return ({ address, port }) => bytesKey(address, port);
    case 'packets':
      return ({ packetsSent, packetsReceived }) => packetsSent + packetsReceived;
    case 'bytes':
      return ({ bytesSent, bytesReceived }) => bytesSent + bytesReceived;
    default:
      return (row) => row[sort];
  }
}

/** Whose addresses a layer's are: ports stand on IPv4 or IPv6. */
const addressField = (layer: StatLayer, address: Uint8Array) =>
  layer === 'eth' ? 'eth.addr' : address.length === 4 ? 'ip.addr' : 'ipv6.addr';

function endFilter(layer: StatLayer, address: Uint8Array, port: number): string {
  const is = `${addressField(layer, address)} == ${addressText(address)}`;
  return hasPorts(layer) ? `${is} && ${layer}.port == ${port}` : is;
}

function conversation(row: Conversation, layer: StatLayer): ConversationRow {
  const { a, b, portA, portB, stream, packetsAB, bytesAB, packetsBA, bytesBA, firstNs, lastNs } = row;
  const numbers = { packetsAB, bytesAB, packetsBA, bytesBA, firstNs, lastNs };
  const ends = { a: addressText(a), b: addressText(b), ...(hasPorts(layer) && { portA, portB }) };
  if (stream !== undefined) return { ...ends, ...numbers, stream, filter: `${layer}.stream == ${stream}` };
  return { ...ends, ...numbers, filter: `${endFilter(layer, a, portA)} && ${endFilter(layer, b, portB)}` };
}

function endpoint({ address, port, ...numbers }: Endpoint, layer: StatLayer): EndpointRow {
  return {
    address: addressText(address),
    ...(hasPorts(layer) && { port }),
    ...numbers,
    filter: endFilter(layer, address, port),
  };
}

function durationOf(table: PacketTable): number {
  const { count } = table.store;
  return count > 0 ? Math.max(0, timeOf(table, count - 1) - timeOf(table, 0)) : 0;
}

/** The next of 1, 2, 5, 10 … ns; at least a microsecond. */
function roundInterval(ns: number): number {
  const least = Math.max(ns, 1000);
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= least) ?? least;
}

/** Chunks from `start` on, as many whole ones as fit; at least one. */
function upTo(chunks: readonly FollowChunk[], start: number, maxBytes: number): FollowChunk[] {
  const some: FollowChunk[] = [];
  let bytes = 0;
  for (let i = start; i < chunks.length; i++) {
    bytes += chunks[i]!.bytes.length;
    if (some.length > 0 && bytes > maxBytes) break;
    some.push(chunks[i]!);
  }
  return some;
}
