/** What can be done with the selected entry of a map: as a strip of buttons below the table, and as the menu of its row. */
import { ChartLine, Pencil, Trash2 } from 'lucide-react';
import type { MapDetail, MapEntry, MapReference } from '../../../electron/shared/map-api.ts';
import { showMap, showProgram } from '../../state/kernel-objects.ts';
import { Button, type MenuEntry } from '../../ui/index.ts';
import styles from './maps.module.css';

/** Numbers that the menu offers to draw. */
const MOST_CHARTS = 12;

export interface EntryActions {
  detail: MapDetail;
  selected: MapEntry | undefined;
  onEdit(): void;
  /** Of a queue: takes the next one out. */
  onDelete(): void;
  /** @param column index in the detail's columns */
  onChart(entry: MapEntry, column: number): void;
}

/** Queues and stacks have no keys. */
export const isQueue = ({ map }: MapDetail): boolean => map.keyBytes === 0;

function numbersOf(detail: MapDetail): { path: string; column: number }[] {
  return detail.columns.flatMap(({ numeric, path }, column) =>
    numeric && path.startsWith('value') ? [{ path, column }] : [],
  );
}

export function entryMenu({ detail, selected, onEdit, onDelete, onChart }: EntryActions): MenuEntry[] {
  const { can } = detail;
  const queue = isQueue(detail);
  return [
    {
      label: 'Change…',
      keys: 'Enter',
      icon: <Pencil aria-hidden />,
      disabled: !selected || !can.write || queue,
      run: onEdit,
    },
    { label: 'Delete…', icon: <Trash2 aria-hidden />, disabled: !selected || !can.delete || queue, run: onDelete },
    'separator',
    ...numbersOf(detail)
      .slice(0, MOST_CHARTS)
      .map(
        ({ path, column }): MenuEntry => ({
          label: `Chart ${path}`,
          icon: <ChartLine aria-hidden />,
          disabled: !selected || queue,
          run: () => selected && onChart(selected, column),
        }),
      ),
    { label: 'Copy as JSON', disabled: !selected, run: () => selected && copy(selected) },
  ];
}

export function EntryStrip(actions: EntryActions) {
  const { selected } = actions;
  return (
    <section className={styles.strip} aria-label="Selected entry">
      {selected ? (
        <Selected {...actions} selected={selected} />
      ) : (
        <span className={styles.hintLeft}>Select an entry to change, delete or chart it.</span>
      )}
    </section>
  );
}

function Selected({ detail, selected, onEdit, onDelete, onChart }: EntryActions & { selected: MapEntry }) {
  const { can } = detail;
  const queue = isQueue(detail);
  const [number] = numbersOf(detail);
  return (
    <>
      <strong className={`mono ${styles.stripKey}`} title={queue ? undefined : selected.keyText}>
        {queue ? 'next entry' : selected.keyText}
      </strong>
      {selected.refers && <Follow refers={selected.refers} />}
      <span className={styles.grow} />
      {number && !queue && (
        <Button size="sm" icon={<ChartLine aria-hidden />} onClick={() => onChart(selected, number.column)}>
          Chart
        </Button>
      )}
      {can.write && !queue && (
        <Button size="sm" icon={<Pencil aria-hidden />} onClick={onEdit}>
          Change…
        </Button>
      )}
      {(queue ? can.push : can.delete) && (
        <Button size="sm" icon={<Trash2 aria-hidden />} onClick={onDelete}>
          {queue ? 'Pop…' : 'Delete…'}
        </Button>
      )}
    </>
  );
}

function Follow({ refers: { kind, id, name } }: { refers: MapReference }) {
  const words = `${kind} ${id} ${name}`;
  if (kind === 'interface') return <span className={styles.facts}>{words}</span>;
  return (
    <Button size="sm" tone="ghost" onClick={() => (kind === 'map' ? showMap(id) : showProgram(id))}>
      Go to {words}
    </Button>
  );
}

function copy({ keyValue, valueValue }: MapEntry): void {
  void navigator.clipboard.writeText(JSON.stringify({ key: keyValue, value: valueValue }));
}
