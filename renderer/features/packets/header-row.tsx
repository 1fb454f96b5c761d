/** Column headings: drag an edge to resize, double-click it for the default, menu to hide and show. */
import { type PointerEvent, type RefObject, useEffect, useRef } from 'react';
import { ContextMenu, cx } from '../../ui/index.ts';
import { useColumnEntries } from './column-entries.ts';
import { type Column, setWidth, useTablePrefs } from './columns.ts';
import styles from './packet-table.module.css';

export interface HeaderRowProps {
  columns: readonly Column[];
  template: string;
  minWidth: number;
  /** The list below, whose sideways scrolling the headings follow. */
  scrollLeft: RefObject<HTMLElement | null>;
}

export function HeaderRow({ columns, template, minWidth, scrollLeft }: HeaderRowProps) {
  const header = useRef<HTMLDivElement>(null);
  const widths = useTablePrefs((prefs) => prefs.widths);
  const entries = useColumnEntries();
  useEffect(() => {
    const list = scrollLeft.current;
    if (!list) return;
    const follow = () => {
      if (header.current) header.current.scrollLeft = list.scrollLeft;
    };
    list.addEventListener('scroll', follow, { passive: true });
    return () => list.removeEventListener('scroll', follow);
  }, [scrollLeft]);

  const drag = (event: PointerEvent, column: Column) => {
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
    <ContextMenu entries={entries}>
      <div ref={header} className={styles.header}>
        <div role="row" className={styles.headerRow} style={{ gridTemplateColumns: template, minWidth }}>
          {columns.map((column) => (
            <div
              key={column.id}
              role="columnheader"
              className={cx(styles.heading, column.align === 'right' && styles.right)}
            >
              <span className={styles.headingText}>{column.label}</span>
              {column.id !== 'info' && (
                <span
                  className={styles.grip}
                  aria-hidden
                  onPointerDown={(event) => drag(event, column)}
                  onDoubleClick={() => setWidth(column.id, column.width)}
                />
              )}
            </div>
          ))}
        </div>
      </div>
    </ContextMenu>
  );
}
