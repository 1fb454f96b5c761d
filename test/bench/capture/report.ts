/** Medians with their spread, as a table in which every figure has its ratio to the first side's of the same round. */
import type { Result } from './measure.ts';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** "1.32 [1.28–1.35]" */
export function spread(values: readonly number[], digits: number): string {
  const text = (value: number) => value.toFixed(digits);
  return `${text(median(values))} [${text(Math.min(...values))}–${text(Math.max(...values))}]`;
}

/** One row a side; `results` has one entry a round. The first side is what the others are compared with. */
export function table(results: ReadonlyMap<string, readonly Result[]>): string {
  const [base] = results.values();
  const rows = [...results].map(([name, rounds]) => {
    const ratios = (pick: (result: Result) => number) =>
      median(rounds.map((result, i) => pick(result) / pick(base![i]!)));
    return [
      name,
      spread(
        rounds.map(({ capturedPps }) => capturedPps / 1e6),
        2,
      ),
      `${ratios(({ capturedPps }) => capturedPps).toFixed(2)}×`,
      `${spread(
        rounds.map(({ captured, sent }) => (100 * captured) / sent),
        1,
      )} %`,
      spread(
        rounds.map(({ userNsPerPacket }) => userNsPerPacket),
        0,
      ),
      `${ratios(({ userNsPerPacket }) => Math.max(1, userNsPerPacket)).toFixed(2)}×`,
      spread(
        rounds.map(({ systemNsPerPacket }) => systemNsPerPacket),
        0,
      ),
      `${(median(rounds.map(({ peakBytes }) => peakBytes)) / 1e6).toFixed(0)} MB`,
      `${median(rounds.map(({ startUserMs }) => startUserMs)).toFixed(0)} ms`,
      spread(
        rounds.map(({ othersCpus }) => Math.max(0, othersCpus)),
        2,
      ),
    ];
  });
  const head = [
    'side',
    'captured Mpps',
    'ratio',
    'of what was sent',
    'user ns/packet',
    'ratio',
    'system ns/packet',
    'peak memory',
    'user, to start',
    'CPUs of others',
  ];
  return aligned([head, ...rows]);
}

export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '))
    .join('\n');
}

export interface Goal {
  what: string;
  value: number;
  /** How it must compare. */
  bar: number;
  better: 'more' | 'less';
}

/** "met" or by how much it was missed. */
export function goals(all: readonly Goal[]): string {
  return aligned(
    all.map(({ what, value, bar, better }) => {
      const met = better === 'more' ? value >= bar : value <= bar;
      const missed = better === 'more' ? bar / value - 1 : value / bar - 1;
      return [
        what,
        value.toFixed(2),
        `${better === 'more' ? '≥' : '≤'} ${bar}`,
        met ? 'met' : Number.isFinite(missed) ? `missed by ${(100 * missed).toFixed(0)} %` : 'missed',
      ];
    }),
  );
}
