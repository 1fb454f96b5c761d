/** Statistics as tables of text, or one JSON object a line. Bytes are exact, times in seconds. */
import type { ConversationRow, Conversations } from '../../packets/stats/conversations.ts';
import { addressText, hasPorts, LAYER_TITLES } from '../../packets/stats/ends.ts';
import type { Expert } from '../../packets/stats/expert.ts';
import type { Hierarchy, HierarchyNode } from '../../packets/stats/hierarchy.ts';
import type { IoGraph } from '../../packets/stats/io-graph.ts';
import type { LengthClass, Lengths } from '../../packets/stats/lengths.ts';
import type { ServiceTimes } from '../../packets/stats/response-times.ts';
import { type IoLine, OF_FIELD, type StatLayer } from '../../shared/analysis.ts';
import { jsonLine } from '../output/json-line.ts';
import { type Column, textTable } from '../output/table.ts';

type Json = Record<string, unknown>;

/** One row of a table, and what JSON says of it. */
interface Line {
  cells: string[];
  json: Json;
}

function report(stat: string, title: string, filter: string, columns: readonly Column[], lines: Line[], json: boolean) {
  if (json) return lines.map((line) => jsonLine({ stat, ...line.json })).join('');
  const head = `${title}${filter ? ` (${filter})` : ''}\n`;
  if (lines.length === 0) return `${head}none\n\n`;
  return `${head}${textTable(
    columns,
    lines.map(({ cells }) => cells),
  )}\n`;
}

const left = (title: string): Column => ({ title });
const right = (title: string): Column => ({ title, right: true });
const seconds = (ns: number, digits = 9) => (ns / 1e9).toFixed(digits);
const percent = (part: number, whole: number) => (whole > 0 ? ((part / whole) * 100).toFixed(2) : '0.00');

export function printHierarchy({ root }: Hierarchy, filter: string, json: boolean): string {
  const lines: Line[] = [];
  const add = (node: HierarchyNode, depth: number, path: string) => {
    const { name, packets, bytes, endPackets, endBytes, children } = node;
    const here = path ? `${path}:${name}` : name;
    lines.push({
      cells: [
        `${'  '.repeat(depth)}${name}`,
        String(packets),
        percent(packets, root.packets),
        String(bytes),
        percent(bytes, root.bytes),
        String(endPackets),
        String(endBytes),
      ],
      json: { protocol: name, path: here, packets, bytes, endPackets, endBytes },
    });
    for (const child of children) add(child, depth + 1, here);
  };
  for (const child of root.children) add(child, 0, '');
  const columns = [left('Protocol'), ...['Packets', '%', 'Bytes', '%', 'End packets', 'End bytes'].map(right)];
  return report('hierarchy', 'Protocol hierarchy', filter, columns, lines, json);
}

export function printLengths(stat: Lengths, filter: string, json: boolean): string {
  const line = (of: LengthClass): Line => {
    const average = of.packets > 0 ? of.bytes / of.packets : undefined;
    const rate = stat.durationNs > 0 ? of.packets / (stat.durationNs / 1e9) : undefined;
    return {
      cells: [
        of.label,
        String(of.packets),
        average?.toFixed(2) ?? '',
        String(of.min ?? ''),
        String(of.max ?? ''),
        rate?.toFixed(2) ?? '',
        percent(of.packets, stat.all.packets),
      ],
      json: { length: of.label, packets: of.packets, average, min: of.min, max: of.max, packetsPerSecond: rate },
    };
  };
  const columns = [left('Length'), ...['Packets', 'Average', 'Min', 'Max', 'Packets/s', '%'].map(right)];
  return report('lengths', 'Packet lengths', filter, columns, [stat.all, ...stat.classes].map(line), json);
}

export function printExpert({ entries }: Expert, filter: string, json: boolean): string {
  const lines = entries.map(({ severity, group, protocol, text, count, frames }) => ({
    cells: [severity, String(count), group, protocol, text, String(frames[0] ?? '')],
    json: { severity, count, group, protocol, text, frames },
  }));
  const columns = [
    left('Severity'),
    right('Count'),
    left('Group'),
    left('Protocol'),
    left('What'),
    right('First frame'),
  ];
  return report('expert', 'Expert notes', filter, columns, lines, json);
}

export function printTimes({ entries }: ServiceTimes, filter: string, json: boolean): string {
  const lines = entries.map(({ protocol, what, count, minNs, maxNs, sumNs, slowest }) => ({
    cells: [protocol, what, String(count), seconds(minNs), seconds(sumNs / count), seconds(maxNs), String(slowest)],
    json: { protocol, what, count, minNs, averageNs: sumNs / count, maxNs, slowestFrame: slowest },
  }));
  const columns = [
    left('Protocol'),
    left('What'),
    ...['Count', 'Min s', 'Average s', 'Max s', 'Slowest in'].map(right),
  ];
  return report('srt', 'Service response times', filter, columns, lines, json);
}

