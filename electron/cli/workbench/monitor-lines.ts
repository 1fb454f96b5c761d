/** A reading of the Monitor as lines for a terminal or for JSON: one a thing counted, and one a CPU of it. */
import { bulkAverage, type Counted, type Figure, type MonitorReading, sumOf } from '../../shared/monitor-api.ts';
import { textTable } from '../output/table.ts';
import { durationNs, grouped, plural } from '../output/units.ts';

export interface MonitorRow {
  kind: string;
  what: string;
  cells: MonitorCells;
  perCpu: { cpu: number; cells: MonitorCells }[];
}

/** Packets that went well, those that did not, and how many came at a time. */
interface MonitorCells {
  ok: Figure;
  bad: Figure;
  bulk?: number | undefined;
}

const NONE: Figure = { total: 0, perSecond: 0 };

export function monitorRows(reading: MonitorReading, errorsOnly: boolean): MonitorRow[] {
  const rows = [
    ...reading.redirects.map((row) => counted('redirect', '', row, ({ count }) => ({ ok: count, bad: NONE }))),
    ...reading.redirectErrors.map((row) =>
      counted('redirect-error', `${row.error}: ${row.meaning}`, row, ({ count }) => ({ ok: NONE, bad: count })),
    ),
    ...reading.exceptions.map((row) =>
      counted('exception', `${row.action}: ${row.meaning}`, row, ({ count }) => ({ ok: NONE, bad: count })),
    ),
    ...reading.cpumapEnqueue.map((row) =>
      counted('cpumap-enqueue', `to CPU ${row.toCpu}`, row, ({ processed, drops, batches }) => ({
        ok: processed,
        bad: drops,
        bulk: bulkAverage(processed, batches),
      })),
    ),
    ...reading.cpumapKthread.map((row) =>
      counted('cpumap-kthread', scheduledText(row.figures.scheduled), row, ({ processed, drops, batches }) => ({
        ok: processed,
        bad: drops,
        bulk: bulkAverage(processed, batches),
      })),
    ),
    ...reading.devmap.map((row) =>
      counted('devmap-xmit', devmapText(row), row, ({ sent, drops, batches }) => ({
        ok: sent,
        bad: drops,
        bulk: bulkAverage(sumOf(sent, drops), batches),
      })),
    ),
    ...reading.drops.map(({ reason, place, protocol, figure }) => ({
      kind: 'stack-drop',
      what: [reason, `at ${place}`, protocol].filter(Boolean).join(' '),
      cells: { ok: NONE, bad: figure },
      perCpu: [],
    })),
    { kind: 'exec', what: 'programs started', cells: { ok: reading.execs, bad: NONE }, perCpu: [] },
  ];
  return errorsOnly ? rows.filter(({ cells }) => cells.bad.total > 0) : rows;
}

function counted<Name extends string>(
  kind: string,
  what: string,
  { figures, perCpu }: Counted<Name>,
  cellsOf: (figures: Record<Name, Figure>) => MonitorCells,
): MonitorRow {
  return {
    kind,
    what,
    cells: cellsOf(figures),
    perCpu: perCpu.map(({ cpu, figures }) => ({ cpu, cells: cellsOf(figures) })),
  };
}

const scheduledText = ({ perSecond }: Figure) => (perSecond > 0 ? `gave the CPU away ${grouped(perSecond)}/s` : '');

function devmapText({ from, to, error }: MonitorReading['devmap'][number]): string {
  return `${from.text} → ${to.text}${error ? `, last refused with ${error.name}: ${error.meaning}` : ''}`;
}

const COLUMNS = [
  { title: 'KIND' },
  { title: 'CPU', right: true },
  { title: 'PPS', right: true },
  { title: 'ERROR/S', right: true },
  { title: 'BULK', right: true },
  { title: 'TOTAL', right: true },
  { title: 'ERRORS', right: true },
  { title: 'WHAT' },
];

export function monitorTable(rows: readonly MonitorRow[], perCpu: boolean): string {
  if (rows.length === 0) return 'nothing went wrong\n';
  return textTable(
    COLUMNS,
    rows.flatMap(({ kind, what, cells, perCpu: cpus }) => [
      [kind, 'all', ...numbers(cells), what],
      ...(perCpu ? cpus.map(({ cpu, cells }) => [kind, String(cpu), ...numbers(cells), '']) : []),
    ]),
  );
}

function numbers({ ok, bad, bulk }: MonitorCells): string[] {
  return [rate(ok), rate(bad), bulk === undefined ? '' : bulk.toFixed(2), grouped(ok.total), grouped(bad.total)];
}

const rate = ({ perSecond }: Figure) => (perSecond > 0 && perSecond < 9.95 ? perSecond.toFixed(1) : grouped(perSecond));

export function monitorLines(rows: readonly MonitorRow[], perCpu: boolean): object[] {
  const plain = ({ ok, bad, bulk }: MonitorCells) => ({
    pps: ok.perSecond,
    errorsPerSecond: bad.perSecond,
    ...(bulk === undefined ? {} : { bulkAverage: bulk }),
    total: ok.total,
    errors: bad.total,
  });
  return rows.map(({ kind, what, cells, perCpu: cpus }) => ({
    kind,
    what,
    ...plain(cells),
    ...(perCpu ? { perCpu: cpus.map(({ cpu, cells }) => ({ cpu, ...plain(cells) })) } : {}),
  }));
}

/** What it all came to: for stderr at the end. */
export function summaryLines(reading: MonitorReading): string[] {
  const all = <Row>(rows: readonly Row[], figure: (row: Row) => Figure) => rows.map(figure).reduce(sumOf, NONE).total;
  const named = (parts: string[]) => (parts.length > 0 ? ` (${parts.join(', ')})` : '');
  const errors = all(reading.redirectErrors, ({ figures }) => figures.count);
  const exceptions = all(reading.exceptions, ({ figures }) => figures.count);
  const drops = all(reading.drops, ({ figure }) => figure);
  const errorNames = reading.redirectErrors.map(({ error, figures }) => `${error} ${grouped(figures.count.total)}`);
  const actions = reading.exceptions.map(({ action, figures }) => `${action} ${grouped(figures.count.total)}`);
  const reasons = new Map<string, number>();
  for (const { reason, figure } of reading.drops) reasons.set(reason, (reasons.get(reason) ?? 0) + figure.total);
  const worst = [...reasons].sort(([, a], [, b]) => b - a).slice(0, 5);
  return [
    `${durationNs((reading.readMs - reading.startedMs) * 1e6)}: ${plural(
      all(reading.redirects, ({ figures }) => figures.count),
      'packet',
    )} redirected, ${plural(errors, 'redirect error')}${named(errorNames)}, ${plural(exceptions, 'exception')}${named(actions)}`,
    `cpumap: ${plural(
      all(reading.cpumapEnqueue, ({ figures }) => figures.processed),
      'packet',
    )} queued, ${grouped(all(reading.cpumapEnqueue, ({ figures }) => figures.drops))} dropped; devmap: ${grouped(all(reading.devmap, ({ figures }) => figures.sent))} sent, ${grouped(all(reading.devmap, ({ figures }) => figures.drops))} dropped`,
    `${plural(drops, 'packet')} dropped by the stack${named(worst.map(([reason, total]) => `${reason} ${grouped(total)}`))}; ${plural(reading.execs.total, 'program')} started`,
  ];
}
