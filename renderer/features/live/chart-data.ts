/** Pure maths of the charts: rows for recharts, a scale that does not jump, ticks that glide with time, colours by key. */
import type { Series } from '../../../electron/shared/api.ts';

export { axisLabel, niceTop, timeTicks } from '../../ui/chart-axis.ts';

export interface ChartRow {
  t: number;
  [key: string]: number;
}

/** One object a bucket: {t, <key>: value…}. Missing values are 0. */
export function toRows(series: Series, unit: 'pps' | 'bps'): ChartRow[] {
  const values = unit === 'pps' ? series.pps : series.bitsPerSecond;
  return series.timeMs.map((t, i) => {
    const row: ChartRow = { t };
    series.keys.forEach((key, k) => {
      row[key] = values[k]?.[i] ?? 0;
    });
    return row;
  });
}

/** The largest stacked total. */
export function peak(rows: readonly ChartRow[], keys: readonly string[]): number {
  let max = 0;
  for (const row of rows) {
    let sum = 0;
    for (const key of keys) sum += row[key] ?? 0;
    if (sum > max) max = sum;
  }
  return max;
}

const WINDOWS_S = [15, 30, 60, 120, 300, 900];

/**
 * The span of time that a chart shows, epoch ms. A young capture fills a window from the left that grows in few steps; past
 * `rangeSeconds` the window scrolls. What ended fills the width.
 */
export function timeWindow(
  first: number,
  last: number,
  rangeSeconds: number,
  live: boolean,
): [from: number, to: number] {
  const spanMs = last - first;
  if (spanMs >= rangeSeconds * 1000) return [last - rangeSeconds * 1000, last];
  if (!live) return [first, Math.max(last, first + 1000)];
  const seconds = WINDOWS_S.find((step) => step * 1000 >= spanMs && step <= rangeSeconds) ?? rangeSeconds;
  return [first, first + seconds * 1000];
}

const PROTOCOL_TOKENS = new Set(['tcp', 'udp', 'icmp', 'icmpv6', 'arp', 'dns', 'ipv4', 'ipv6']);
const VERDICT_TOKENS = new Set(['pass', 'drop', 'tx', 'redirect', 'aborted']);

/** The token of a series; keys nobody named share "other". */
export function colorOf(key: string, by: 'verdict' | 'protocol'): string {
  const name = key.toLowerCase();
  if (by === 'verdict') return VERDICT_TOKENS.has(name) ? `var(--verdict-${name})` : 'var(--verdict-none)';
  return PROTOCOL_TOKENS.has(name) ? `var(--proto-${name})` : 'var(--proto-other)';
}
