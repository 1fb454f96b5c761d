/** The I/O graph: packets, bytes or a field's numbers over time, each line under a display filter of its own. */
import { Plus, X } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import {
  IO_FUNCTIONS,
  type IoFunction,
  type IoLine,
  type IoWindow,
  OF_FIELD,
} from '../../../electron/shared/analysis.ts';
import { useApi } from '../../api/backend-context.ts';
import { setPrefs, usePrefs } from '../../state/prefs.ts';
import { Button, compact, EmptyState, IconButton, Select, sentence, span, TextField } from '../../ui/index.ts';
import styles from './analysis.module.css';
import { ProgressNote } from './progress-note.tsx';
import { useAnalysis } from './use-analysis.ts';

const MOST_LINES = 6;
const INTERVALS = [
  ['0', 'automatic'],
  ['1000000', '1 ms'],
  ['10000000', '10 ms'],
  ['100000000', '100 ms'],
  ['1000000000', '1 s'],
  ['10000000000', '10 s'],
  ['60000000000', '1 min'],
] as const;
const WORDS: Record<IoFunction, string> = {
  packets: 'Packets',
  bytes: 'Bytes',
  bits: 'Bits',
  count: 'COUNT',
  sum: 'SUM',
  min: 'MIN',
  max: 'MAX',
  avg: 'AVG',
  load: 'LOAD',
};
const TICK = { fill: 'var(--text-3)', fontSize: 11 };
const MARGIN = { top: 6, right: 16, bottom: 0, left: 0 };
const color = (at: number) => `var(--series-${(at % MOST_LINES) + 1})`;

export function IoTab() {
  const lines = usePrefs((prefs) => prefs.ioLines);
  const [interval, setInterval] = useState('0');
  // A line that cannot be asked yet (its field is missing) stays out of the question.
  const asked = useMemo(() => lines.filter(({ fn, field }) => !OF_FIELD.includes(fn) || field), [lines]);
  const params = useMemo(
    () => (asked.length > 0 ? { lines: [...asked], intervalNs: Number(interval) } : undefined),
    [asked, interval],
  );
  const { answer, error } = useAnalysis('analysis.io', params);
  const change = (at: number, part: Partial<IoLine>) =>
    setPrefs({ ioLines: lines.map((line, i) => (i === at ? { ...line, ...part } : line)) });
  return (
    <div className={styles.face}>
      <div className={styles.tools}>
        <span className={styles.caption}>Interval</span>
        <Select
          size="sm"
          label="Interval"
          value={interval}
          options={INTERVALS.map(([value, label]) => ({ value, label: value === '0' ? label : `every ${label}` }))}
          onChange={setInterval}
        />
        <ProgressNote of={answer} />
        {error && (
          <span className={styles.wrong} role="alert">
            {sentence(error)}
          </span>
        )}
        <span className={styles.hint}>{answer ? `one point every ${span(answer.intervalNs / 1e9)}` : ''}</span>
      </div>
      <div className={styles.plot}>
        {answer && !error ? (
          <Chart answer={answer} lines={asked} />
        ) : error ? null : (
          <EmptyState title="No line to draw" />
        )}
      </div>
      <ul className={styles.lines} aria-label="Lines of the graph">
        {lines.map((line, at) => (
          // Lines have no identity but their place.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <li key={at} className={styles.line}>
            <span className={styles.swatch} style={{ background: color(at) }} aria-hidden />
            <FilterInput
              value={line.filter}
              label={`Filter of line ${at + 1}`}
              onChange={(filter) => change(at, { filter })}
            />
            <Select
              size="sm"
              label={`What line ${at + 1} shows`}
              value={line.fn}
              options={IO_FUNCTIONS.map((value) => ({ value, label: WORDS[value] }))}
              onChange={(fn) => change(at, { fn })}
            />
            {OF_FIELD.includes(line.fn) ? (
              <FilterInput
                value={line.field ?? ''}
                label={`Field of line ${at + 1}`}
                placeholder="field, as tcp.len"
                onChange={(field) => change(at, { field })}
              />
            ) : (
              <span />
            )}
            <IconButton
              size="sm"
              label={`Remove line ${at + 1}`}
              icon={<X aria-hidden />}
              disabled={lines.length === 1}
              onClick={() => setPrefs({ ioLines: lines.filter((_, i) => i !== at) })}
            />
          </li>
        ))}
        <li className={styles.line}>
          <span />
          <Button
            size="sm"
            icon={<Plus aria-hidden />}
            disabled={lines.length >= MOST_LINES}
            onClick={() => setPrefs({ ioLines: [...lines, { filter: '', fn: 'packets' }] })}
          >
            Add a line
          </Button>
        </li>
      </ul>
    </div>
  );
}

