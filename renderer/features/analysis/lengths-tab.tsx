/** How long packets are. */
import { useMemo, useState } from 'react';
import type { LengthRow } from '../../../electron/shared/analysis.ts';
import { showUnderFilter } from '../../state/display-filter.ts';
import { bytes, Grid, type GridColumn, grouped } from '../../ui/index.ts';
import styles from './analysis.module.css';
import type { TabProps } from './analysis-view.tsx';
import { ProgressNote } from './progress-note.tsx';
import { useAnalysis } from './use-analysis.ts';

const right = { align: 'right', mono: true } as const;

export function LengthsTab({ filter }: TabProps) {
  const params = useMemo(() => ({ filter }), [filter]);
  const { answer } = useAnalysis('analysis.overview', params);
  const [chosen, setChosen] = useState<LengthRow>();
  const [all, ...rows] = answer?.lengths ?? [];
  const packets = all?.packets ?? 0;
  const columns = useMemo<readonly GridColumn<LengthRow>[]>(
    () => [
      { id: 'label', label: 'Bytes on the wire', track: '150px', mono: true, content: ({ label }) => label },
      {
        id: 'share',
        label: 'Share',
        track: 'minmax(160px, 1fr)',
        content: (row) => (
          <>
            <span className={styles.bar} style={{ width: `${packets > 0 ? (100 * row.packets) / packets : 0}%` }} />
            <span className={styles.barText}>
              {row.packets > 0 ? `${((100 * row.packets) / packets).toFixed(1)} %` : '–'}
            </span>
          </>
        ),
      },
      { id: 'packets', label: 'Packets', track: '110px', ...right, content: (row) => grouped(row.packets) },
      {
        id: 'bytes',
        label: 'Bytes',
        track: '110px',
        ...right,
        content: (row) => (row.packets > 0 ? bytes(row.bytes) : '–'),
      },
      {
        id: 'average',
        label: 'Average',
        track: '110px',
        ...right,
        content: (row) => (row.packets > 0 ? (row.bytes / row.packets).toFixed(1) : '–'),
      },
      {
        id: 'min',
        label: 'Least',
        track: '90px',
        ...right,
        content: ({ min }) => (min === undefined ? '–' : grouped(min)),
      },
      {
        id: 'max',
        label: 'Most',
        track: '90px',
        ...right,
        content: ({ max }) => (max === undefined ? '–' : grouped(max)),
      },
    ],
    [packets],
  );
  const open = ({ label }: LengthRow) => showUnderFilter(lengthFilter(label));
  return (
    <div className={styles.face}>
      <div className={styles.tools}>
        <ProgressNote of={answer} />
        <span className={styles.hint}>
          {all && all.packets > 0
            ? `${grouped(all.packets)} packets, ${(all.bytes / all.packets).toFixed(1)} B on average, ${all.min} to ${all.max}`
            : ''}
        </span>
      </div>
      <div className={styles.body}>
        <Grid
          id="length"
          label="Packet lengths"
          columns={columns}
          rows={rows}
          start={0}
          total={rows.length}
          keyOf={({ label }) => label}
          selected={chosen?.label}
          onSelect={setChosen}
          onOpen={open}
          entries={[
            { label: 'Show these packets', keys: 'Enter', disabled: !chosen, run: () => chosen && open(chosen) },
          ]}
        />
      </div>
    </div>
  );
}

/** "40-79" or "5120 and greater". */
function lengthFilter(label: string): string {
  const [from, to] = label.split('-');
  return to === undefined ? `frame.len >= ${Number.parseInt(label, 10)}` : `frame.len >= ${from} && frame.len <= ${to}`;
}