const packetsOf = ({ packetsAB, packetsBA }: ConversationRow) => packetsAB + packetsBA;

export function printConversations(stat: Conversations, layer: StatLayer, filter: string, json: boolean): string {
  const ports = hasPorts(layer);
  const rows = stat.conversations[layer].rows.toSorted((a, b) => packetsOf(b) - packetsOf(a));
  const lines = rows.map((row): Line => {
    const { packetsAB, bytesAB, packetsBA, bytesBA, firstNs, lastNs, stream } = row;
    const a = endText(row.a, row.portA, ports);
    const b = endText(row.b, row.portB, ports);
    const numbers = [packetsAB, bytesAB, packetsBA, bytesBA, packetsAB + packetsBA, bytesAB + bytesBA];
    return {
      cells: [a, b, ...numbers.map(String), seconds(firstNs), seconds(lastNs - firstNs)],
      json: {
        layer,
        a: endJson(row.a, row.portA, ports),
        b: endJson(row.b, row.portB, ports),
        ...(stream !== undefined && { stream }),
        packetsAB,
        bytesAB,
        packetsBA,
        bytesBA,
        startNs: Math.round(firstNs),
        durationNs: Math.round(lastNs - firstNs),
      },
    };
  });
  const titles = ['A→B packets', 'bytes', 'B→A packets', 'bytes', 'Packets', 'Bytes', 'Start s', 'Duration s'];
  const columns = [left('A'), left('B'), ...titles.map(right)];
  return report('conversations', `${LAYER_TITLES[layer]} conversations`, filter, columns, lines, json);
}

export function printEndpoints(stat: Conversations, layer: StatLayer, filter: string, json: boolean): string {
  const ports = hasPorts(layer);
  const rows = stat.endpoints[layer].rows.toSorted(
    (a, b) => b.packetsSent + b.packetsReceived - a.packetsSent - a.packetsReceived,
  );
  const lines = rows.map((row): Line => {
    const { packetsSent, bytesSent, packetsReceived, bytesReceived } = row;
    const numbers = [
      packetsSent + packetsReceived,
      bytesSent + bytesReceived,
      packetsSent,
      bytesSent,
      packetsReceived,
      bytesReceived,
    ];
    return {
      cells: [endText(row.address, row.port, ports), ...numbers.map(String)],
      json: { layer, ...endJson(row.address, row.port, ports), packetsSent, bytesSent, packetsReceived, bytesReceived },
    };
  });
  const titles = ['Packets', 'Bytes', 'Sent packets', 'bytes', 'Received packets', 'bytes'];
  return report(
    'endpoints',
    `${LAYER_TITLES[layer]} endpoints`,
    filter,
    [left('Endpoint'), ...titles.map(right)],
    lines,
    json,
  );
}

/** 10.0.0.1:53, [fe80::1]:53. */
function endText(address: Uint8Array, port: number, withPort: boolean): string {
  const text = addressText(address);
  if (!withPort) return text;
  return address.length === 16 ? `[${text}]:${port}` : `${text}:${port}`;
}

function endJson(address: Uint8Array, port: number, withPort: boolean): Json {
  return withPort ? { address: addressText(address), port } : { address: addressText(address) };
}

export function printIo(graph: IoGraph, lines: readonly IoLine[], intervalNs: number, json: boolean): string {
  const name = ({ fn, field, filter }: IoLine) =>
    `${OF_FIELD.includes(fn) ? `${fn.toUpperCase()}(${field})` : fn}${filter.trim() ? ` ${filter.trim()}` : ''}`;
  const rows: Line[] = [];
  for (let i = 0; i < graph.count; i++) {
    const from = intervalNs > 0 ? (i * intervalNs) / 1e9 : 0;
    const values = lines.map((_line, at) => graph.value(at, i));
    rows.push({
      cells: [String(Number(from.toFixed(9))), ...values.map((value) => numberText(value))],
      json: { from, ...(intervalNs > 0 && { seconds: intervalNs / 1e9 }), values },
    });
  }
  const title = intervalNs > 0 ? `I/O every ${intervalNs / 1e9} s` : 'I/O over all';
  return report('io', title, '', [right('From s'), ...lines.map((line) => right(name(line)))], rows, json);
}

const numberText = (value: number | undefined) =>
  value === undefined ? '' : String(Number.isInteger(value) ? value : Number(value.toFixed(6)));
