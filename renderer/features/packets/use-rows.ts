/** The rows of the packet list: a cache over the session's answers, for this filter, these columns and these rules. */
import { useCallback, useEffect, useMemo } from 'react';
import { useApi } from '../../api/backend-context.ts';
import { isActive } from '../../state/capture-control.ts';
import { type ColorRule, usePrefs } from '../../state/prefs.ts';
import { useSession } from '../../state/session.ts';
import { useTablePrefs } from './columns.ts';
import { sortOf } from './list-order.ts';
import { type CachedOrder, RowCache } from './row-cache.ts';
import type { Sort } from './use-sort.ts';

/** No rows, which are not asked for. */
const NOTHING: CachedOrder = { version: 0, rows: 0, onOther: () => {} };

export interface Rows {
  readonly cache: RowCache;
  /** Colouring rules that are on, as `PacketRow.rule` numbers them. */
  readonly rules: readonly ColorRule[];
  /** Of the packet in a row of the list, 0 = not known yet. */
  numberOf(index: number): number;
}

export interface RowsWanted {
  /** Display filter; '' = all. */
  filter: string;
  sort: Sort;
  follow: boolean;
  /** Rows that a screen takes. */
  screenRows: number;
  /** Rows came. */
  redraw(): void;
  onCount(found: number, scanned: number): void;
}

export function useRows({ filter, sort, follow, screenRows, redraw, onCount }: RowsWanted): Rows {
  const api = useApi();
  const generation = useSession((s) => s.status.generation);
  const stored = useSession((s) => s.status.stored);
  const annotations = useSession((s) => s.status.annotations ?? 0);
  const live = useSession((s) => isActive(s.status));
  // Progress of a filter comes as ticks of the status.
  useSession((s) => s.status);
  const { fields } = useTablePrefs();
  const allRules = usePrefs((p) => p.rules);
  const rules = useMemo(() => allRules.filter((rule) => rule.on && rule.filter !== ''), [allRules]);
  const { order, blank, refresh } = sort;
  const cache = useMemo(
    () =>
      new RowCache(
        (start, count) =>
          api.call('packets.rows', {
            start,
            count,
            ...(filter !== '' && { filter }),
            ...sortOf(order),
            ...(fields.length > 0 && { fields: [...fields] }),
            ...(rules.length > 0 && { rules: rules.map((rule) => rule.filter) }),
          }),
        redraw,
        filter !== '',
        blank ? NOTHING : order && { version: order.version, rows: order.rows, onOther: refresh },
      ),
    [api, filter, order, blank, refresh, fields, rules, redraw],
  );
  cache.setFollowing(follow, screenRows);
  cache.setStored(generation, stored, annotations);
  const { total, scanned } = cache;
  useEffect(() => {
    if (filter !== '' && !order && !blank) onCount(total, scanned);
  }, [filter, order, blank, total, scanned, onCount]);
  useEffect(() => {
    if (!follow || !live || filter !== '' || order) return;
    return api.subscribe('stored', (now) => cache.grewTo(now.generation, now.stored));
  }, [api, cache, follow, live, filter, order]);
  const numberOf = useCallback(
    (index: number) => (filter === '' && !order ? index + 1 : (cache.row(index)?.number ?? 0)),
    [filter, order, cache],
  );
  return { cache, rules, numberOf };
}
