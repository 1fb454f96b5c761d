/** The heading of one column of the packet list. */
import { ArrowDown, ArrowUp } from 'lucide-react';
import type { PointerEvent } from 'react';
import { cx } from '../../ui/index.ts';
import { type Column, setWidth, useTablePrefs } from './columns.ts';
import { nextSort } from './list-order.ts';
import styles from './packet-table.module.css';
import type { Sort } from './use-sort.ts';

interface HeadingProps {
  column: Column;
  sort: Sort;
  /** The Tab key comes here. */
  stops: boolean;
  onFocus(): void;
}

export function Heading({ column, sort: { order, wanted, choose }, stops, onFocus }: HeadingProps) {
  const widths = useTablePrefs((prefs) => prefs.widths);
  const sorted = order?.column === column.id;
  const way = !sorted ? 'none' : order.descending ? 'descending' : 'ascending';
  const Arrow = order?.descending ? ArrowDown : ArrowUp;

  const drag = (event: PointerEvent) => {
    event.preventDefault();
    event.stopPropagation();
    const start = event.clientX;
    const width = widths[column.id] ?? column.width;
    const move = (next: globalThis.PointerEvent) => setWidth(column.id, width + next.clientX - start);
    const end = () => {
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', end);
    };
    addEventListener('pointermove', move);
    addEventListener('pointerup', end);
  };

  return (
    <div
      role="columnheader"
      aria-sort={way}
      aria-label={column.label}
      data-heading={column.id}
      className={styles.heading}
    >
      <button
        type="button"
        className={cx(styles.sort, column.align === 'right' && styles.right)}
        tabIndex={stops ? 0 : -1}
        onFocus={onFocus}
        onClick={() => choose(nextSort(column.id, wanted))}
      >
        <span className={styles.headingText}>{column.label}</span>
        {sorted && <Arrow aria-hidden size={11} className={styles.arrow} />}
      </button>
      {column.id !== 'info' && (
        <span
          className={styles.grip}
          aria-hidden
          onPointerDown={drag}
          onDoubleClick={() => setWidth(column.id, column.width)}
        />
      )}
    </div>
  );
}
