/**
 * Rates and totals out of readings of the monitor's counters. Rates are over the exact time between two readings, by the clock that was read with
 * them. A counter that is smaller than before began anew (the kernel's tables of devices and drops let their oldest entries go): all of it is new.
 */
import { type Counted, type Figure, type Figures, sumOf } from '../../shared/monitor-api.ts';
import type { MonitorCounts } from '../../shared/workbench.ts';

const NO_FIGURE: Figure = { total: 0, perSecond: 0 };

/** Counters of one kind by key. */
class Table<Name extends string> {
  readonly #names: readonly Name[];
  #kept = new Map<string, { last: Record<Name, number>; figures: Figures<Name> }>();

  constructor(names: readonly Name[]) {
    this.#names = names;
  }

  /** Takes a reading; what is not in it is forgotten. `seconds` 0: the first one, which has no rates. */
  take<Row extends Record<Name, number>>(
    rows: readonly Row[],
    keyOf: (row: Row) => string,
    seconds: number,
  ): { row: Row; key: string; figures: Figures<Name> }[] {
    const before = this.#kept;
    this.#kept = new Map();
    return rows.map((row) => {
      const key = keyOf(row);
      const known = before.get(key);
      const figures = {} as Figures<Name>;
      for (const name of this.#names) {
        const last = known?.last[name] ?? 0;
        const grown = row[name] >= last ? row[name] - last : row[name];
        figures[name] = {
          total: (known?.figures[name].total ?? 0) + grown,
          perSecond: seconds > 0 ? grown / seconds : 0,
        };
      }
      this.#kept.set(key, { last: row, figures });
      return { row, key, figures };
    });
  }
}

/** Rows of single CPUs as rows of all of them, in the order in which their keys first come. */
function overCpus<Name extends string, Row extends { cpu: number }>(
  names: readonly Name[],
  rows: readonly { row: Row; figures: Figures<Name> }[],
  keyOf: (row: Row) => string,
): (Counted<Name> & { row: Row })[] {
  const found = new Map<string, Counted<Name> & { row: Row }>();
  for (const { row, figures } of rows) {
    const key = keyOf(row);
    let all = found.get(key);
    if (!all) {
      all = { key, row, figures: {} as Figures<Name>, perCpu: [] };
      for (const name of names) all.figures[name] = NO_FIGURE;
      found.set(key, all);
    }
    for (const name of names) all.figures[name] = sumOf(all.figures[name], figures[name]);
    all.perCpu.push({ cpu: row.cpu, figures });
  }
  for (const { perCpu } of found.values()) perCpu.sort((a, b) => a.cpu - b.cpu);
  return [...found.values()];
}

type Pair = MonitorCounts['devmap'][number];

/** Of the CPU that is refused most now. */
function lastErrorOf({ row, perCpu }: Counted<'errors'> & { row: Pair }, rows: readonly Pair[]): number {
  const rate = (cpu: number) => perCpu.find((each) => each.cpu === cpu)?.figures.errors.perSecond ?? 0;
  return rows
    .filter(({ from, to, lastError }) => from === row.from && to === row.to && lastError !== 0)
    .reduce((worst, { cpu, lastError }) => (worst.rate < rate(cpu) ? { rate: rate(cpu), lastError } : worst), {
      rate: -1,
      lastError: 0,
    }).lastError;
}

const COUNT = ['count'] as const;
const CPUMAP = ['processed', 'drops', 'batches'] as const;
const KTHREAD = ['processed', 'drops', 'batches', 'scheduled'] as const;
const DEVMAP = ['sent', 'drops', 'batches', 'errors'] as const;
const byCount = (a: Counted<'count'>, b: Counted<'count'>) => b.figures.count.total - a.figures.count.total;

export type Metered = ReturnType<MonitorMeter['take']>;

export class MonitorMeter {
  readonly #redirect = new Table(COUNT);
  readonly #exceptions = new Table(COUNT);
  readonly #enqueue = new Table(CPUMAP);
  readonly #kthread = new Table(KTHREAD);
  readonly #devmap = new Table(DEVMAP);
  readonly #drops = new Table(COUNT);
  readonly #execs = new Table(COUNT);
  #lastNs: bigint | undefined;

  take(counts: MonitorCounts) {
    const nowNs = BigInt(counts.clockNs);
    // The wall clock may have been set back in between.
    const periodNs = this.#lastNs === undefined ? 0 : Math.max(1, Number(nowNs - this.#lastNs));
    this.#lastNs = nowNs;
    const seconds = periodNs / 1e9;
    const each = <Name extends string, Row extends Record<Name, number> & { cpu: number }>(
      table: Table<Name>,
      names: readonly Name[],
      rows: readonly Row[],
      keyOf: (row: Row) => string,
    ) =>
      overCpus(
        names,
        table.take(rows, (row) => `${keyOf(row)}@${row.cpu}`, seconds),
        keyOf,
      );
    return {
      readMs: Number(nowNs / 1_000_000n),
      periodNs,
      redirect: each(this.#redirect, COUNT, counts.redirect, ({ error }) => String(error)).sort(byCount),
      exceptions: each(this.#exceptions, COUNT, counts.exceptions, ({ action }) => String(action)).sort(byCount),
      cpumapEnqueue: each(this.#enqueue, CPUMAP, counts.cpumapEnqueue, ({ toCpu }) => String(toCpu)),
      cpumapKthread: each(this.#kthread, KTHREAD, counts.cpumapKthread, () => 'all'),
      devmap: each(this.#devmap, DEVMAP, counts.devmap, ({ from, to }) => `${from}>${to}`).map((pair) => ({
        ...pair,
        lastError: lastErrorOf(pair, counts.devmap),
      })),
      drops: this.#drops
        .take(counts.drops, ({ reason, place, protocol }) => `${reason} ${protocol} ${place}`, seconds)
        .sort((a, b) => b.figures.count.total - a.figures.count.total),
      execs: this.#execs.take([{ count: counts.execs }], () => 'all', seconds)[0]?.figures.count ?? NO_FIGURE,
    };
  }
}
