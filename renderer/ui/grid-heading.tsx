/** The heading of a grid's column: a click sorts by it, and once more the other way round. */
import { ArrowDown, ArrowUp } from 'lucide-react';
import { cx } from './cx.ts';
import styles from './grid.module.css';
import type { GridColumn } from './grid-column.ts';

interface GridHeadingProps<Row, Id extends string> {
  column: GridColumn<Row, Id>;
  order: 'none' | 'ascending' | 'descending';
  /** Undefined where nothing can be sorted by it. */
  onSort: (() => void) | undefined;
}

export function GridHeading<Row, Id extends string>({ column, order, onSort }: GridHeadingProps<Row, Id>) {
  const { label, name, align } = column;
  const words = <span className={styles.headingText}>{label}</span>;
  if (!onSort)
    return (
      <div role="columnheader" className={cx(styles.heading, styles.still, align === 'right' && styles.right)}>
        {words}
      </div>
    );
  return (
    <div
      role="columnheader"
      className={styles.heading}
      aria-sort={order}
      onClick={onSort}
      onKeyDown={(event) => event.key === 'Enter' && onSort()}
    >
      <button
        type="button"
        tabIndex={-1}
        className={cx(styles.sort, align === 'right' && styles.right)}
        aria-label={name ?? label}
      >
        {words}
        {order === 'descending' && <ArrowDown aria-hidden size={11} />}
        {order === 'ascending' && <ArrowUp aria-hidden size={11} />}
      </button>
    </div>
  );
}
