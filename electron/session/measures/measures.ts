/** What is counted about a capture, whoever counts: the kernel for a live one, a pass over the packets for a file. */

import { PROTOCOL_KEYS, SIZE_KEYS } from '../../shared/abi.ts';
import type { StatRow, StatsSnapshot } from '../../shared/api.ts';
import { XDP_VERDICTS } from '../../shared/capture.ts';
import type { FlowTable } from './flow-table.ts';
import type { Chart } from './timeline.ts';

export type Statistics = Omit<StatsSnapshot, 'generation'>;

export interface Measures {
  chart(by: 'verdict' | 'protocol', seconds: number, points: number): Chart;
  statistics(): Statistics;
  readonly flows: FlowTable;
}

/** Totals of one group of classes, index = class. */
export interface Totals {
  packets: Float64Array;
  bytes: Float64Array;
}

export function totals(classes: number): Totals {
  return { packets: new Float64Array(classes), bytes: new Float64Array(classes) };
}

export const GROUPS = { verdict: XDP_VERDICTS, protocol: PROTOCOL_KEYS, size: SIZE_KEYS } as const;
export type Group = keyof typeof GROUPS;

/** Rows of all classes, zeros included: a table whose lines do not come and go. */
export function statRows(keys: readonly string[], now: Totals, before: Totals, periodNs: number): StatRow[] {
  const perSecond = periodNs > 0 ? 1e9 / periodNs : 0;
  return keys.map((key, index) => ({
    key,
    packets: now.packets[index]!,
    bytes: now.bytes[index]!,
    pps: (now.packets[index]! - before.packets[index]!) * perSecond,
    bitsPerSecond: (now.bytes[index]! - before.bytes[index]!) * 8 * perSecond,
  }));
}
