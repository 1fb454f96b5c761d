/** What of a map's entries is asked for: the filter, the order, the rows on the screen, and whether they are watched. */
import { useCallback, useState } from 'react';
import type { MapDetail } from '../../../electron/shared/map-api.ts';
import { useCommand } from '../../state/commands.ts';
import { useEntries } from './use-entries.ts';

interface Order {
  readonly sort: string;
  readonly descending: boolean;
}

/** @param added how many were added elsewhere, which are not among those on the screen yet */
export function useEntriesQuestion({ map }: MapDetail, added: number) {
  const [filter, setFilter] = useState('');
  const [order, setOrder] = useState<Order>();
  const [watch, setWatch] = useState(false);
  const [range, setRange] = useState({ start: 0, count: 60 });
  // Some maps move their entries with each use: while somebody watches, rows stay where they are.
  const calm = watch && map.keyBytes > 0 ? { sort: 'key', descending: false } : undefined;
  const question = { id: map.id, ...range, ...(order ?? calm), ...(filter !== '' && { filter }), watch };
  const { window, error, again } = useEntries(question, added);
  const toggleWatch = () => setWatch(!watch);
  useCommand({ id: 'maps.watch', label: 'Watch Map', section: 'Maps', keys: 'Ctrl+Alt+W', run: toggleWatch });
  const onRange = useCallback(
    (start: number, count: number) =>
      setRange((now) => (now.start === start && now.count === count ? now : { start, count })),
    [],
  );
  /** Another column: values the largest first. The same again: the other way round. */
  const onSort = (sort: string) =>
    setOrder((now) => ({ sort, descending: now?.sort === sort ? !now.descending : sort.startsWith('value') }));
  return { window, error, again, filter, setFilter, order, onSort, watch, toggleWatch, onRange };
}

export type EntriesQuestion = ReturnType<typeof useEntriesQuestion>;