interface FilterInputProps {
  value: string;
  label: string;
  placeholder?: string;
  onChange(value: string): void;
}

/** Taken over by Enter, or when the focus leaves. */
function FilterInput({
  value,
  label,
  placeholder = 'display filter; empty = all packets',
  onChange,
}: FilterInputProps) {
  const api = useApi();
  const [text, setText] = useState(value);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let over = false;
    // A field by itself is a filter too: that it is there.
    api.call('display.check', { filter: value }).then(
      (check) => !over && setProblem(check.ok ? undefined : check.message),
      () => {},
    );
    return () => {
      over = true;
    };
  }, [api, value]);
  const take = () => text.trim() !== value && onChange(text.trim());
  return (
    <TextField
      label={label}
      wrong={problem !== undefined}
      title={problem}
      placeholder={placeholder}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => event.key === 'Enter' && take()}
    />
  );
}

function Chart({ answer, lines }: { answer: IoWindow; lines: readonly IoLine[] }) {
  const rows = useMemo(() => {
    const count = answer.values[0]?.length ?? 0;
    return Array.from({ length: count }, (_, i) => ({
      t: (i * answer.intervalNs) / 1e9,
      ...Object.fromEntries(answer.values.map((values, at) => [`v${at}`, values[i] ?? null])),
    }));
  }, [answer]);
  const name = ({ filter, fn, field }: IoLine) =>
    `${field && OF_FIELD.includes(fn) ? `${WORDS[fn]}(${field})` : WORDS[fn]}${filter ? ` ${filter}` : ''}`;
  return (
    <ResponsiveContainer width="100%" height="100%" debounce={30}>
      <LineChart data={rows} margin={MARGIN} aria-label="I/O graph: values by the arrow keys">
        <CartesianGrid vertical={false} stroke="var(--grid-line)" />
        <XAxis
          dataKey="t"
          type="number"
          domain={[0, 'dataMax']}
          tickFormatter={span}
          tick={TICK}
          tickLine={false}
          axisLine={{ stroke: 'var(--border-strong)' }}
          height={22}
        />
        <YAxis tickFormatter={compact} tick={TICK} tickLine={false} axisLine={false} width={54} />
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: 'var(--text-3)', strokeWidth: 1 }}
          content={({ active, payload }) => {
            const row = payload?.[0]?.payload as Record<string, number | null> | undefined;
            if (!active || !row) return null;
            return (
              <div className={styles.tooltip}>
                <div className="mono">{Number((row['t'] ?? 0).toPrecision(9))} s</div>
                {lines.map((line, at) => (
                  <div key={`${name(line)} ${String(at)}`} className={styles.tooltipLine}>
                    <span className={styles.key}>
                      <span className={styles.swatch} style={{ background: color(at) }} />
                      {name(line)}
                    </span>
                    <span className="mono">{row[`v${at}`]?.toLocaleString('en-US') ?? '–'}</span>
                  </div>
                ))}
              </div>
            );
          }}
        />
        {lines.map((line, at) => (
          <Line
            key={`${name(line)} ${String(at)}`}
            dataKey={`v${at}`}
            type="linear"
            isAnimationActive={false}
            dot={rows.length < 3}
            activeDot={{ r: 3 }}
            stroke={color(at)}
            strokeWidth={1.5}
          />
        ))}
      </LineChart>
    </ResponsiveContainer>
  );
}
