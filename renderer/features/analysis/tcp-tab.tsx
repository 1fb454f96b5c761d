/** One TCP connection over time: sequence numbers, throughput, round-trip times, window. */

import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useMemo, useState } from 'react';
import { CartesianGrid, ResponsiveContainer, Scatter, ScatterChart, Tooltip, XAxis, YAxis } from 'recharts';
import type { TcpGraph } from '../../../electron/shared/analysis.ts';
import { followStream, useAnalysisState } from '../../state/analysis.ts';
import { showUnderFilter } from '../../state/display-filter.ts';
import { goToPacket } from '../../state/go-to.ts';
import { Button, EmptyState, grouped, IconButton, Segments, span, TextField } from '../../ui/index.ts';
import styles from './analysis.module.css';
import { ProgressNote } from './progress-note.tsx';
import { GRAPHS, type GraphKind, seriesOf, type TcpSeries } from './tcp-series.ts';
import { useAnalysis } from './use-analysis.ts';

const TICK = { fill: 'var(--text-3)', fontSize: 11 };
const MARGIN = { top: 6, right: 16, bottom: 0, left: 0 };

export function TcpTab() {
  const stream = useAnalysisState((s) => s.stream);
  const setStream = (next: number) => useAnalysisState.setState({ stream: Math.max(0, next) });
  const [kind, setKind] = useState<GraphKind>('sequence');
  const [from, setFrom] = useState<'0' | '1'>('0');
  const params = useMemo(() => ({ stream }), [stream]);
  const { answer } = useAnalysis('analysis.tcp', params);
  const series = useMemo(() => (answer ? seriesOf(answer, kind, from === '0' ? 0 : 1) : []), [answer, kind, from]);
  const [a, b] = answer?.ends ?? ['A', 'B'];
  const empty = answer?.count === 0 && answer.scanned >= answer.total;
  return (
    <div className={styles.face}>
      <div className={styles.tools}>
        <IconButton
          size="sm"
          label="The stream before"
          icon={<ChevronLeft aria-hidden />}
          disabled={stream === 0}
          onClick={() => setStream(stream - 1)}
        />
        <TextField
          className={styles.number}
          label="Number of the TCP stream"
          inputMode="numeric"
          value={stream}
          onChange={(event) => {
            const next = Number(event.target.value);
            if (Number.isSafeInteger(next) && next >= 0 && next < 2 ** 32) setStream(next);
          }}
        />
        <IconButton
          size="sm"
          label="The next stream"
          icon={<ChevronRight aria-hidden />}
          disabled={empty}
          onClick={() => setStream(stream + 1)}
        />
        <Segments
          label="Graph"
          value={kind}
          options={(Object.keys(GRAPHS) as GraphKind[]).map((value) => ({ value, label: GRAPHS[value].label }))}
          onChange={setKind}
        />
        <Segments
          label="Direction"
          value={from}
          options={[
            { value: '0', label: `${a} →` },
            { value: '1', label: `${b} →` },
          ]}
          onChange={setFrom}
        />
        <ProgressNote of={answer} />
        <span className={styles.hint}>
          {answer && answer.count > 0
            ? `${grouped(answer.count)} segments${answer.number.length < answer.count ? `, ${grouped(answer.number.length)} of them drawn` : ''}`
            : ''}
        </span>
        <Button size="sm" disabled={empty} onClick={() => followStream('tcp', stream)}>
          Follow
        </Button>
        <Button size="sm" disabled={empty} onClick={() => showUnderFilter(`tcp.stream == ${stream}`)}>
          Packets
        </Button>
      </div>
      <div className={styles.plot}>
        <ul className={styles.legend}>
          {series
            .filter(({ points }) => points.length > 0)
            .map(({ name, color }) => (
              <li key={name} className={styles.key}>
                <span className={styles.swatch} style={{ background: color }} />
                {name}
              </li>
            ))}
        </ul>
        {empty ? (
          <EmptyState title={`There is no TCP stream ${grouped(stream)}`}>
            Streams are numbered from 0 in the order in which they begin. The Conversations table leads here, too.
          </EmptyState>
        ) : (
          answer && <Graph series={series} kind={kind} answer={answer} />
        )}
      </div>
    </div>
  );
}

interface Point {
  t: number;
  y: number;
  number: number;
}

function Graph({ series, kind, answer }: { series: readonly TcpSeries[]; kind: GraphKind; answer: TcpGraph }) {
  const last = (answer.timeNs.at(-1) ?? 0) - (answer.timeNs[0] ?? 0);
  if (series.every(({ points }) => points.length === 0))
    return <EmptyState title="Nothing to draw in this direction">The other end may have more to show.</EmptyState>;
  return (
    <ResponsiveContainer width="100%" height="100%" debounce={30}>
      <ScatterChart margin={MARGIN} aria-label={`${GRAPHS[kind].label} of the stream`}>
        <CartesianGrid vertical={false} stroke="var(--grid-line)" />
        <XAxis
          dataKey="t"
          type="number"
          domain={[0, Math.max(last / 1e9, 1e-6)]}
          tickFormatter={span}
          tick={TICK}
          tickLine={false}
          axisLine={{ stroke: 'var(--border-strong)' }}
          height={22}
        />
        <YAxis
          dataKey="y"
          type="number"
          tickFormatter={GRAPHS[kind].text}
          tick={TICK}
          tickLine={false}
          axisLine={false}
          width={74}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={false}
          content={({ active, payload }) => {
            const point = payload?.[0]?.payload as Point | undefined;
            if (!active || !point) return null;
            return (
              <div className={styles.tooltip}>
                <div className="mono">{point.t.toFixed(6)} s</div>
                <div className={styles.tooltipLine}>
                  <span>#{grouped(point.number)}</span>
                  <span className="mono">{GRAPHS[kind].exact(point.y)}</span>
                </div>
              </div>
            );
          }}
        />
        {series.map(({ name, color, line, points }) => (
          <Scatter
            key={name}
            name={name}
            data={points}
            fill={color}
            line={line ? { stroke: color, strokeWidth: 1.25 } : false}
            shape={(props: { cx?: number | undefined; cy?: number | undefined }) => (
              <circle cx={props.cx} cy={props.cy} r={2.2} fill={color} />
            )}
            isAnimationActive={false}
            onClick={(point) => goToPacket((point.payload as Point).number)}
          />
        ))}
      </ScatterChart>
    </ResponsiveContainer>
  );
}
