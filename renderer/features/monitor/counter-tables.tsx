/** What the kernel counted, a table a kind; each row opens to its CPUs. */
import {
  bulkAverage,
  type Counted,
  type Figure,
  type MonitorReading,
  sumOf,
} from '../../../electron/shared/monitor-api.ts';
import { compact, grouped } from '../../ui/index.ts';
import { type CounterRow, CounterTable } from './counter-table.tsx';
import styles from './monitor.module.css';

const NONE: Figure = { total: 0, perSecond: 0 };

type Cells = Omit<CounterRow['cells'], never>;

function rowOf<Name extends string>(
  { key, figures, perCpu }: Counted<Name>,
  what: string,
  hint: string,
  cellsOf: (figures: Record<Name, Figure>) => Cells,
): CounterRow {
  return {
    key,
    what,
    hint,
    cells: cellsOf(figures),
    perCpu: perCpu.map(({ cpu, figures }) => ({ cpu, cells: cellsOf(figures) })),
  };
}

export function CounterTables({ reading }: { reading: MonitorReading }) {
  const cpumap = ({ processed, drops, batches }: Record<'processed' | 'drops' | 'batches', Figure>): Cells => ({
    ok: processed,
    bad: drops,
    bulk: bulkAverage(processed, batches),
  });
  const redirects = [
    ...reading.redirects.map((row) =>
      rowOf(row, 'Redirected', 'to another interface, CPU or socket', ({ count }) => ({ ok: count, bad: NONE })),
    ),
    ...reading.redirectErrors.map((row) =>
      rowOf(row, row.error, `${row.meaning}. ${row.hint}`, ({ count }) => ({ ok: NONE, bad: count })),
    ),
  ];
  const exceptions = reading.exceptions.map((row) =>
    rowOf(row, row.action, row.meaning, ({ count }) => ({ ok: NONE, bad: count })),
  );
  const queues = reading.cpumapEnqueue.map((row) =>
    rowOf(row, `To CPU ${row.toCpu}`, 'frames put into its queue', cpumap),
  );
  const threads = reading.cpumapKthread.map((row) =>
    rowOf(
      row,
      'Threads',
      `taken from the queues; gave the CPU away ${compact(row.figures.scheduled.perSecond)}/s`,
      cpumap,
    ),
  );
  const devmap = reading.devmap.map((row) =>
    rowOf(
      row,
      `${row.from.text} → ${row.to.text}`,
      row.error ? `last refused with ${row.error.name}: ${row.error.meaning}. ${row.error.hint}` : '',
      ({ sent, drops, batches }) => ({ ok: sent, bad: drops, bulk: bulkAverage(sumOf(sent, drops), batches) }),
    ),
  );
  const drops = reading.drops.map(({ key, reason, place, protocol, figure }) => ({
    key,
    what: reason,
    hint: [place, protocol].filter(Boolean).join(' · '),
    cells: { ok: NONE, bad: figure },
    perCpu: [],
  }));
  return (
    <div className={styles.tables}>
      <div className={styles.column}>
        <CounterTable
          title="Redirects"
          good="Redirected"
          bad="Errors"
          rows={redirects}
          none="No program has redirected anything yet."
        />
        <CounterTable title="Exceptions" bad="Exceptions" rows={exceptions} none="No XDP program has given up." />
        <CounterTable
          title="CPU maps"
          good="Packets"
          bad="Dropped"
          bulk
          rows={[...queues, ...threads]}
          none="No packet has gone through a cpumap."
        />
        <CounterTable
          title="Device maps"
          good="Sent"
          bad="Dropped"
          bulk
          rows={devmap}
          none="No packet has been sent by redirect."
        />
      </div>
      <div className={styles.column}>
        <CounterTable title="Dropped by the stack" bad="Dropped" rows={drops} none="The stack has dropped nothing." />
        <p className={styles.execs}>
          Programs started: <span className="mono">{grouped(reading.execs.total)}</span>, now{' '}
          <span className="mono">{compact(reading.execs.perSecond)}</span> a second
        </p>
      </div>
    </div>
  );
}
