/** The program table's columns, its order and its search. Pure. */
import type { ProgramRow } from '../../../electron/shared/workbench-api.ts';
import { bytes, compact, grouped } from '../../ui/format.ts';
import type { GridColumn } from '../../ui/grid-column.ts';

export type SortKey = 'id' | 'type' | 'name' | 'attached' | 'runsPerSecond' | 'nsPerRun' | 'cpuShare' | 'memoryBytes';
export type ProgramColumn = GridColumn<ProgramRow, SortKey>;

const NONE = '–';

export const perSecond = (value: number | undefined) => (value ? compact(value) : NONE);

export function percent(share: number | undefined): string {
  if (share === undefined || share === 0) return NONE;
  return share < 0.0001 ? '<0.01 %' : `${(100 * share).toFixed(2)} %`;
}

/** "xdp (native) on veth0 in network namespace blue" → "veth0@blue: xdp (native)": what differs comes first. */
export function shortPlace(words: string): string {
  const [, hook, ifname, netns] = /^(\S+(?: \(\w+\))?) on (\S+?)(?: in network namespace (\S+))?$/.exec(words) ?? [];
  if (hook === undefined) return words;
  return `${ifname}${netns === undefined ? '' : `@${netns}`}: ${hook}`;
}

export const PROGRAM_COLUMNS: readonly ProgramColumn[] = [
  { id: 'id', label: 'Id', track: '64px', align: 'right', mono: true, content: ({ id }) => `${id}` },
  { id: 'name', label: 'Name', track: 'minmax(140px, 1.4fr)', strong: true, content: ({ name }) => name || NONE },
  { id: 'type', label: 'Type', track: '100px', leavesBelow: 540, content: ({ type }) => type },
  {
    id: 'attached',
    label: 'Attached',
    track: 'minmax(90px, 1.4fr)',
    leavesBelow: 370,
    content: ({ attached }) => attached.map(shortPlace).join(', '),
  },
  {
    id: 'runsPerSecond',
    label: 'Runs/s',
    track: '72px',
    align: 'right',
    mono: true,
    content: (row) => perSecond(row.runsPerSecond),
  },
  {
    id: 'nsPerRun',
    label: 'ns/run',
    name: 'Nanoseconds per run',
    leavesBelow: 640,
    track: '72px',
    align: 'right',
    mono: true,
    content: (row) => (row.nsPerRun === undefined ? NONE : grouped(row.nsPerRun)),
  },
  {
    id: 'cpuShare',
    label: 'CPU',
    name: 'CPU, of one processor',
    leavesBelow: 440,
    track: '70px',
    align: 'right',
    mono: true,
    content: (row) => percent(row.cpuShare),
  },
  {
    id: 'memoryBytes',
    label: 'Memory',
    track: '76px',
    align: 'right',
    mono: true,
    leavesBelow: 690,
    content: (row) => bytes(row.memoryBytes),
  },
];

/** Numbers are wanted largest first, but ids and words from the start. */
export function firstDescending(key: SortKey): boolean {
  return !['id', 'type', 'name', 'attached'].includes(key);
}

export function sortedPrograms(rows: readonly ProgramRow[], key: SortKey, descending: boolean): ProgramRow[] {
  const way = descending ? -1 : 1;
  return rows.toSorted((a, b) => way * compare(a, b, key) || a.id - b.id);
}

function compare(a: ProgramRow, b: ProgramRow, key: SortKey): number {
  if (key === 'attached') return a.attached.join().localeCompare(b.attached.join());
  if (key === 'type' || key === 'name') return a[key].localeCompare(b[key]);
  return (a[key] ?? -1) - (b[key] ?? -1);
}

/** Every word must be found: in id, name, type, tag, where it is attached, who holds it, pins, ids of its maps. */
export function searchedPrograms(rows: readonly ProgramRow[], search: string): readonly ProgramRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const holders = row.holders.map(({ pid, comm }) => `${comm} ${pid}`);
    const text = [row.id, row.name, row.type, row.tag, ...row.attached, ...row.pinned, ...holders, ...row.mapIds]
      .join(' ')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
