/** Rates over the last five minutes, one line a kind. No animation: what moves is the data. */
import { useMemo } from 'react';
import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { type MonitorWindow, SERIES_POINTS, type SeriesKey } from '../../../electron/shared/monitor-api.ts';
import { axisLabel, clock, compact, niceTop, timeTicks } from '../../ui/index.ts';
import styles from './monitor.module.css';

type Row = { t: number } & Partial<Record<SeriesKey, number>>;

/** What goes well is calm; what goes wrong has the colours of errors, and a dashed line: not by colour alone. */
const LINES: Record<SeriesKey, { color: string; dash?: string }> = {
  redirected: { color: 'var(--series-1)' },
  cpumap: { color: 'var(--series-3)' },
  devmap: { color: 'var(--series-4)' },
  execs: { color: 'var(--series-1)' },
  'redirect errors': { color: 'var(--error)', dash: '5 3' },
  exceptions: { color: 'var(--series-5)', dash: '2 3' },
  'XDP drops': { color: 'var(--series-2)', dash: '8 3' },
  'stack drops': { color: 'var(--series-5)', dash: '5 3' },
};
const MARGIN = { top: 6, right: 16, bottom: 0, left: 0 };
const TICK = { fill: 'var(--text-3)', fontSize: 11 };
const SPAN_MS = (SERIES_POINTS - 1) * 1000;
const YOUNG_MS = 59_000;

export interface RateLinesProps {
  title: string;
  keys: readonly SeriesKey[];
  series: MonitorWindow['series'];
}

export function RateLines({ title, keys, series }: RateLinesProps) {
  const rows = useMemo(
    () =>
      series.timeMs.map((t, at) => {
        const row: Row = { t };
        for (const key of keys) row[key] = series.perSecond[key][at] ?? 0;
        return row;
      }),
    [series, keys],
  );
  const top = niceTop(Math.max(0, ...rows.flatMap((row) => keys.map((key) => row[key] ?? 0))));
  const last = rows.at(-1);
  const end = last?.t ?? Date.now();
  const first = rows[0]?.t ?? end;
  // A young run fills a minute from the left, then five.
  const span = end - first <= YOUNG_MS ? YOUNG_MS : SPAN_MS;
  const [from, to] = end - first >= span ? [end - span, end] : [first, first + span];
  const now = (key: SeriesKey) => compact(last?.[key] ?? 0);
  return (
    <section
      className={styles.chart}
      aria-label={`${title}, per second: ${keys.map((key) => `${key} ${now(key)}`).join(', ')}`}
    >
      <header className={styles.chartHead}>
        <h3>{title}</h3>
        <ul className={styles.legend}>
          {keys.map((key) => (
            <li key={key}>
              <svg width="16" height="8" aria-hidden>
                <line
                  x2="16"
                  y1="4"
                  y2="4"
                  stroke={LINES[key].color}
                  strokeWidth="2"
                  strokeDasharray={LINES[key].dash}
                />
              </svg>
              {key} <span className={`mono ${styles.now}`}>{now(key)}</span>
            </li>
          ))}
        </ul>
      </header>
      <div className={styles.plot}>
        <ResponsiveContainer width="100%" height="100%" debounce={30}>
          <LineChart
            data={rows}
            margin={MARGIN}
            syncId="monitor"
            syncMethod="value"
            aria-label={`${title}: values by the arrow keys`}
          >
            <CartesianGrid vertical={false} stroke="var(--grid-line)" />
            <XAxis
              dataKey="t"
              type="number"
              domain={[from, to]}
              ticks={timeTicks(from, to, 5)}
              tickFormatter={clock}
              allowDataOverflow
              tick={TICK}
              tickLine={false}
              axisLine={{ stroke: 'var(--border-strong)' }}
              height={22}
            />
            <YAxis
              domain={[0, top]}
              ticks={[0, top / 2, top]}
              tickFormatter={axisLabel}
              tick={TICK}
              tickLine={false}
              axisLine={false}
              width={46}
            />
            <Tooltip
              isAnimationActive={false}
              cursor={{ stroke: 'var(--text-3)', strokeWidth: 1 }}
              content={({ active, payload }) => (active ? <AtCursor row={payload?.[0]?.payload} keys={keys} /> : null)}
            />
            {keys.map((key) => (
              <Line
                key={key}
                dataKey={key}
                type="linear"
                isAnimationActive={false}
                dot={false}
                activeDot={false}
                stroke={LINES[key].color}
                strokeWidth={1.5}
                {...(LINES[key].dash && { strokeDasharray: LINES[key].dash })}
              />
            ))}
          </LineChart>
        </ResponsiveContainer>
      </div>
    </section>
  );
}

function AtCursor({ row, keys }: { row: Row | undefined; keys: readonly SeriesKey[] }) {
  if (!row) return null;
  return (
    <div className={styles.tooltip}>
      <div className="mono">{clock(row.t)}</div>
      {keys.map((key) => (
        <div key={key} className={styles.tooltipLine}>
          <span>{key}</span>
          <span className="mono">{compact(row[key] ?? 0)}/s</span>
        </div>
      ))}
    </div>
  );
}
