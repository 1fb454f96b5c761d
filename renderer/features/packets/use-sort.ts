/**
 * The order of the list. A heading asks for one; the list keeps the order that it has until the new one is there, which takes a moment or is told of and can be
 * called off. A sorted list holds still: packets that come after it was sorted wait until somebody sorts it again. Another capture begins in its own order.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import { type ErrorData, errorData } from '../../../electron/shared/errors.ts';
import type { PacketSort, SortBy } from '../../../electron/shared/sort.ts';
import { useApi } from '../../api/backend-context.ts';
import { useSession } from '../../state/session.ts';
import { useTablePrefs } from './columns.ts';
import { type ColumnSort, type ListOrder, sameOrder, sortKey } from './list-order.ts';

/** A name of this window's own: what it holds is let go of when no other window does. */
const WINDOW = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
/** At least so long between two questions how far it is. */
const ASK_MS = 40;

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

  const release = useCallback(
    (of: { filter: string; by: SortBy }) => {
      api.call('packets.unsort', { window: WINDOW, filter: of.filter, by: of.by }).catch(() => {});
    },
    [api],
  );
  /** What is held there: the order that is shown, and what is being worked on. */
  const held = useRef<{ filter: string; by: SortBy }[]>([]);
  const holdOnly = useCallback(
    (...only: { filter: string; by: SortBy }[]) => {
      const same = (a: { filter: string; by: SortBy }) => only.some((b) => a.filter === b.filter && a.by === b.by);
      for (const one of held.current) if (!same(one)) release(one);
      held.current = only;
    },
    [release],
  );

  const by = wanted && sortKey(wanted.column, time);
  const descending = wanted?.descending ?? false;
  const [turn, setTurn] = useState({ count: 0, again: false });
  const askedAgain = useRef(turn);
  const stop = useRef(() => {});
  const latest = useRef({ ready, filter });
  latest.current = { ready, filter };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is marked or written may change which packets the filter lets through
  useEffect(() => {
    if (by === undefined) return;
    const sort: PacketSort = { by, descending };
    const shown = latest.current.ready;
    holdOnly(...(shown ? [{ filter: shown.filter, by: shown.by }] : []), { filter, by });
    let over = false;
    stop.current = () => {
      over = true;
    };
    let again = turn.again && askedAgain.current !== turn;
    askedAgain.current = turn;
    const ask = async (): Promise<void> => {
      const now = await api.call('packets.sort', { window: WINDOW, filter, sort, ...(again && { again }) });
      again = false;
      if (over) return;
      if (now.version === 0 || now.share !== undefined) {
        change({ share: now.share ?? 0 });
        setTimeout(() => !over && void ask().catch(failed), ASK_MS);
        return;
      }
      const { version, rows, packets } = now;
      const next: ListOrder = { ...sort, column: wanted!.column, filter, version, rows, packets };
      holdOnly({ filter, by });
      change({ ready: sameOrder(latest.current.ready, next) ? latest.current.ready : next, share: undefined });
    };
    const failed = (error: unknown) => {
      if (over) return;
      // What was sorted is another list by now: marks, comments, protocols.
      if (errorData(error).code === 'CANCELLED') {
        setTimeout(() => !over && void ask().catch(failed), ASK_MS);
        return;
      }
      // What is shown stays; a list that has nothing to show goes back to the order of the capture.
      const left = latest.current.ready?.filter === filter ? latest.current.ready : undefined;
      holdOnly(...(left ? [{ filter, by: left.by }] : []));
      change({ share: undefined, failure: errorData(error), ready: left, wanted: left && wantedOf(left) });
    };
    void ask().catch(failed);
    return () => {
      over = true;
    };
  }, [api, generation, annotations, filter, by, descending, turn, change, holdOnly]);

  const choose = useCallback(
    (next: ColumnSort | undefined) => {
      if (!next) holdOnly();
      change({ wanted: next, failure: undefined, share: undefined, ...(!next && { ready: undefined }) });
    },
    [change, holdOnly],
  );
  const again = useCallback(() => setTurn(({ count }) => ({ count: count + 1, again: true })), []);
  const refresh = useCallback(() => setTurn(({ count }) => ({ count: count + 1, again: false })), []);
  const forgive = useCallback(() => change({ failure: undefined }), [change]);
  const cancel = useCallback(() => {
    stop.current();
    const { ready: shown, filter: under } = latest.current;
    if (shown?.filter !== under) return choose(undefined);
    // Perhaps it was being sorted again.
    api.call('packets.unsort', { window: WINDOW, filter: under, by: shown.by, keep: true }).catch(() => {});
    holdOnly({ filter: under, by: shown.by });
    choose(wantedOf(shown));
  }, [api, choose, holdOnly]);

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
