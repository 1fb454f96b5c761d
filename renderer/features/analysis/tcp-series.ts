/** From the segments of a connection to the points of its graphs. Pure. Times in seconds since its first packet. */
import type { TcpGraph } from '../../../electron/shared/analysis.ts';
import { bitRate, bytes, grouped, span } from '../../ui/format.ts';

const exactBytes = (value: number) => `${grouped(value)} B`;

/** `text` on the axis, `exact` under the pointer. */
export const GRAPHS = {
  sequence: { label: 'Sequence', text: bytes, exact: exactBytes },
  throughput: { label: 'Throughput', text: bitRate, exact: bitRate },
  rtt: { label: 'Round trip', text: span, exact: span },
  window: { label: 'Window', text: bytes, exact: exactBytes },
} as const;
export type GraphKind = keyof typeof GRAPHS;

export interface TcpPoint {
  t: number;
  y: number;
  /** Of the packet. */
  number: number;
}

export interface TcpSeries {
  name: string;
  color: string;
  /** Points joined by a line. */
  line: boolean;
  points: TcpPoint[];
}

const WINDOWS = 100;

/** @param from the end whose sending is drawn */
export function seriesOf(graph: TcpGraph, kind: GraphKind, from: 0 | 1): TcpSeries[] {
  const start = graph.timeNs[0] ?? 0;
  const all = graph.number.map((number, i) => ({ i, number, t: (graph.timeNs[i]! - start) / 1e9 }));
  const sent = all.filter(({ i }) => graph.from[i] === from);
  const answered = all.filter(({ i }) => graph.from[i] !== from);
  const points = (of: typeof all, y: (i: number) => number): TcpPoint[] =>
    of.map(({ i, number, t }) => ({ t, y: y(i), number }));
  switch (kind) {
    case 'sequence': {
      const data = sent.filter(({ i }) => graph.length[i]! > 0);
      const end = (i: number) => graph.seq[i]! + graph.length[i]!;
      const acks = answered.filter(({ i }) => graph.ack[i]! >= 0);
      return [
        { name: 'acknowledged', color: 'var(--series-3)', line: true, points: points(acks, (i) => graph.ack[i]!) },
        {
          name: 'sent',
          color: 'var(--series-1)',
          line: false,
          points: points(
            data.filter(({ i }) => !graph.retransmission[i]),
            end,
          ),
        },
        {
          name: 'sent again',
          color: 'var(--series-5)',
          line: false,
          points: points(
            data.filter(({ i }) => graph.retransmission[i]),
            end,
          ),
        },
      ];
    }
    case 'rtt': {
      const measured = answered.filter(({ i }) => graph.rttNs[i]! >= 0);
      return [
        {
          name: 'round trip',
          color: 'var(--series-1)',
          line: false,
          points: points(measured, (i) => graph.rttNs[i]! / 1e9),
        },
      ];
    }
    case 'window': {
      const flying = sent.filter(({ i }) => graph.inFlight[i]! > 0);
      return [
        {
          name: 'receive window',
          color: 'var(--series-3)',
          line: true,
          points: points(answered, (i) => graph.window[i]!),
        },
        { name: 'in flight', color: 'var(--series-1)', line: false, points: points(flying, (i) => graph.inFlight[i]!) },
      ];
    }
    case 'throughput':
      return [{ name: 'throughput', color: 'var(--series-1)', line: true, points: throughput(graph, sent) }];
  }
}

/** Bits a second of payload, over a hundredth of the connection each. */
function throughput(graph: TcpGraph, sent: readonly { i: number; number: number; t: number }[]): TcpPoint[] {
  const span = ((graph.timeNs.at(-1) ?? 0) - (graph.timeNs[0] ?? 0)) / 1e9;
  if (span <= 0) return [];
  const width = span / WINDOWS;
  const sums = Array.from({ length: WINDOWS }, (_, i) => ({ t: (i + 0.5) * width, y: 0, number: 0 }));
  for (const { i, number, t } of sent) {
    const point = sums[Math.min(WINDOWS - 1, Math.floor(t / width))]!;
    point.y += (graph.length[i]! * 8) / width;
    if (point.number === 0) point.number = number;
  }
  return sums;
}
