/** What lies over a list about its order: how far sorting is, that a column cannot be sorted, how many packets came since. */
import { ArrowDownUp, CircleAlert, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button, grouped, IconButton, sentence, Tooltip } from '../../ui/index.ts';
import { columnLabel } from './columns.ts';
import styles from './packets-view.module.css';
import type { Sort } from './use-sort.ts';

/** What is done sooner is not told of. */
const PATIENCE_MS = 300;

interface SortNotesProps {
  sort: Sort;
  stored: number;
  /** Of a capture, not of a file that is being read. */
  live: boolean;
}

export function SortNotes({ sort, stored, live }: SortNotesProps) {
  const { wanted, order, share, failure, again, cancel, forgive } = sort;
  const working = share !== undefined;
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!working) return;
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [working]);
  if (working)
    return (
      late && (
        <div className={styles.sorting}>
          <span role="status">Sorting{wanted && ` by ${columnLabel(wanted.column)}`}</span>
          <span className={styles.share} aria-hidden>
            {Math.floor(100 * share)} %
          </span>
          <Tooltip label="Keep the order that the list has" keys="Escape" side="top">
            <Button size="sm" onClick={cancel}>
              Cancel
            </Button>
          </Tooltip>
        </div>
      )
    );
  if (failure)
    return (
      <div className={styles.sorting} role="alert">
        <CircleAlert aria-hidden size={14} className={styles.sortFailed} />
        <span>
          {sentence(failure.message)} {failure.hint}
        </span>
        <IconButton size="sm" label="Close" icon={<X aria-hidden />} onClick={forgive} />
      </div>
    );
  const unsorted = order && live ? stored - order.packets : 0;
  return (
    unsorted > 0 && (
      <button type="button" className={styles.pill} onClick={again}>
        <ArrowDownUp aria-hidden size={13} /> {grouped(unsorted)} new: sort again
      </button>
    )
  );
}
