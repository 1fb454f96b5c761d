/** One number of one entry over time: looked up once a second, as value or as rate. No animation: what moves is the data. */
import { X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { MapDetail, MapEntry } from '../../../electron/shared/map-api.ts';
import { useApi } from '../../api/backend-context.ts';
import { clock, compact, IconButton, Segments, timeTicks, type ValueAxis, valueAxis } from '../../ui/index.ts';
import styles from './maps.module.css';

const TICK_MS = 1000;
const POINTS = 300;
/** Digits of the axis are about 7 px wide. */
const axisWidth = ({ ticks, label }: ValueAxis) =>
  Math.max(52, 16 + 7 * Math.max(...ticks.map((tick) => label(tick).length)));
const TICK = { fill: 'var(--text-3)', fontSize: 11 };

interface Point {
  t: number;
  value: number;
  rate: number;
}

export function MapChart({
  detail,
  entry,
  column,
  onClose,
}: {
  detail: MapDetail;
  entry: MapEntry;
  column: number;
  onClose(): void;
}) {
  const api = useApi();
  const { id } = detail.map;
  const [points, setPoints] = useState<readonly Point[]>([]);
  const [shown, setShown] = useState<'value' | 'rate'>('rate');
  const key = `hex ${Array.from(entry.key, (byte) => byte.toString(16).padStart(2, '0')).join(' ')}`;
  const { path } = detail.columns[column]!;

  useEffect(() => {
    let over = false;
    setPoints([]);
    const look = () =>
      api.call('maps.lookup', { id, key }).then(
        ({ entry: found }) => {
          const value = Number(found?.cells[column] ?? Number.NaN);
          if (over || Number.isNaN(value)) return;
          setPoints((all) => {
            const t = Date.now();
            const last = all.at(-1);
            const rate = last ? (value - last.value) / ((t - last.t) / 1000) : 0;
            return [...all, { t, value, rate }].slice(-POINTS);
          });
        },
        // A map that is gone is told where its entries are.
        () => {},
      );
    void look();
    const timer = setInterval(look, TICK_MS);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [api, id, key, column]);

  const drawn = shown === 'rate' ? points.slice(1) : points;
  const last = drawn.at(-1);
  const axis = valueAxis(
    drawn.map((point) => point[shown]),
    { zero: shown === 'rate' },
  );
  // A young chart fills half a minute from the left.
  const from = drawn[0]?.t ?? Date.now();
  const to = Math.max(last?.t ?? 0, from + 30_000);
  const unit = shown === 'rate' ? '/s' : '';
  const title = `${path} of ${entry.keyText}`;
  return (
    <section className={styles.chart} aria-label={`Chart of ${title}`}>
      <header className={styles.chartHead}>
        <h3 className={`mono ${styles.chartTitle}`} title={title}>
          {title}
        </h3>
        <span className={`mono ${styles.chartValue}`}>{last ? `${compact(last[shown])}${unit}` : ''}</span>
        <span className={styles.grow} />
        <Segments
          label="What is drawn"
          value={shown}
          options={[
            { value: 'rate', label: 'Rate' },
            { value: 'value', label: 'Value' },
          ]}
          onChange={setShown}
        />
        <IconButton size="sm" label="Close the chart" icon={<X aria-hidden />} onClick={onClose} />
      </header>
      <div className={styles.plot}>
        <ResponsiveContainer width="100%" height="100%" debounce={30}>
          <LineChart
            data={[...drawn]}
            margin={{ top: 6, right: 16, bottom: 0, left: 0 }}
            aria-label={`${title}: values by the arrow keys`}
          >
            <CartesianGrid vertical={false} stroke="var(--grid-line)" />
            <XAxis
              dataKey="t"
              type="number"
              domain={[from, to]}
              ticks={timeTicks(from, to, 5)}
              tickFormatter={clock}
              tick={TICK}
              tickLine={false}
              axisLine={{ stroke: 'var(--border-strong)' }}
              height={20}
            />
            <YAxis
              domain={axis.domain}
              ticks={axis.ticks}
              tickFormatter={axis.label}
              tick={TICK}
              tickLine={false}
              axisLine={false}
              width={axisWidth(axis)}
            />
            <Tooltip
              isAnimationActive={false}
              cursor={{ stroke: 'var(--text-3)', strokeWidth: 1 }}
              content={({ active, payload }) => {
                const point = payload?.[0]?.payload as Point | undefined;
                if (!active || !point) return null;
                return (
                  <div className={`mono ${styles.tip}`}>
                    {clock(point.t)} {point[shown].toLocaleString('en-US', { maximumFractionDigits: 1 })}
                    {unit}
                  </div>
                );
              }}
            />
            <Line
              dataKey={shown}
              type="linear"
              isAnimationActive={false}
              // One point is no line yet.
              dot={drawn.length === 1}
              stroke="var(--series-1)"
              strokeWidth={1.5}
            />
          </LineChart>
        </ResponsiveContainer>
      </div>
    </section>
  );
}
