/** One row of a grid, at its place. */
import { cx } from './cx.ts';
import styles from './grid.module.css';
import type { GridColumn } from './grid-column.ts';
import { ROW_PX } from './use-grid-view.ts';

interface GridRowProps<Row, Id extends string> {
  /** Of the grid. */
  id: string;
  index: number;
  row: Row;
  columns: readonly GridColumn<Row, Id>[];
  template: string;
  selected: boolean;
  /** It steps back. */
  dim: boolean;
  onSelect(row: Row): void;
  onOpen: ((row: Row) => void) | undefined;
}

export function GridRow<Row, Id extends string>(props: GridRowProps<Row, Id>) {
  const { id, index, row, columns, template, selected, dim, onSelect, onOpen } = props;
  return (
    <div
      id={`${id}-${index}`}
      role="row"
      className={styles.row}
      aria-rowindex={index + 1}
      aria-selected={selected}
      data-dim={dim}
      style={{ transform: `translateY(${index * ROW_PX}px)`, gridTemplateColumns: template }}
      onPointerDown={() => onSelect(row)}
      onDoubleClick={() => onOpen?.(row)}
    >
      {columns.map(({ id: column, align, mono, strong, content }) => {
        const shown = content(row);
        return (
          <div
            key={column}
            role="gridcell"
            className={cx(styles.cell, align === 'right' && styles.right, mono && 'mono', strong && styles.strong)}
            title={typeof shown === 'string' && !align ? shown : undefined}
          >
            {shown}
          </div>
        );
      })}
    </div>
  );
}
