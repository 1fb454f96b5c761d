/**
 * A stacked area of rates over time. Both charts share one cursor (recharts' syncId) that reads all series, and one zoom: dragging
 * chooses a span, during which data stand still. No animation: what moves is the data.
 */
import { useMemo, useState } from 'react';
import { Area, AreaChart, CartesianGrid, ReferenceArea, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { Verdict } from '../../../electron/shared/capture.ts';
import { isActive } from '../../state/capture-control.ts';
import { useSession } from '../../state/session.ts';
import { bitRate, clock, compact, packetRate, protocolName, VerdictMark } from '../../ui/index.ts';
import { axisLabel, type ChartRow, colorOf, niceTop, peak, timeTicks, timeWindow, toRows } from './chart-data.ts';
import { ChartTooltip } from './chart-tooltip.tsx';
import { usePoll } from './poll.ts';
import styles from './rate-chart.module.css';

/** Epoch ms. */
export type Zoom = readonly [from: number, to: number];

export interface RateChartProps {
  by: 'verdict' | 'protocol';
  title: string;
  /** Seconds. */
  range: number;
  unit: 'pps' | 'bps';
  zoom: Zoom | undefined;
  onZoom(zoom: Zoom | undefined): void;
}

/** Half a second a point over the shortest range: finer would only show the noise of counting. */
const pointsOf = (range: number) => (range <= 60 ? 120 : 300);
const POLL_MS = 1000;
const MARGIN = { top: 6, right: 16, bottom: 0, left: 0 };
const TICK = { fill: 'var(--text-3)', fontSize: 11 };

export function RateChart({ by, title, range, unit, zoom, onZoom }: RateChartProps) {
  const params = useMemo(() => ({ by, seconds: range, points: pointsOf(range) }), [by, range]);
  const series = usePoll('series.get', params, POLL_MS, zoom !== undefined);
  const [drag, setDrag] = useState<[number, number]>();
  const all = useMemo(() => (series ? toRows(series, unit) : []), [series, unit]);
  // Only what was seen at all gets a place in the legend.
  const keys = useMemo(() => series?.keys.filter((key) => all.some((row) => row[key]! > 0)) ?? [], [series, all]);
  const live = useSession((s) => isActive(s.status));
  const now = all.at(-1);
  const [from, to] = zoom ?? timeWindow(all[0]?.t ?? Date.now(), now?.t ?? Date.now(), range, live);
  const rows = useMemo(() => (zoom ? all.filter((row) => row.t >= from && row.t <= to) : all), [all, zoom, from, to]);
  const top = niceTop(peak(rows, keys));
  const format = unit === 'pps' ? packetRate : bitRate;

  const finish = () => {
    if (drag && Math.abs(drag[1] - drag[0]) >= 2 * (series?.stepMs ?? 0))
      onZoom([Math.min(...drag), Math.max(...drag)]);
    setDrag(undefined);
  };
  const label = (state: { activeLabel?: string | number | undefined }) =>
    state.activeLabel === undefined ? undefined : Number(state.activeLabel);

  return (
    <section
      className={styles.chart}
      aria-label={`${title}: ${keys.map((key) => `${key} ${format(now?.[key] ?? 0)}`).join(', ')}`}
    >
      <header className={styles.head}>
        <h2 className={styles.title}>{title}</h2>
        <Legend by={by} keys={keys} now={now} />
      </header>
      <div className={styles.plot}>
        <ResponsiveContainer width="100%" height="100%" debounce={30}>
          <AreaChart
            data={rows}
            margin={MARGIN}
            aria-label={`${title}: values by the arrow keys`}
            syncId="live"
            syncMethod="value"
            onMouseDown={(state) => {
              const at = label(state);
              if (at !== undefined) setDrag([at, at]);
            }}
            onMouseMove={(state) => {
              const at = label(state);
              if (drag && at !== undefined) setDrag([drag[0], at]);
            }}
            onMouseUp={finish}
            onMouseLeave={finish}
          >
            <CartesianGrid vertical={false} stroke="var(--grid-line)" />
            <XAxis
              dataKey="t"
              type="number"
              domain={[from, to]}
              ticks={timeTicks(from, to, 6)}
              tickFormatter={clock}
              allowDataOverflow
              interval="preserveStartEnd"
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
              content={(props) => <ChartTooltip {...props} by={by} keys={keys} format={format} />}
            />
            {keys.map((key) => (
              <Area
                key={key}
                dataKey={key}
                stackId="all"
                type="linear"
                isAnimationActive={false}
                dot={false}
                activeDot={false}
                stroke={colorOf(key, by)}
                strokeWidth={1.25}
                fill={colorOf(key, by)}
                fillOpacity={0.36}
              />
            ))}
            {drag && <ReferenceArea x1={drag[0]} x2={drag[1]} fill="var(--accent)" fillOpacity={0.18} />}
          </AreaChart>
        </ResponsiveContainer>
      </div>
    </section>
  );
}

interface LegendProps {
  by: 'verdict' | 'protocol';
  keys: readonly string[];
  now: ChartRow | undefined;
}

function Legend({ by, keys, now }: LegendProps) {
  return (
    <ul className={styles.legend}>
      {keys.map((key) => (
        <li key={key} className={styles.entry}>
          {by === 'verdict' ? (
            <VerdictMark verdict={key as Verdict} named />
          ) : (
            <>
              <span className={styles.swatch} style={{ background: colorOf(key, by) }} />
              {protocolName(key)}
            </>
          )}
          <span className={`mono ${styles.value}`}>{compact(now?.[key] ?? 0)}</span>
        </li>
      ))}
    </ul>
  );
}
