/** Columns of the list of maps; searched and sorted here, since there are hundreds of maps at most. */
import type { MapInfo } from '../../../electron/shared/workbench.ts';
import { bytes, compact, grouped } from '../../ui/format.ts';
import type { GridColumn } from '../../ui/grid-column.ts';

export type MapSort = 'id' | 'type' | 'name' | 'maxEntries' | 'memoryBytes' | 'usedBy';

const users = ({ holders, programIds }: MapInfo): string =>
  [...new Set(holders.map(({ comm }) => comm)), ...programIds.map((id) => `program ${id}`)].join(', ');

export const MAP_COLUMNS: readonly GridColumn<MapInfo, MapSort>[] = [
  { id: 'id', label: 'Id', track: '64px', align: 'right', mono: true, content: (map) => String(map.id) },
  { id: 'name', label: 'Name', track: 'minmax(96px, 1.2fr)', strong: true, content: (map) => map.name || '(unnamed)' },
  { id: 'type', label: 'Type', track: 'minmax(88px, 1fr)', content: (map) => map.type },
  {
    id: 'maxEntries',
    label: 'Entries',
    name: 'Most entries',
    track: '68px',
    align: 'right',
    mono: true,
    content: (map) => compact(map.maxEntries),
  },
  {
    id: 'memoryBytes',
    label: 'Memory',
    track: '72px',
    align: 'right',
    mono: true,
    leavesBelow: 440,
    content: (map) => bytes(map.memoryBytes),
  },
  { id: 'usedBy', label: 'Used by', track: 'minmax(80px, 1fr)', leavesBelow: 520, content: users },
];

export function shownMaps(maps: readonly MapInfo[], search: string, sort: MapSort, descending: boolean): MapInfo[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = maps.filter((map) => {
    const text = [map.id, map.name, map.type, users(map), ...map.pinned].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const value = (map: MapInfo) => (sort === 'usedBy' ? users(map) : map[sort]);
  found.sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    return (typeof x === 'number' ? x - (y as number) : x.localeCompare(y as string)) || a.id - b.id;
  });
  return descending ? found.reverse() : found;
}

/** What the map is, in one line: "at most 1,024 entries · 8 B → 16 B". */
export function mapFacts(map: MapInfo): string {
  return `at most ${grouped(map.maxEntries)} entries · key ${map.keyBytes} B, value ${map.valueBytes} B · ${bytes(map.memoryBytes)}`;
}
