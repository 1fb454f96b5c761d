/**
 * The packet list: a window onto up to tens of millions of rows. The element that scrolls is empty but for a spacer; the rows on the
 * screen are drawn in a layer that stays put, from the cache. Nothing of a packet is React state: ticks and scrolling redraw the
 * thirty-odd rows that are visible, and rows that are not here yet keep their place.
 */
import { type DragEvent, useCallback, useEffect, useImperativeHandle, useMemo, useReducer, useRef } from 'react';
import { useHost } from '../../api/backend-context.ts';
import { canDragOut, dragPackets } from '../../state/drag-out.ts';
import type { ChosenRows } from '../../state/export.ts';
import { useSession } from '../../state/session.ts';
import { ContextMenu, menuAtSelected } from '../../ui/index.ts';
import { gridTemplate, leastWidth, shownColumns, useTablePrefs } from './columns.ts';
import { HeaderRow } from './header-row.tsx';
import { sortedAs } from './list-order.ts';
import { PacketRow } from './packet-row.tsx';
import styles from './packet-table.module.css';
import { rowMenu, useRowCommands } from './row-menu.ts';
import { useCellCondition } from './use-cell-condition.ts';
import { useChoice } from './use-choice.ts';
import { useCopyRows } from './use-copy-rows.ts';
import { useRows } from './use-rows.ts';
import { ROW_PX, useScroll, useViewportPx } from './use-scroll.ts';
import type { Sort } from './use-sort.ts';

const unheard = () => {};

export interface PacketTableHandle {
  /** Selects row `index` and brings it into view. */
  goTo(index: number): void;
  /** Selects a packet at its place in the list as it is now, and brings it into view. */
  showAt(index: number, number: number): void;
  toTop(): void;
  focus(): void;
}

export interface PacketTableProps {
  ref?: React.Ref<PacketTableHandle>;
  /** 0-based row of the list, -1 = none. */
  selected: number;
  /** @param number of the packet; 0 while it is not known */
  onSelect(index: number, number: number): void;
  /** First and last row of several that are chosen (Shift); undefined = only the selected one. */
  range: readonly [number, number] | undefined;
  onRange(range: readonly [number, number] | undefined): void;
  /** The packet of the selected row came. */
  selectedNumber: number;
  /** Display filter; '' = all. */
  filter: string;
  sort: Sort;
  onCount(found: number, scanned: number): void;
  /** Keeps the newest row in view. */
  follow: boolean;
  onFollow(follow: boolean): void;
}

