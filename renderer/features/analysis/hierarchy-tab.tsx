/** Which protocols are in which, and how much of the traffic each is. */
import { useMemo, useState } from 'react';
import type { HierarchyRow } from '../../../electron/shared/analysis.ts';
import { showUnderFilter } from '../../state/display-filter.ts';
import { bytes, Grid, type GridColumn, grouped } from '../../ui/index.ts';
import styles from './analysis.module.css';
import type { TabProps } from './analysis-view.tsx';
import { ProgressNote } from './progress-note.tsx';
import { useAnalysis } from './use-analysis.ts';

type Row = HierarchyRow & { path: string };
const right = { align: 'right', mono: true } as const;

export function HierarchyTab({ filter }: TabProps) {
  const params = useMemo(() => ({ filter }), [filter]);
  const { answer } = useAnalysis('analysis.overview', params);
  const [chosen, setChosen] = useState<Row>();
  const rows = useMemo(() => withPaths(answer?.hierarchy ?? []), [answer]);
  const packets = answer?.packets ?? 0;
  const all = answer?.bytes ?? 0;
  const columns = useMemo<readonly GridColumn<Row>[]>(
    () => [
      {
        id: 'name',
        label: 'Protocol',
        track: 'minmax(240px, 1fr)',
        content: (row) => (
          <span style={{ paddingLeft: row.depth * 16 }}>
            <span className={styles.name}>{row.name}</span> <span className={styles.faint}>{row.title}</span>
          </span>
        ),
      },
      {
        id: 'share',
        label: 'Packets',
        track: 'minmax(140px, 0.6fr)',
        content: (row) => <Share part={row.packets} of={packets} />,
      },
      { id: 'packets', label: '', track: '92px', ...right, content: (row) => grouped(row.packets) },
      {
        id: 'byteShare',
        label: 'Bytes',
        track: 'minmax(140px, 0.6fr)',
        content: (row) => <Share part={row.bytes} of={all} />,
      },
      { id: 'bytes', label: '', track: '92px', ...right, content: (row) => bytes(row.bytes) },
      {
        id: 'end',
        label: 'Ends here',
        track: '92px',
        ...right,
        leavesBelow: 900,
        content: (row) => grouped(row.endPackets),
      },
    ],
    [packets, all],
  );
  return (
    <div className={styles.face}>
      <div className={styles.tools}>
        <ProgressNote of={answer} />
        <span className={styles.hint}>{answer ? `${grouped(packets)} packets, ${bytes(all)}` : ''}</span>
      </div>
      <div className={styles.body}>
        <Grid
          id="protocol"
          label="Protocol hierarchy"
          columns={columns}
          rows={rows}
          start={0}
          total={rows.length}
          keyOf={({ path }) => path}
          selected={chosen?.path}
          onSelect={setChosen}
          onOpen={({ name }) => showUnderFilter(name)}
          entries={[
            {
              label: 'Show packets with it',
              keys: 'Enter',
              disabled: !chosen,
              run: () => chosen && showUnderFilter(chosen.name),
            },
          ]}
        />
      </div>
    </div>
  );
}

function withPaths(rows: readonly HierarchyRow[]): Row[] {
  const at: string[] = [];
  return rows.map((row) => {
    at.length = row.depth;
    at.push(row.name);
    return { ...row, path: at.join(':') };
  });
}

function Share({ part, of }: { part: number; of: number }) {
  const share = of > 0 ? (100 * part) / of : 0;
  return (
    <>
      <span className={styles.bar} style={{ width: `${share}%` }} />
      <span className={styles.barText}>{share.toFixed(1)} %</span>
    </>
  );
}
