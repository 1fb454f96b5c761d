/**
 * The flow table: sortable, searched by the backend, drawn as far as it is on the screen. Rows are known by their flow, so the selected
 * one stays selected wherever the order takes it.
 */
import { ArrowDown, ArrowUp } from 'lucide-react';
import { type KeyboardEvent, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { FlowRow, FlowSortKey, FlowsWindow } from '../../../electron/shared/api.ts';
import { bitRate, ContextMenu, cx } from '../../ui/index.ts';
import { columnsFor, type FlowColumn, flowText, templateOf } from './columns.ts';
import styles from './flows-view.module.css';

/** --row-h of tokens.css. */
const ROW_PX = 22;

export interface FlowTableProps {
  window: FlowsWindow | undefined;
  sort: FlowSortKey;
  descending: boolean;
  selected: FlowRow | undefined;
  onSort(key: FlowSortKey): void;
  onSelect(flow: FlowRow): void;
  onSearch(search: string): void;
  /** The rows that the screen needs now. */
  onRange(start: number, count: number): void;
}

export function FlowTable({ window, sort, descending, selected, onSort, onSelect, onSearch, onRange }: FlowTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 0, width: 1200 });
  const total = window?.total ?? 0;
  const start = window?.start ?? 0;
  const flows = window?.flows ?? [];

  useLayoutEffect(() => {
    const element = scroller.current!;
    const measure = () => {
      setView({ top: element.scrollTop, height: element.clientHeight, width: element.clientWidth });
      const first = Math.max(0, Math.floor(element.scrollTop / ROW_PX) - 20);
      onRange(first, Math.ceil(element.clientHeight / ROW_PX) + 40);
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

  const columns = useMemo(() => columnsFor(view.width), [view.width]);
  const template = templateOf(columns);
  const at = flows.findIndex(({ key }) => key === selected?.key);
  const move = (to: number) => {
    const index = Math.max(0, Math.min(total - 1, to));
    const flow = flows[index - start];
    const element = scroller.current!;
    const y = index * ROW_PX;
    if (y < element.scrollTop) element.scrollTop = y;
    else if (y + ROW_PX > element.scrollTop + element.clientHeight)
      element.scrollTop = y + ROW_PX - element.clientHeight;
    if (flow) onSelect(flow);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const from = at >= 0 ? start + at : Math.floor(view.top / ROW_PX) - 1;
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
    move(to);
  };

  const copy = (text: string) => void navigator.clipboard.writeText(text);
  return (
    <div
      className={styles.table}
      role="grid"
      aria-label="Flows"
      aria-rowcount={total}
      aria-colcount={columns.length}
      tabIndex={0}
      aria-activedescendant={at >= 0 ? `flow-${start + at}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div className={styles.header}>
        <div role="row" className={styles.headerRow} style={{ gridTemplateColumns: template }}>
          {columns.map(({ id, label, align }) => (
            <div
              key={id}
              role="columnheader"
              className={styles.heading}
              aria-sort={id !== sort ? 'none' : descending ? 'descending' : 'ascending'}
              onClick={() => onSort(id)}
              onKeyDown={(event) => event.key === 'Enter' && onSort(id)}
            >
              <button
                type="button"
                tabIndex={-1}
                className={cx(styles.sort, align === 'right' && styles.right)}
                aria-label={id === 'direction' ? 'Direction' : label}
              >
                <span className={styles.headingText}>{label}</span>
                {id === sort && (descending ? <ArrowDown aria-hidden size={11} /> : <ArrowUp aria-hidden size={11} />)}
              </button>
            </div>
          ))}
        </div>
      </div>
      <ContextMenu
        entries={[
          { label: 'Copy flow', disabled: !selected, run: () => selected && copy(flowText(selected)) },
          { label: 'Flows of the source', disabled: !selected, run: () => selected && onSearch(selected.source) },
          {
            label: 'Flows of the destination',
            disabled: !selected,
            run: () => selected && onSearch(selected.destination),
          },
        ]}
      >
        <div ref={scroller} className={styles.scroller} tabIndex={-1} role="presentation">
          <div style={{ height: total * ROW_PX }} role="presentation" />
          {flows.map((flow, i) => (
            <Row
              key={flow.key}
              flow={flow}
              index={start + i}
              columns={columns}
              template={template}
              most={window?.maxBitsPerSecond ?? 0}
              selected={flow.key === selected?.key}
              onSelect={onSelect}
            />
          ))}
        </div>
      </ContextMenu>
    </div>
  );
}

interface RowProps {
  flow: FlowRow;
  index: number;
  columns: readonly FlowColumn[];
  template: string;
  most: number;
  selected: boolean;
  onSelect(flow: FlowRow): void;
}

function Row({ flow, index, columns, template, most, selected, onSelect }: RowProps) {
  return (
    <div
      id={`flow-${index}`}
      role="row"
      className={styles.row}
      aria-rowindex={index + 1}
      aria-selected={selected}
      data-idle={flow.pps < 0.5}
      style={{ transform: `translateY(${index * ROW_PX}px)`, gridTemplateColumns: template }}
      onPointerDown={() => onSelect(flow)}
    >
      {columns.map(({ id, align, mono, text }) => (
        <div
          key={id}
          role="gridcell"
          className={cx(styles.cell, align === 'right' && styles.right, mono && 'mono', styles[id])}
          title={mono && !align ? text(flow) : undefined}
        >
          {id === 'bitsPerSecond' ? <RateBar value={flow.bitsPerSecond} most={most} /> : text(flow)}
        </div>
      ))}
    </div>
  );
}

function RateBar({ value, most }: { value: number; most: number }) {
  return (
    <>
      <span className={styles.bar} style={{ width: most > 0 ? `${(100 * value) / most}%` : 0 }} />
      <span className={styles.rate}>{value >= 1 ? bitRate(value) : '–'}</span>
    </>
  );
}
