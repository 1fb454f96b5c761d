/** Columns of a map's entries: a member each; watched numbers have their rate beside them, per-CPU maps each CPU's value on demand. */
import type { MapDetail, MapEntry } from '../../../electron/shared/map-api.ts';
import { compact, cx, type GridColumn } from '../../ui/index.ts';
import styles from './maps.module.css';

export interface EntryView {
  watch: boolean;
  perCpu: boolean;
}

const TEXT_PX = 150;
const RATE_PX = 92;

export function entryColumns({ columns, map, cpus }: MapDetail, { watch, perCpu }: EntryView): GridColumn<MapEntry>[] {
  const all: GridColumn<MapEntry>[] = [];
  // Members of the key and of the value may be called the same.
  const twice = new Set(columns.filter(({ path }) => path.startsWith('value')).map(({ label }) => label));
  const fixed = (px: number) => `minmax(${px}px, ${px}fr)`;
  if (map.type === 'lpm_trie')
    all.push({
      id: 'prefix',
      label: 'prefix',
      track: fixed(TEXT_PX),
      mono: true,
      strong: true,
      sorts: false,
      content: ({ keyText }) => keyText,
    });
  for (const [i, { path, label, numeric, typeName, bytes: numberBytes }] of columns.entries()) {
    const value = path.startsWith('value');
    const shown = twice.has(label) && !value && path !== 'key' ? `key ${label}` : label;
    all.push({
      id: path,
      label: shown,
      name: `${path} (${typeName})`,
      track: fixed(widthOfColumn(numeric, label, numberBytes)),
      ...(numeric && { align: 'right' as const }),
      mono: true,
      strong: !value,
      content: (entry) => <Cell entry={entry} column={i} />,
    });
    // Flags and small numbers count nothing.
    if (watch && value && numeric && numberBytes >= 4)
      all.push({
        id: `${path} rate`,
        label: `${shown} /s`,
        track: fixed(RATE_PX),
        align: 'right',
        mono: true,
        sorts: false,
        content: ({ rates }) => <span className={styles.rate}>{rateText(rates?.[i])}</span>,
      });
  }
  if (perCpu)
    for (let cpu = 0; cpu < cpus; cpu++)
      for (const [i, { path, label, numeric, bytes: numberBytes }] of columns.entries()) {
        if (!path.startsWith('value')) continue;
        const name = path === 'value' ? `CPU ${cpu}` : `CPU ${cpu} ${label}`;
        all.push({
          id: `cpu${cpu} ${path}`,
          label: name,
          track: fixed(widthOfColumn(numeric, name, numberBytes)),
          ...(numeric && { align: 'right' as const }),
          mono: true,
          sorts: false,
          content: ({ cpuCells }) => cpuCells?.[cpu]?.[i] ?? '',
        });
      }
  if (map.type === 'prog_array' || map.type.includes('of_maps') || map.type.startsWith('devmap'))
    all.push({
      id: 'refers',
      label: 'is',
      track: fixed(TEXT_PX),
      sorts: false,
      content: ({ refers }) => refers?.name ?? '',
    });
  return all;
}

/** Digits that the number can have, or its name. */
function widthOfColumn(numeric: boolean, label: string, size: number): number {
  if (!numeric) return TEXT_PX;
  return Math.max(16 + 7.4 * (size >= 8 ? 15 : size >= 4 ? 10 : 5), 30 + 6.4 * label.length) | 0;
}

/** What all columns need at least. */
export function widthOf(columns: readonly GridColumn<MapEntry>[]): number {
  return columns.reduce((sum, { track }) => sum + Number(/\d+/.exec(track)?.[0] ?? 0), 0);
}

function Cell({ entry: { cells, changed, added }, column }: { entry: MapEntry; column: number }) {
  const mark = added || changed?.includes(column);
  return <span className={cx(mark && styles.changed)}>{cells[column]}</span>;
}

function rateText(rate: number | null | undefined): string {
  if (rate == null) return '–';
  return `${rate > 0 ? '+' : ''}${compact(rate)}`;
}
