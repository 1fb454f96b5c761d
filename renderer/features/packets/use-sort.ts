/**
 * The order of the list. A heading asks for one; the list keeps the order that it has until the new one is there, which takes a moment or is told of and can be
 * called off. A sorted list holds still: packets that come after it was sorted wait until somebody sorts it again. Another capture begins in its own order.
 */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { ErrorData } from '../../../electron/shared/errors.ts';
import type { PacketSort } from '../../../electron/shared/sort.ts';
import { useApi } from '../../api/backend-context.ts';
import { useSession } from '../../state/session.ts';
import { useTablePrefs } from './columns.ts';
import { type ColumnSort, type ListOrder, sameOrder, sortKey } from './list-order.ts';
import { askSorted, HeldOrders } from './sort-request.ts';

export interface Sort {
  /** What the list has, or will have as soon as it is sorted; undefined = the order of the capture. */
  readonly wanted: ColumnSort | undefined;
  /** The order that the list has; undefined = that of the capture. */
  readonly order: ListOrder | undefined;
  /** Another filter was applied, and its packets are not sorted yet: nothing is there to be shown. */
  readonly blank: boolean;
  /** 0 to 1, while it is being sorted. */
  readonly share: number | undefined;
  readonly failure: ErrorData | undefined;
  choose(sort: ColumnSort | undefined): void;
  /** With the packets that have come since. */
  again(): void;
  /** The list keeps the order that it has. */
  cancel(): void;
  /** The list heard that its order is another one. */
  refresh(): void;
  forgive(): void;
}

interface State {
  /** What it is of. */
  generation: number;
  wanted: ColumnSort | undefined;
  ready: ListOrder | undefined;
  share: number | undefined;
  failure: ErrorData | undefined;
}

const nothing = (generation: number): State => ({
  generation,
  wanted: undefined,
  ready: undefined,
  share: undefined,
  failure: undefined,
});

export function useSort(filter: string): Sort {
  const api = useApi();
  const generation = useSession((s) => s.status.generation);
  const annotations = useSession((s) => s.status.annotations ?? 0);
  const time = useTablePrefs((prefs) => prefs.time);
  const [kept, setState] = useState(() => nothing(generation));
  const state = kept.generation === generation ? kept : nothing(generation);
  const { wanted, ready, share, failure } = state;
  const change = useCallback(
    (part: Partial<State>) =>
      setState((old) => ({ ...(old.generation === generation ? old : nothing(generation)), ...part })),
    [generation],
  );

  const held = useMemo(() => new HeldOrders(api), [api]);
  const by = wanted && sortKey(wanted.column, time);
  const descending = wanted?.descending ?? false;
  const [turn, setTurn] = useState({ again: false });
  const lastTurn = useRef(turn);
  const stop = useRef(() => {});
  const latest = useRef({ ready, filter });
  latest.current = { ready, filter };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is marked or written may change which packets the filter lets through
  useEffect(() => {
    if (by === undefined) return;
    const shown = latest.current.ready;
    held.only(...(shown ? [shown] : []), { filter, by });
    const again = turn.again && lastTurn.current !== turn;
    lastTurn.current = turn;
    const sort: PacketSort = { by, descending };
    stop.current = askSorted(
      api,
      { filter, sort, again },
      {
        onShare: (next) => change({ share: next }),
        onSorted: ({ version, rows, packets }) => {
          const next: ListOrder = { ...sort, column: wanted!.column, filter, version, rows, packets };
          const same = sameOrder(latest.current.ready, next);
          held.only({ filter, by });
          change({ ready: same ? latest.current.ready : next, share: undefined });
        },
        onFailed: (error) => {
          // What is shown stays; a list that has nothing to show goes back to the order of the capture.
          const left = latest.current.ready?.filter === filter ? latest.current.ready : undefined;
          held.only(...(left ? [left] : []));
          change({ share: undefined, failure: error, ready: left, wanted: left && wantedOf(left) });
        },
      },
    );
    return stop.current;
  }, [api, generation, annotations, filter, by, descending, turn, change, held]);

  const choose = useCallback(
    (next: ColumnSort | undefined) => {
      if (!next) held.only();
      change({ wanted: next, failure: undefined, share: undefined, ...(!next && { ready: undefined }) });
    },
    [change, held],
  );
  const again = useCallback(() => setTurn({ again: true }), []);
  const refresh = useCallback(() => setTurn({ again: false }), []);
  const forgive = useCallback(() => change({ failure: undefined }), [change]);
  const cancel = useCallback(() => {
    stop.current();
    const { ready: shown, filter: under } = latest.current;
    if (shown?.filter !== under) return choose(undefined);
    // Perhaps it was being sorted again.
    held.stopWork(shown);
    held.only(shown);
    choose(wantedOf(shown));
  }, [held, choose]);

  const order = wanted && ready?.filter === filter ? ready : undefined;
  useSortOfWholeFile(order, again);
  return {
    wanted,
    order,
    blank: wanted !== undefined && ready !== undefined && order === undefined,
    share,
    failure,
    choose,
    again,
    cancel,
    refresh,
    forgive,
  };
}

const wantedOf = ({ column, descending }: ListOrder): ColumnSort => ({ column, descending });

/** A file that was sorted while it was being read is sorted again when all of it is there. */
function useSortOfWholeFile(order: ListOrder | undefined, again: () => void): void {
  const read = useSession(({ status }) => status.source === 'file' && !status.reading);
  const stored = useSession((s) => s.status.stored);
  const late = read && order !== undefined && order.packets < stored;
  useEffect(() => {
    if (late) again();
  }, [late, again]);
}
