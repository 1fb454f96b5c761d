/**
 * A table of records in rows of one height, drawn as far as they are on the screen: sorted by its headings, walked with the arrow keys, with a
 * menu for the row that is selected. Who uses it hands over the rows that `onRange` asked for; a row is known by its key, so the selected one
 * stays selected wherever the order takes it.
 */
import { type KeyboardEvent, useMemo, useRef } from 'react';
import styles from './grid.module.css';
import type { GridColumn } from './grid-column.ts';
import { GridHeading } from './grid-heading.tsx';
import { GridRow } from './grid-row.tsx';
import { ContextMenu, type MenuEntry, menuAtSelected } from './menu.tsx';
import { rowOfKey } from './row-keys.ts';
import { ROW_PX, useGridView } from './use-grid-view.ts';

export interface GridProps<Row, Id extends string = string> {
  label: string;
  columns: readonly GridColumn<Row, Id>[];
  /** Rows from `start` on; all others are not needed now. */
  rows: readonly Row[];
  start: number;
  total: number;
  keyOf(row: NoInfer<Row>): string;
  selected: string | undefined;
  onSelect(row: NoInfer<Row>): void;
  /** Enter, or a double click. */
  onOpen?: ((row: NoInfer<Row>) => void) | undefined;
  sort?: Id;
  descending?: boolean;
  onSort?(id: Id): void;
  /** The rows that the screen needs now. */
  onRange?(start: number, count: number): void;
  /** Menu of the selected row. */
  entries?: readonly MenuEntry[];
  /** Shows the last rows, and stays with them as they come; `onLeaveEnd`: somebody scrolled up. */
  follow?: boolean;
  onLeaveEnd?(): void;
  /** Rows that step back. */
  dim?(row: NoInfer<Row>): boolean;
  id: string;
}

export function Grid<Row, Id extends string>(props: GridProps<Row, Id>) {
  const { label, rows, start, total, keyOf, selected, onSelect, onOpen, sort, descending, onSort, id } = props;
  const { follow = false, onLeaveEnd } = props;
  const table = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const view = useGridView({ scroller, total, follow, onRange: props.onRange });
  const columns = useMemo(
    () => props.columns.filter(({ leavesBelow = 0 }) => view.width >= leavesBelow),
    [props.columns, view.width],
  );
  const template = columns.map(({ track }) => track).join(' ');
  const found = rows.findIndex((row) => keyOf(row) === selected);
  const at = found < 0 ? -1 : start + found;

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && found >= 0 && onOpen) {
      onOpen(rows[found]!);
      return;
    }
    const wanted = rowOfKey(event.key, { from: at >= 0 ? at : view.top - 1, page: view.page, total });
    if (wanted === undefined) return;
    event.preventDefault();
    const to = Math.max(0, Math.min(total - 1, wanted));
    if (follow && to < total - 1) onLeaveEnd?.();
    view.reveal(to);
    const row = rows[to - start];
    if (row) onSelect(row);
  };

  // What is handed over may be more than the screen shows.
  const first = Math.max(start, view.first);
  const shown = rows.slice(first - start, Math.max(0, view.last - start));
  const body = (
    // biome-ignore lint/a11y/noStaticElementInteractions: all of it belongs to the grid around it
    <div
      ref={scroller}
      className={styles.scroller}
      tabIndex={-1}
      role="presentation"
      // What is clicked in it belongs to the table, which has the keys and the selection.
      onFocus={(event) => event.target === event.currentTarget && table.current?.focus({ preventScroll: true })}
      onWheel={(event) => follow && event.deltaY < 0 && onLeaveEnd?.()}
      // Its own scroll bar.
      onPointerDown={(event) => follow && event.target === event.currentTarget && onLeaveEnd?.()}
    >
      <div style={{ height: total * ROW_PX }} role="presentation" />
      {shown.map((row, i) => (
        <GridRow
          key={keyOf(row)}
          id={id}
          index={first + i}
          row={row}
          columns={columns}
          template={template}
          selected={first + i === at}
          dim={props.dim?.(row) ?? false}
          onSelect={onSelect}
          onOpen={onOpen}
        />
      ))}
    </div>
  );
  return (
    <div
      ref={table}
      className={styles.table}
      role="grid"
      aria-label={label}
      aria-rowcount={total}
      aria-colcount={columns.length}
      tabIndex={0}
      aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
      onKeyDown={onKeyDown}
      onContextMenu={menuAtSelected}
    >
      <div className={styles.header}>
        <div role="row" className={styles.headerRow} style={{ gridTemplateColumns: template }}>
          {columns.map((column) => (
            <GridHeading
              key={column.id}
              column={column}
              order={column.id !== sort ? 'none' : descending ? 'descending' : 'ascending'}
              onSort={onSort && column.sorts !== false ? () => onSort(column.id) : undefined}
            />
          ))}
        </div>
      </div>
      {props.entries ? <ContextMenu entries={props.entries}>{body}</ContextMenu> : body}
    </div>
  );
}
