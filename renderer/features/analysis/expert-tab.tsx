/** What dissection remarks on, worst first; each remark leads to its packets. */
import { useMemo, useState } from 'react';
import type { ExpertRow } from '../../../electron/shared/analysis.ts';
import { goToPacket } from '../../state/go-to.ts';
import { cx, EmptyState, Grid, type GridColumn, grouped, Segments } from '../../ui/index.ts';
import styles from './analysis.module.css';
import type { TabProps } from './analysis-view.tsx';
import { ProgressNote } from './progress-note.tsx';
import { useAnalysis } from './use-analysis.ts';

const SEVERITIES = ['error', 'warn', 'note', 'chat'] as const;
type Severity = ExpertRow['severity'];
const WORDS: Record<Severity, string> = { error: 'Error', warn: 'Warning', note: 'Note', chat: 'Chat' };
/** A mark of its own each: not by colour alone. */
const MARKS: Record<Severity, string> = { error: '■', warn: '▲', note: '●', chat: '·' };
const keyOf = ({ severity, group, protocol, text }: ExpertRow) => `${severity} ${group} ${protocol} ${text}`;

const COLUMNS: readonly GridColumn<ExpertRow>[] = [
  {
    id: 'severity',
    label: 'Severity',
    track: '96px',
    content: ({ severity }) => (
      <span className={cx(styles.severity, styles[severity])}>
        <span aria-hidden>{MARKS[severity]}</span> {WORDS[severity]}
      </span>
    ),
  },
  { id: 'count', label: 'Count', track: '84px', align: 'right', mono: true, content: ({ count }) => grouped(count) },
  { id: 'protocol', label: 'Protocol', track: '90px', content: ({ protocol }) => protocol },
  { id: 'group', label: 'Group', track: '96px', leavesBelow: 800, content: ({ group }) => group },
  { id: 'text', label: 'What', track: 'minmax(200px, 1fr)', content: ({ text }) => text },
  {
    id: 'first',
    label: 'First in',
    track: '90px',
    align: 'right',
    mono: true,
    content: ({ frames }) => (frames[0] === undefined ? '' : `#${grouped(frames[0])}`),
  },
];

export function ExpertTab({ filter }: TabProps) {
  const params = useMemo(() => ({ filter }), [filter]);
  const { answer } = useAnalysis('analysis.overview', params);
  const [from, setFrom] = useState<Severity>('chat');
  const [chosen, setChosen] = useState<ExpertRow>();
  const all = answer?.expert ?? [];
  const worst = SEVERITIES.slice(0, SEVERITIES.indexOf(from) + 1);
  const rows = all.filter(({ severity }) => worst.includes(severity));
  const selected = rows.find((row) => chosen && keyOf(row) === keyOf(chosen));
  return (
    <div className={styles.face}>
      <div className={styles.tools}>
        <Segments
          label="From which severity"
          value={from}
          options={SEVERITIES.map((value) => ({
            value,
            label: `${WORDS[value]}s ${grouped(all.filter((row) => row.severity === value).reduce((n, row) => n + row.count, 0))}`,
          }))}
          onChange={setFrom}
        />
        <ProgressNote of={answer} />
        <span className={styles.hint}>The chosen severity and all that are worse</span>
      </div>
      <div className={styles.body}>
        <Grid
          id="note"
          label="Expert notes"
          columns={COLUMNS}
          rows={rows}
          start={0}
          total={rows.length}
          keyOf={keyOf}
          selected={selected && keyOf(selected)}
          onSelect={setChosen}
          onOpen={({ frames }) => frames[0] !== undefined && goToPacket(frames[0])}
          entries={[
            {
              label: 'Go to the first packet',
              keys: 'Enter',
              disabled: !selected,
              run: () => selected?.frames[0] !== undefined && goToPacket(selected.frames[0]),
            },
          ]}
        />
        {answer && rows.length === 0 && answer.scanned >= answer.total && (
          <div className={styles.nothing}>
            <EmptyState title="Nothing to remark on">
              No packet of this capture has a note of this severity or worse.
            </EmptyState>
          </div>
        )}
      </div>
      <Frames of={selected} />
    </div>
  );
}

/** The packets of the chosen remark, as links. */
function Frames({ of }: { of: ExpertRow | undefined }) {
  if (!of) return <div className={styles.frames}>Select a remark to see its packets.</div>;
  const more = of.count - of.frames.length;
  return (
    <div className={styles.frames}>
      <span className={styles.faint}>Packets</span>
      {of.frames.map((number) => (
        <button key={number} type="button" className={styles.frame} onClick={() => goToPacket(number)}>
          {grouped(number)}
        </button>
      ))}
      {more > 0 && <span className={styles.faint}>and {grouped(more)} more</span>}
    </div>
  );
}
