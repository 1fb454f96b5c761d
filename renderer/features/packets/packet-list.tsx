/** The packet list with what lies over it: that nothing matches, and how many are new below a list that stands still. */
import { ArrowDownToLine, Rows3 } from 'lucide-react';
import { type RefObject, useCallback, useRef } from 'react';
import { applyDisplayFilter } from '../../state/display-filter.ts';
import { useSession } from '../../state/session.ts';
import { Button, EmptyState, grouped } from '../../ui/index.ts';
import { PacketTable, type PacketTableHandle } from './packet-table.tsx';
import styles from './packets-view.module.css';
import { SortNotes } from './sort-notes.tsx';
import type { Selection } from './use-selection.ts';
import type { Sort } from './use-sort.ts';

/** Rows that the filter lets through so far, and packets that were looked at for it, of so many. */
export interface ShownCount {
  found: number;
  scanned: number;
  of: number;
}

interface PacketListProps {
  table: RefObject<PacketTableHandle | null>;
  selection: Selection;
  filter: string;
  sort: Sort;
  shown: ShownCount;
  onShown(shown: { found: number; scanned: number }): void;
}

export function PacketList({ table, selection, filter, sort, shown, onShown }: PacketListProps) {
  const stored = useSession((s) => s.status.stored);
  const generation = useSession((s) => s.status.generation);
  // A file is not news, also while it is still being read.
  const live = useSession((s) => s.status.source === 'live');
  const { selected, range, follow, select, setRange, setFollow } = selection;
  const seen = useRef({ generation, stored });
  if (follow || seen.current.generation !== generation) seen.current = { generation, stored };
  const unseen = live ? stored - seen.current.stored : 0;
  const count = useCallback((found: number, scanned: number) => onShown({ found, scanned }), [onShown]);
  return (
    <div className={styles.list}>
      <PacketTable
        ref={table}
        selected={selected.index}
        selectedNumber={selected.number}
        onSelect={select}
        range={range}
        onRange={setRange}
        filter={filter}
        sort={sort}
        onCount={count}
        follow={follow}
        onFollow={setFollow}
      />
      {filter !== '' && shown.found === 0 && shown.scanned >= shown.of && (
        <div className={styles.nothing}>
          <EmptyState
            icon={<Rows3 aria-hidden />}
            title="No packet matches"
            actions={<Button onClick={() => applyDisplayFilter('')}>Show all packets</Button>}
          >
            None of the {grouped(shown.of)} packets is let through by <code>{filter}</code>.
          </EmptyState>
        </div>
      )}
      <SortNotes sort={sort} stored={stored} live={live} />
      {!follow && !sort.order && unseen > 0 && (
        <button type="button" className={styles.pill} onClick={() => setFollow(true)}>
          <ArrowDownToLine aria-hidden size={13} /> {grouped(unseen)} new
        </button>
      )}
    </div>
  );
}
