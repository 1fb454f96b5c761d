/** How long answers took, by what was asked. */
import { useMemo, useState } from 'react';
import type { ResponseTimeRow } from '../../../electron/shared/analysis.ts';
import { goToPacket } from '../../state/go-to.ts';
import { EmptyState, Grid, type GridColumn, grouped } from '../../ui/index.ts';
import styles from './analysis.module.css';
import type { TabProps } from './analysis-view.tsx';
import { ProgressNote } from './progress-note.tsx';
import { useAnalysis } from './use-analysis.ts';

const right = { align: 'right', mono: true } as const;
const ms = (ns: number) => (ns / 1e6).toFixed(3);
const name = ({ protocol, what }: ResponseTimeRow) => `${protocol} ${what}`;

export function TimesTab({ filter }: TabProps) {
  const params = useMemo(() => ({ filter }), [filter]);
  const { answer } = useAnalysis('analysis.overview', params);
  const [chosen, setChosen] = useState<ResponseTimeRow>();
  const rows = answer?.times ?? [];
  const most = Math.max(1, ...rows.map(({ averageNs }) => averageNs));
  const columns = useMemo<readonly GridColumn<ResponseTimeRow>[]>(
    () => [
      {
        id: 'protocol',
        label: 'Protocol',
        track: '90px',
        strong: true,
        content: ({ protocol }) => protocol.toUpperCase(),
      },
      { id: 'what', label: 'Asked', track: 'minmax(120px, 1fr)', content: ({ what }) => what },
      { id: 'count', label: 'Answers', track: '90px', ...right, content: ({ count }) => grouped(count) },
      { id: 'min', label: 'Least ms', track: '104px', ...right, content: ({ minNs }) => ms(minNs) },
      {
        id: 'average',
        label: 'Average ms',
        track: 'minmax(150px, 0.8fr)',
        ...right,
        content: ({ averageNs }) => (
          <>
            <span className={styles.bar} style={{ width: `${(100 * averageNs) / most}%` }} />
            <span className={styles.barText}>{ms(averageNs)}</span>
          </>
        ),
      },
      { id: 'max', label: 'Most ms', track: '104px', ...right, content: ({ maxNs }) => ms(maxNs) },
      {
        id: 'slowest',
        label: 'Slowest in',
        track: '104px',
        ...right,
        content: ({ slowest }) => `#${grouped(slowest)}`,
      },
    ],
    [most],
  );
  return (
    <div className={styles.face}>
      <div className={styles.tools}>
        <ProgressNote of={answer} />
        <span className={styles.hint}>From each request to its answer</span>
      </div>
      <div className={styles.body}>
        <Grid
          id="time"
          label="Response times"
          columns={columns}
          rows={rows}
          start={0}
          total={rows.length}
          keyOf={name}
          selected={chosen && name(chosen)}
          onSelect={setChosen}
          onOpen={({ slowest }) => goToPacket(slowest)}
          entries={[
            {
              label: 'Go to the slowest answer',
              keys: 'Enter',
              disabled: !chosen,
              run: () => chosen && goToPacket(chosen.slowest),
            },
          ]}
        />
        {answer && rows.length === 0 && answer.scanned >= answer.total && (
          <div className={styles.nothing}>
            <EmptyState title="No answered requests">
              DNS, HTTP and ICMP echo requests whose answers are in the capture are timed here.
            </EmptyState>
          </div>
        )}
      </div>
    </div>
  );
}
