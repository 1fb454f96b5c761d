/**
 * The packet list: a window onto up to tens of millions of rows. The element that scrolls is empty but for a spacer; the rows on the
 * screen are drawn in a layer that stays put, from the cache. Nothing of a packet is React state: ticks and scrolling redraw the
 * thirty-odd rows that are visible, and rows that are not here yet keep their place.
 */
import {
  type KeyboardEvent,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from 'react';
import type { PacketRow } from '../../../electron/shared/api.ts';
import { useApi, useHost } from '../../api/backend-context.ts';
import { followStream, showTcpGraph } from '../../state/analysis.ts';
import { isActive } from '../../state/capture-control.ts';
import { keysOf, runCommand, useCommand } from '../../state/commands.ts';
import { applyDisplayFilter } from '../../state/display-filter.ts';
import { canDragOut, dragPackets } from '../../state/drag-out.ts';
import { askExport } from '../../state/export.ts';
import { type ColorRule, usePrefs } from '../../state/prefs.ts';
import { askRun } from '../../state/run-packet.ts';
import { useSession } from '../../state/session.ts';
import { ContextMenu, grouped, type MenuEntry, menuAtSelected } from '../../ui/index.ts';
import { type Column, gridTemplate, leastWidth, rowText, shownColumns, useTablePrefs } from './columns.ts';
import { HeaderRow } from './header-row.tsx';
import { PacketCells } from './packet-cells.tsx';
import styles from './packet-table.module.css';
import { RowCache } from './row-cache.ts';
import { reveal, scrollMap, scrollTopOf, topOf } from './scroll-map.ts';

/** --row-h of tokens.css. */
const ROW_PX = 22;
const WHEEL_LINE_PX = 22;

export interface PacketTableHandle {
  /** Selects row `index` and brings it into view. */
  goTo(index: number): void;
  focus(): void;
}

/** What the Packets view can do with the selected packet; its commands. */
function rowEntries(row: PacketRow | undefined): MenuEntry[] {
  const command = (id: string, label: string) => ({
    label,
    keys: keysOf(id),
    disabled: !row,
    run: () => void runCommand(id),
  });
  return [
    command('edit.mark', row?.marked ? 'Take the mark away' : 'Mark'),
    command('edit.reference', row?.reference ? 'Times count from the start again' : 'Times count from here'),
    command('analyze.decodeAs', 'Decode as…'),
    command('edit.comment', row?.commented ? 'Edit comment…' : 'Comment…'),
    'separator',
    command('file.export', 'Export packets…'),
    command('analyze.run', 'Run through program…'),
  ];
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
  onCount(found: number, scanned: number): void;
  /** Keeps the newest row in view. */
  follow: boolean;
  onFollow(follow: boolean): void;
}

export function PacketTable({
  ref,
  selected,
  selectedNumber,
  onSelect,
  range,
  onRange,
  filter,
  onCount,
  follow,
  onFollow,
}: PacketTableProps) {
  const api = useApi();
  const host = useHost();
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const grid = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const top = useRef(0);
  const [view, setView] = useState({ px: 0, width: 0 });
  const prefs = useTablePrefs();
  const interfaces = useSession((s) => Math.max(s.status.attachments.length, s.status.interfaces?.length ?? 0));
  const generation = useSession((s) => s.status.generation);
  const stored = useSession((s) => s.status.stored);
  // Progress of a filter comes as ticks of the status.
  useSession((s) => s.status);
  const annotations = useSession((s) => s.status.annotations ?? 0);
  const columns = useMemo(() => shownColumns(prefs, interfaces), [prefs, interfaces]);
  const { fields } = prefs;
  const allRules = usePrefs((p) => p.rules);
  const rules = useMemo(() => allRules.filter(({ on, filter }) => on && filter !== ''), [allRules]);
  const cache = useMemo(
    () =>
      new RowCache(
        (start, count) =>
          api.call('packets.rows', {
            start,
            count,
            ...(filter !== '' && { filter }),
            ...(fields.length > 0 && { fields: [...fields] }),
            ...(rules.length > 0 && { rules: rules.map((rule) => rule.filter) }),
          }),
        redraw,
        filter !== '',
      ),
    [api, filter, fields, rules],
  );
  const screenRows = Math.ceil(view.px / ROW_PX) + 1;
  cache.setFollowing(follow, screenRows);
  cache.setStored(generation, stored, annotations);
  const { total, scanned } = cache;
  useEffect(() => {
    if (filter !== '') onCount(total, scanned);
  }, [filter, total, scanned, onCount]);
  const live = useSession((s) => isActive(s.status));
  useEffect(() => {
    if (!follow || !live || filter !== '') return;
    return api.subscribe('stored', (now) => cache.grewTo(now.generation, now.stored));
  }, [api, cache, follow, live, filter]);
  const numberOf = useCallback(
    (index: number) => (filter === '' ? index + 1 : (cache.row(index)?.number ?? 0)),
    [filter, cache],
  );
  const numberHere = selected >= 0 ? numberOf(selected) : 0;
  // A row that was chosen before it was here.
  useEffect(() => {
    if (selected >= 0 && selectedNumber === 0 && numberHere > 0) onSelect(selected, numberHere);
  }, [selected, selectedNumber, numberHere, onSelect]);

  const map = scrollMap(total, ROW_PX, view.px);
  if (follow) top.current = map.maxTop;
  const latest = useRef({ map, follow, onFollow, view });
  latest.current = { map, follow, onFollow, view };

  /** Moves to `next` px of the whole list; the bar follows, and its own event is then no news. */
  const moveTo = useCallback((next: number) => {
    const { map, view } = latest.current;
    top.current = Math.max(0, Math.min(map.maxTop, next));
    if (scroller.current) scroller.current.scrollTop = scrollTopOf(map, top.current, view.px);
    redraw();
  }, []);

  useLayoutEffect(() => {
    const element = scroller.current!;
    const measure = () => setView({ px: element.clientHeight, width: element.clientWidth });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: more rows or another height are what there is to react to
  useLayoutEffect(() => {
    // What is drawn is there already; the bar is to come after.
    if (follow) scroller.current!.scrollTop = scrollTopOf(map, map.maxTop, view.px);
    else if (top.current > map.maxTop) moveTo(map.maxTop);
  }, [total, generation, view.px, follow, moveTo]);

  useEffect(() => {
    const element = scroller.current!;
    const onScroll = () => {
      const { map, view } = latest.current;
      if (Math.abs(scrollTopOf(map, top.current, view.px) - element.scrollTop) < 1) return;
      const next = topOf(map, element.scrollTop, view.px);
      // Scrolling up ends following; reaching the end resumes it.
      if (next < top.current - 1) latest.current.onFollow(false);
      else if (next >= map.maxTop - 1) latest.current.onFollow(true);
      top.current = next;
      redraw();
    };
    const onWheel = (event: WheelEvent) => {
      if (event.deltaY < 0) latest.current.onFollow(false);
      const { map } = latest.current;
      if (!map.scaled || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      const next = top.current + event.deltaY * (event.deltaMode === 1 ? WHEEL_LINE_PX : 1);
      if (next >= map.maxTop) latest.current.onFollow(true);
      moveTo(next);
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      element.removeEventListener('scroll', onScroll);
      element.removeEventListener('wheel', onWheel);
    };
  }, [moveTo]);

  const select = useCallback(
    (index: number) => {
      if (total === 0) return;
      const at = Math.max(0, Math.min(total - 1, index));
      if (at < total - 1) onFollow(false);
      onSelect(at, numberOf(at));
      moveTo(reveal(top.current, at, ROW_PX, latest.current.view.px));
    },
    [total, onSelect, onFollow, moveTo, numberOf],
  );

  /** Where a choice of several began: the selected row. */
  const anchor = useRef(0);
  /** A row inside of the choice that the button went down on. */
  const pressed = useRef<number | undefined>(undefined);
  const extend = (to: number | undefined) => {
    if (to === undefined || selected < 0) return onRange(undefined);
    anchor.current = selected;
    onRange([Math.min(selected, to), Math.max(selected, to)]);
  };

  useImperativeHandle(ref, () => ({ goTo: select, focus: () => grid.current?.focus() }), [select]);

  const page = Math.max(1, Math.floor(view.px / ROW_PX) - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    const from = selected >= 0 ? selected : Math.floor(top.current / ROW_PX) - 1;
    const moves: Record<string, number> = {
      ArrowDown: from + 1,
      ArrowUp: selected >= 0 ? from - 1 : 0,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: total - 1,
    };
    const to = moves[event.key];
    if (to === undefined || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (event.shiftKey && selected >= 0) {
      const edge = anchor.current === range?.[0] ? (range?.[1] ?? selected) : (range?.[0] ?? selected);
      const step = Math.max(0, Math.min(total - 1, edge + (to - from)));
      extend(step);
      moveTo(reveal(top.current, step, ROW_PX, latest.current.view.px));
      return;
    }
    extend(undefined);
    select(to);
    if (event.key === 'End') onFollow(true);
  };

  const first = Math.floor(top.current / ROW_PX);
  const last = Math.min(total, Math.ceil((top.current + view.px) / ROW_PX));
  useEffect(() => cache.setVisible(first, last));

  const template = gridTemplate(columns, prefs.widths);
  const minWidth = leastWidth(columns, prefs.widths);
  const copy = (text: string) => void navigator.clipboard.writeText(text);
  const selectedRow = selected >= 0 ? cache.row(selected) : undefined;
  const stream = selectedRow?.stream;
  useCommand({
    id: 'analyze.follow',
    enabled: () => stream !== undefined,
    run: () => stream && followStream(stream.kind, stream.index),
  });
  useCommand({
    id: 'analyze.run',
    enabled: () => selected >= 0,
    run: () => {
      const [first, last] = range ?? [selected, selected];
      askRun({ filter, first, last });
    },
  });
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
      onKeyDown={onKeyDown}
      onContextMenu={menuAtSelected}
    >
      <HeaderRow columns={columns} template={template} minWidth={minWidth} scrollLeft={scroller} />
      <ContextMenu
        entries={[
          { label: 'Copy row', disabled: !selectedRow, run: () => selectedRow && copy(rowText(selectedRow)) },
          { label: 'Copy source', disabled: !selectedRow, run: () => selectedRow && copy(selectedRow.source) },
          {
            label: 'Copy destination',
            disabled: !selectedRow,
            run: () => selectedRow && copy(selectedRow.destination),
          },
          { label: 'Copy info', disabled: !selectedRow, run: () => selectedRow && copy(selectedRow.info) },
          'separator',
          ...rowEntries(selectedRow),
          'separator',
          {
            label: 'Follow stream',
            keys: 'Ctrl+Alt+Shift+T',
            disabled: !stream,
            run: () => stream && followStream(stream.kind, stream.index),
          },
          {
            label: 'Show only this conversation',
            disabled: !stream,
            run: () => stream && applyDisplayFilter(`${stream.kind}.stream == ${stream.index}`),
          },
          {
            label: 'Export this conversation…',
            disabled: !stream,
            run: () =>
              stream &&
              askExport({
                title: `${stream.kind.toUpperCase()} stream ${stream.index}`,
                filter: `${stream.kind}.stream == ${stream.index}`,
              }),
          },
          {
            label: 'Stream graph',
            disabled: stream?.kind !== 'tcp',
            run: () => stream && showTcpGraph(stream.index),
          },
        ]}
      >
        <div
          ref={scroller}
          className={styles.scroller}
          tabIndex={-1}
          role="presentation"
          onPointerUp={() => {
            const index = pressed.current;
            pressed.current = undefined;
            if (index === undefined) return;
            extend(undefined);
            select(index);
          }}
          onPointerDown={(event) => {
            const y = event.clientY - event.currentTarget.getBoundingClientRect().top;
            const index = Math.floor((top.current + y) / ROW_PX);
            if (y >= view.px || index >= total) return;
            grid.current?.focus({ preventScroll: true });
            event.preventDefault();
            const inside = range !== undefined && index >= range[0] && index <= range[1];
            if (inside && !event.shiftKey) {
              // To drag them out, or for the menu; a click that is neither takes the choice back.
              pressed.current = event.button === 0 ? index : undefined;
              return;
            }
            pressed.current = undefined;
            extend(event.shiftKey ? index : undefined);
            if (!event.shiftKey) select(index);
          }}
        >
          {/* biome-ignore lint/a11y/noStaticElementInteractions: dragging is the pointer's way; the keyboard's is Export packets… */}
          <div
            draggable={canDragOut(host) && selected >= 0}
            onDragStart={(event) => {
              pressed.current = undefined;
              const [first, last] = range ?? [selected, selected];
              dragPackets(
                event,
                host,
                { of: 'rows', filter, first, last },
                last > first ? 'selected' : `packet-${selectedNumber}`,
              );
            }}
            className={styles.layer}
            style={{ height: view.px, minWidth }}
          >
            {Array.from({ length: Math.max(0, last - first) }, (_, slot) => {
              const index = first + slot;
              return (
                <Row
                  // A place on the screen: a list that runs on draws its rows anew in the same elements.
                  key={index % screenRows}
                  index={index}
                  y={index * ROW_PX - top.current}
                  columns={columns}
                  template={template}
                  row={cache.row(index)}
                  before={prefs.time === 'delta' && index > 0 ? cache.row(index - 1) : undefined}
                  baseTimeNs={cache.baseTimeNs}
                  selected={index === selected || (range !== undefined && index >= range[0] && index <= range[1])}
                  rules={rules}
                />
              );
            })}
          </div>
          <div style={{ height: Math.max(0, map.spacerPx - view.px), minWidth }} />
        </div>
      </ContextMenu>
    </div>
  );
}

interface RowProps {
  index: number;
  y: number;
  columns: readonly Column[];
  template: string;
  row: PacketRow | undefined;
  before: PacketRow | undefined;
  baseTimeNs: string | undefined;
  selected: boolean;
  rules: readonly ColorRule[];
}

function Row({ index, y, columns, template, row, before, baseTimeNs, selected, rules }: RowProps) {
  return (
    <div
      id={`packet-${index}`}
      role="row"
      className={styles.row}
      data-tint={row?.tint}
      data-rule={row?.rule === undefined ? undefined : rules[row.rule]?.color}
      data-marked={row?.marked}
      data-verdict={row?.verdict}
      aria-rowindex={index + 1}
      aria-selected={selected}
      style={{ transform: `translateY(${y}px)`, gridTemplateColumns: template }}
    >
      {row ? (
        <PacketCells row={row} before={before} baseTimeNs={baseTimeNs} columns={columns} />
      ) : (
        <div className={styles.waiting} aria-hidden>
          {grouped(index + 1)}
        </div>
      )}
    </div>
  );
}
