import { ChevronDown, ChevronRight } from 'lucide-react';
import { Fragment, useState } from 'react';
import type { Figure } from '../../../electron/shared/monitor-api.ts';
import { compact, cx, grouped } from '../../ui/index.ts';
import styles from './monitor.module.css';

export interface CounterRow {
  key: string;
  what: string;
  hint: string;
  cells: { ok: Figure; bad: Figure; bulk?: number | undefined };
  perCpu: { cpu: number; cells: CounterRow['cells'] }[];
}

export interface CounterTableProps {
  title: string;
  /** Headings; without `good` there is only what goes wrong. */
  good?: string;
  bad: string;
  bulk?: boolean;
  rows: readonly CounterRow[];
  none: string;
}

export function CounterTable({ title, good, bad, bulk = false, rows, none }: CounterTableProps) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const most = Math.max(0, ...rows.map(({ cells }) => Math.max(cells.ok.perSecond, cells.bad.perSecond)));
  const toggle = (key: string) => {
    const next = new Set(open);
    if (!next.delete(key)) next.add(key);
    setOpen(next);
  };
  const cells = (of: CounterRow['cells'], scale: number) => (
    <>
      {good !== undefined && <RateCell figure={of.ok} most={scale} />}
      <RateCell figure={of.bad} most={scale} wrong />
      {bulk && <td className={styles.number}>{of.bulk === undefined ? '–' : of.bulk.toFixed(1)}</td>}
      <td className={styles.number}>{grouped(of.ok.total + (good === undefined || !bulk ? of.bad.total : 0))}</td>
      {bulk && <td className={cx(styles.number, of.bad.total > 0 && styles.wrong)}>{grouped(of.bad.total)}</td>}
    </>
  );
  return (
    <section className={styles.table} aria-label={title}>
      <h3>{title}</h3>
      {rows.length === 0 ? (
        <p className={styles.none}>{none}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th className={styles.what}>What</th>
              {good !== undefined && <th className={styles.rate}>{good}/s</th>}
              <th className={styles.rate}>{bad}/s</th>
              {bulk && <th className={styles.number}>Batch</th>}
              <th className={styles.number}>Total</th>
              {bulk && <th className={styles.number}>{bad}</th>}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Fragment key={row.key + row.what}>
                <tr>
                  <td className={styles.what} title={`${row.what} ${row.hint}`}>
                    <What row={row} open={open.has(row.key)} onToggle={() => toggle(row.key)} />
                  </td>
                  {cells(row.cells, most)}
                </tr>
                {open.has(row.key) &&
                  row.perCpu.map(({ cpu, cells: one }) => (
                    <tr key={cpu} className={styles.cpu}>
                      <td className={styles.what}>CPU {cpu}</td>
                      {cells(one, most)}
                    </tr>
                  ))}
              </Fragment>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function What({ row, open, onToggle }: { row: CounterRow; open: boolean; onToggle(): void }) {
  const words = (
    <>
      <span className={styles.name}>{row.what}</span> <span className={styles.hint}>{row.hint}</span>
    </>
  );
  if (row.perCpu.length === 0) return words;
  const Icon = open ? ChevronDown : ChevronRight;
  return (
    <button type="button" className={styles.expander} aria-expanded={open} onClick={onToggle}>
      <Icon aria-hidden size={12} className={styles.chevron} />
      {words}
    </button>
  );
}

function RateCell({ figure, most, wrong = false }: { figure: Figure; most: number; wrong?: boolean }) {
  const { perSecond } = figure;
  return (
    <td className={cx(styles.rate, wrong && perSecond > 0 && styles.wrong)}>
      <span className={styles.bar} style={{ width: most > 0 ? `${(100 * perSecond) / most}%` : 0 }} />
      <span className={styles.rateText}>{perSecond > 0 ? compact(perSecond) : '–'}</span>
    </td>
  );
}
