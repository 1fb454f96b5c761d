/**
 * A table of records in rows of one height, drawn as far as they are on the screen: sorted by its headings, walked with the arrow keys, with a
 * menu for the row that is selected. Who uses it hands over the rows that `onRange` asked for; a row is known by its key, so the selected one
 * stays selected wherever the order takes it.
 */
import { ArrowDown, ArrowUp } from 'lucide-react';
import { type KeyboardEvent, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { cx } from './cx.ts';
import styles from './grid.module.css';
import type { GridColumn } from './grid-column.ts';
import { ContextMenu, type MenuEntry, menuAtSelected } from './menu.tsx';

/** --row-h of tokens.css. */
const ROW_PX = 22;
const ROWS_AROUND = 20;

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
  const { label, rows, start, total, keyOf, selected, onSelect, onOpen, sort, descending, onSort, onRange, id } = props;
  const table = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 0, width: 1200 });

  useLayoutEffect(() => {
    const element = scroller.current!;
    const measure = () => {
      setView({ top: element.scrollTop, height: element.clientHeight, width: element.clientWidth });
      const first = Math.max(0, Math.floor(element.scrollTop / ROW_PX) - ROWS_AROUND);
      onRange?.(first, Math.ceil(element.clientHeight / ROW_PX) + 2 * ROWS_AROUND);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, [onRange]);

  const { follow = false, onLeaveEnd } = props;
  useLayoutEffect(() => {
    const element = scroller.current!;
    // The height follows from `total`: a new one is a reason to go to the end again.
    if (!follow || total === 0) return;
    element.scrollTop = element.scrollHeight;
    // Now, not at the scroll event: nothing is painted of a place without rows.
    setView((before) => ({ ...before, top: element.scrollTop }));
  }, [follow, total]);

  const columns = useMemo(
    () => props.columns.filter(({ leavesBelow = 0 }) => view.width >= leavesBelow),
    [props.columns, view.width],
  );
  const template = columns.map(({ track }) => track).join(' ');
  const found = rows.findIndex((row) => keyOf(row) === selected);
  const at = found < 0 ? -1 : start + found;
  // What is handed over may be more than the screen shows.
  const firstShown = Math.max(start, Math.floor(view.top / ROW_PX) - ROWS_AROUND);
  const lastShown = Math.min(start + rows.length, Math.ceil((view.top + view.height) / ROW_PX) + ROWS_AROUND);

  const move = (to: number) => {
    const index = Math.max(0, Math.min(total - 1, to));
    const row = rows[index - start];
    const element = scroller.current!;
    const y = index * ROW_PX;
    if (y < element.scrollTop) element.scrollTop = y;
    else if (y + ROW_PX > element.scrollTop + element.clientHeight)
      element.scrollTop = y + ROW_PX - element.clientHeight;
    if (row) onSelect(row);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && found >= 0 && onOpen) {
      onOpen(rows[found]!);
      return;
    }
    const from = at >= 0 ? at : Math.floor(view.top / ROW_PX) - 1;
    const page = Math.max(1, Math.floor(view.height / ROW_PX) - 1);
    const moves: Record<string, number> = {
      ArrowDown: from + 1,
      ArrowUp: from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: total - 1,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (follow && to < total - 1) onLeaveEnd?.();
    move(to);
  };

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
      {rows.slice(Math.max(0, firstShown - start), Math.max(0, lastShown - start)).map((row, i) => {
        const index = firstShown + i;
        return (
          <div
            key={keyOf(row)}
            id={`${id}-${index}`}
            role="row"
            className={styles.row}
            aria-rowindex={index + 1}
            aria-selected={index === at}
            data-dim={props.dim?.(row) ?? false}
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
                  className={cx(
                    styles.cell,
                    align === 'right' && styles.right,
                    mono && 'mono',
                    strong && styles.strong,
                  )}
                  title={typeof shown === 'string' && !align ? shown : undefined}
                >
                  {shown}
                </div>
              );
            })}
          </div>
        );
      })}
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
            <Heading
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

interface HeadingProps<Row, Id extends string> {
  column: GridColumn<Row, Id>;
  order: 'none' | 'ascending' | 'descending';
  onSort: (() => void) | undefined;
}

function Heading<Row, Id extends string>({ column, order, onSort }: HeadingProps<Row, Id>) {
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
