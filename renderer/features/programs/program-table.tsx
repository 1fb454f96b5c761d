/** The list of programs: all of them are here, so they are sorted and searched here. */
import { useMemo } from 'react';
import type { ProgramRow } from '../../../electron/shared/workbench-api.ts';
import { Grid } from '../../ui/index.ts';
import { PROGRAM_COLUMNS, type SortKey } from './columns.ts';
import styles from './programs.module.css';

export interface ProgramTableProps {
  rows: readonly ProgramRow[];
  selected: number;
  sort: SortKey;
  descending: boolean;
  onSort(key: SortKey): void;
  onSelect(id: number): void;
}

export function ProgramTable({ rows, selected, sort, descending, onSort, onSelect }: ProgramTableProps) {
  const columns = useMemo(
    () =>
      PROGRAM_COLUMNS.map((column) =>
        column.id === 'name' ? { ...column, content: (row: ProgramRow) => <Name row={row} /> } : column,
      ),
    [],
  );
  const chosen = rows.find(({ id }) => id === selected);
  const copy = (text: string) => void navigator.clipboard.writeText(text);
  return (
    <Grid
      id="program"
      label="Programs"
      columns={columns}
      rows={rows}
      start={0}
      total={rows.length}
      keyOf={({ id }) => `${id}`}
      selected={selected === 0 ? undefined : `${selected}`}
      onSelect={({ id }) => onSelect(id)}
      sort={sort}
      descending={descending}
      onSort={onSort}
      entries={[
        { label: 'Copy id', disabled: !chosen, run: () => chosen && copy(`${chosen.id}`) },
        { label: 'Copy name', disabled: !chosen, run: () => chosen && copy(chosen.name) },
        { label: 'Copy tag', disabled: !chosen, run: () => chosen && copy(chosen.tag) },
      ]}
    />
  );
}

function Name({ row: { name, ours } }: { row: ProgramRow }) {
  return (
    <span className={styles.name} title={name}>
      <span className={styles.nameText}>{name || '–'}</span>
      {ours && (
        <span className={styles.ours} title="Loaded by this xdpeek">
          xdpeek
        </span>
      )}
    </span>
  );
}
