/**
 * Column headings: a click sorts, drag an edge to resize, double-click it for the default, menu to sort, hide and show. One of them takes the keyboard's
 * focus, and arrows go along them.
 */
import { type KeyboardEvent, type MouseEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { ContextMenu } from '../../ui/index.ts';
import { useColumnEntries } from './column-entries.ts';
import type { Column } from './columns.ts';
import { Heading } from './heading.tsx';
import styles from './packet-table.module.css';
import type { Sort } from './use-sort.ts';

export interface HeaderRowProps {
  columns: readonly Column[];
  template: string;
  minWidth: number;
  /** The list below, whose sideways scrolling the headings follow. */
  scrollLeft: RefObject<HTMLElement | null>;
  sort: Sort;
}

export function HeaderRow({ columns, template, minWidth, scrollLeft, sort }: HeaderRowProps) {
  const header = useRef<HTMLDivElement>(null);
  const [menuOf, setMenuOf] = useState<Column>();
  const entries = useColumnEntries(sort, menuOf);
  const [focused, setFocused] = useState<Column['id']>();
  const stop = columns.find(({ id }) => id === focused) ?? columns.find(({ id }) => id === sort.order?.column);
  useEffect(() => {
    const list = scrollLeft.current;
    if (!list) return;
    const follow = () => {
      if (header.current) header.current.scrollLeft = list.scrollLeft;
    };
    list.addEventListener('scroll', follow, { passive: true });
    return () => list.removeEventListener('scroll', follow);
  }, [scrollLeft]);

  const onKeyDown = (event: KeyboardEvent) => {
    // The list below walks with the other keys.
    if (event.key === 'Enter' || event.key === ' ') event.stopPropagation();
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const headings = [...header.current!.querySelectorAll('button')];
    const to = headings[headings.indexOf(event.target as HTMLButtonElement) + step];
    to?.focus();
    to?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    if (scrollLeft.current) scrollLeft.current.scrollLeft = header.current!.scrollLeft;
  };
  /** As on a row: what is clicked belongs to the list, which has the focus. */
  const onMouseDown = (event: MouseEvent) => {
    if (event.button !== 0) return;
    event.preventDefault();
    header.current!.closest<HTMLElement>('[role=grid]')?.focus({ preventScroll: true });
  };
  const onContextMenu = ({ target }: MouseEvent) => {
    const id =
      target instanceof Element ? target.closest<HTMLElement>('[data-heading]')?.dataset['heading'] : undefined;
    setMenuOf(columns.find((column) => column.id === id));
  };

  return (
    <ContextMenu entries={entries}>
      <div ref={header} className={styles.header}>
        <div
          role="row"
          className={styles.headerRow}
          style={{ gridTemplateColumns: template, minWidth }}
          onKeyDown={onKeyDown}
          onContextMenu={onContextMenu}
          onMouseDown={onMouseDown}
        >
          {columns.map((column) => (
            <Heading
              key={column.id}
              column={column}
              sort={sort}
              stops={column === (stop ?? columns[0])}
              onFocus={() => setFocused(column.id)}
            />
          ))}
        </div>
      </div>
    </ContextMenu>
  );
}
