/** `xdpeek stats`: packets by verdict from the kernel's per-CPU counters, with rates over the exact period between readings. */
import type { KernelTable, Snapshot } from '../../session/live-capture.ts';
import { LiveMeasures } from '../../session/measures/live-measures.ts';
import type { StatRow, StatsSnapshot } from '../../shared/api.ts';
import { captureFilter } from '../capture/filter-option.ts';
import { captureTargets } from '../capture/targets.ts';
import { runTicks } from '../capture/ticker.ts';
import type { Invocation } from '../options/spec.ts';
import { jsonLine } from '../output/json-line.ts';
import { textTable } from '../output/table.ts';
import { byteCount, grouped } from '../output/units.ts';
import type { Context } from '../start.ts';
import type { stats } from '../table.ts';

export async function run({ options, operands }: Invocation<typeof stats>, { out, stop }: Context): Promise<number> {
  let last: KernelTable | undefined;
  return runTicks({
    options: {
      targets: captureTargets(options),
      packets: false,
      flows: false,
      stats: true,
      ...captureFilter(options.filter, operands),
    },
    intervalS: options.interval,
    count: options.count,
    out,
    stop,
    print({ stats: table }: Snapshot) {
      if (!table) return undefined;
      const before = last;
      last = table;
      if (!before) return undefined;
      const { periodNs, byVerdict, perCpu } = between(before, table);
      const time = new Date(Number(table.clockNs / 1_000_000n)).toISOString();
      if (options.json) return jsonLine({ time, periodNs, byVerdict, ...(options['per-cpu'] ? { perCpu } : {}) });
      const head = `${time}  period ${(periodNs / 1e9).toFixed(6)} s\n`;
      return `${head}${verdictTable(byVerdict)}${options['per-cpu'] ? `\n${cpuTable(perCpu)}` : ''}\n`;
    },
  });
}

/** Rates of exactly one period: a measure that has seen two readings only. */
function between(before: KernelTable, now: KernelTable): Omit<StatsSnapshot, 'generation'> {
  const measures = new LiveMeasures(() => '');
  measures.takeStats(before);
  measures.takeStats(now);
  return measures.statistics();
}

const COUNTS = ['PACKETS', 'PPS', 'MBIT/S', 'BYTES'].map((title) => ({ title, right: true }));

function counts({ packets, pps, bitsPerSecond, bytes }: StatRow): string[] {
  return [grouped(packets), grouped(pps), (bitsPerSecond / 1e6).toFixed(3), byteCount(bytes)];
}

function verdictTable(rows: readonly StatRow[]): string {
  return textTable(
    [{ title: 'VERDICT' }, ...COUNTS],
    rows.map((row) => [row.key, ...counts(row)]),
  );
}

/** Verdicts that a CPU never gave are left out; a CPU without any packet is one line of zeros. */
function cpuTable(cpus: StatsSnapshot['perCpu']): string {
  const lines = cpus.flatMap(({ cpu, byVerdict }) => {
    const seen = byVerdict.filter(({ packets }) => packets > 0);
    return (seen.length > 0 ? seen : byVerdict.filter(({ key }) => key === 'pass')).map((row) => [
      `${cpu}`,
      row.key,
      ...counts(row),
    ]);
  });
  return textTable([{ title: 'CPU', right: true } as const, { title: 'VERDICT' }, ...COUNTS], lines);
}
