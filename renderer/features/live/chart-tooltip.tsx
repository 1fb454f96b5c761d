/** What the cursor reads: every series at that moment, largest first, and the total. */
import type { Verdict } from '../../../electron/shared/capture.ts';
import { clock, protocolName, VerdictMark } from '../../ui/index.ts';
import { type ChartRow, colorOf } from './chart-data.ts';
import styles from './rate-chart.module.css';

export interface ChartTooltipProps {
  by: 'verdict' | 'protocol';
  keys: readonly string[];
  format(value: number): string;
  /** recharts': one entry an area; `payload` is the whole row. */
  payload?: readonly { payload?: unknown }[] | undefined;
  active?: boolean | undefined;
}

export function ChartTooltip({ by, keys, format, payload, active }: ChartTooltipProps) {
  const row = payload?.[0]?.payload as ChartRow | undefined;
  if (!active || !row) return null;
  const sorted = [...keys].sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0));
  const total = keys.reduce((sum, key) => sum + (row[key] ?? 0), 0);
  return (
    <div className={styles.tooltip}>
      <div className={`mono ${styles.at}`}>{clock(row.t)}</div>
      {sorted.map((key) => (
        <div key={key} className={styles.line}>
          {by === 'verdict' ? (
            <VerdictMark verdict={key as Verdict} named />
          ) : (
            <span className={styles.entry}>
              <span className={styles.swatch} style={{ background: colorOf(key, by) }} />
              {protocolName(key)}
            </span>
          )}
          <span className="mono">{format(row[key] ?? 0)}</span>
        </div>
      ))}
      <div className={`${styles.line} ${styles.total}`}>
        <span>all</span>
        <span className="mono">{format(total)}</span>
      </div>
    </div>
  );
}