export function PacketTable(props: PacketTableProps) {
  const { ref, selected, selectedNumber, onSelect, range, onRange, filter, sort, onCount, onFollow } = props;
  const { order } = sort;
  // A sorted list holds still: its end is not the newest packet.
  const follow = props.follow && !order && !sort.blank;
  const leave = useCallback((next: boolean) => (!order || !next) && onFollow(next), [order, onFollow]);
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const grid = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const prefs = useTablePrefs();
  const interfaces = useSession((s) => Math.max(s.status.attachments.length, s.status.interfaces?.length ?? 0));
  const generation = useSession((s) => s.status.generation);
  const columns = useMemo(() => shownColumns(prefs, interfaces), [prefs, interfaces]);
  const px = useViewportPx(scroller);
  const screenRows = Math.ceil(px / ROW_PX) + 1;
  const { cache, rules, numberOf } = useRows({ filter, sort, follow, screenRows, redraw, onCount });
  const { total } = cache;
  const scroll = useScroll({ scroller, px, total, generation, follow, onFollow: order ? unheard : onFollow, redraw });
  const { map, top } = scroll;
  const choice = useChoice({ total, selected, range, scroll, grid, numberOf, onSelect, onRange, onFollow: leave });
  const { goTo, showAt } = choice;
  const { moveTo } = scroll;
  useImperativeHandle(ref, () => ({ goTo, showAt, toTop: () => moveTo(0), focus: () => grid.current?.focus() }), [
    goTo,
    showAt,
    moveTo,
  ]);

  // A row that was chosen before it was here.
  const numberHere = selected >= 0 ? numberOf(selected) : 0;
  useEffect(() => {
    if (selected >= 0 && selectedNumber === 0 && numberHere > 0) onSelect(selected, numberHere);
  }, [selected, selectedNumber, numberHere, onSelect]);

  const first = Math.floor(top.current / ROW_PX);
  const last = Math.min(total, Math.ceil((top.current + px) / ROW_PX));
  useEffect(() => cache.setVisible(first, last));

  const chosen = range ?? (selected >= 0 ? ([selected, selected] as const) : undefined);
  const row = selected >= 0 ? cache.row(selected) : undefined;
  const list = useMemo(() => ({ filter, ...(order && { sort: sortedAs(order) }) }), [filter, order]);
  useRowCommands(row?.stream, chosen, list);
  const template = gridTemplate(columns, prefs.widths);
  const minWidth = leastWidth(columns, prefs.widths);
  const rowAt = (index: number) => (
    <PacketRow
      // A place on the screen: a list that runs on draws its rows anew in the same elements.
      key={index % screenRows}
      index={index}
      number={numberOf(index)}
      y={index * ROW_PX - top.current}
      columns={columns}
      template={template}
      row={cache.row(index)}
      before={prefs.time === 'delta' && index > 0 && !order ? cache.row(index - 1) : undefined}
      baseTimeNs={cache.baseTimeNs}
      selected={index === selected || (range !== undefined && index >= range[0] && index <= range[1])}
      rules={rules}
    />
  );
  const copyRows = useCopyRows(row, range, filter, order);
  const cell = useCellCondition((index) => cache.row(index));
  const drag = useDragOut(chosen, list, selectedNumber);
  return (
    <div
      ref={grid}
      className={styles.table}
      role="grid"
      aria-label="Packets"
      aria-rowcount={total}
      aria-colcount={columns.length}
      tabIndex={0}
      aria-activedescendant={selected >= first && selected < last ? `packet-${selected}` : undefined}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && sort.share !== undefined) sort.cancel();
        else choice.onKeyDown(event);
      }}
      onCopy={copyRows.onCopy}
      onContextMenu={(event) => {
        cell.at(event.target);
        menuAtSelected(event);
      }}
    >
      <HeaderRow columns={columns} template={template} minWidth={minWidth} scrollLeft={scroller} sort={sort} />
      <ContextMenu entries={rowMenu(row, cell.condition, copyRows.copy)}>
        <div
          ref={scroller}
          className={styles.scroller}
          tabIndex={-1}
          role="presentation"
          onPointerUp={choice.onPointerUp}
          onPointerDown={choice.onPointerDown}
        >
          {/* biome-ignore lint/a11y/noStaticElementInteractions: dragging is the pointer's way; the keyboard's is Export packets… */}
          <div
            draggable={drag !== undefined}
            onDragStart={(event) => {
              choice.onDrag();
              drag?.(event);
            }}
            className={styles.layer}
            style={{ height: px, minWidth }}
          >
            {Array.from({ length: Math.max(0, last - first) }, (_, slot) => rowAt(first + slot))}
          </div>
          <div style={{ height: Math.max(0, map.spacerPx - px), minWidth }} />
        </div>
      </ContextMenu>
    </div>
  );
}

/** What begins to drag the chosen rows out of the window as a file; undefined where nothing is, or the host cannot. */
function useDragOut(
  chosen: readonly [number, number] | undefined,
  list: Pick<ChosenRows, 'filter' | 'sort'>,
  number: number,
) {
  const host = useHost();
  if (!canDragOut(host) || !chosen) return undefined;
  const [first, last] = chosen;
  const name = last > first ? 'selected' : `packet-${number}`;
  return (event: DragEvent) => dragPackets(event, host, { of: 'rows', ...list, first, last }, name);
}
