/**
 * Which packet is selected, which rows are chosen, and whether the list follows the newest. A packet stays selected when the filter or the order changes, if
 * it is still shown; another capture or file starts afresh.
 */
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useApi } from '../../api/backend-context.ts';
import { type ChosenRows, setChosenRows } from '../../state/export.ts';
import { useWantedPacket } from '../../state/go-to.ts';
import { useSession } from '../../state/session.ts';
import { sortedAs, sortOf } from './list-order.ts';
import type { PacketTableHandle } from './packet-table.tsx';
import type { Sort } from './use-sort.ts';

const NOTHING = { index: -1, number: 0 };

export interface Selection {
  /** Row of the list, -1 = none; and the packet's number, 0 while it is not known. */
  readonly selected: { readonly index: number; readonly number: number };
  readonly range: readonly [number, number] | undefined;
  /** The range, or the selected row. */
  readonly rows: ChosenRows | undefined;
  readonly follow: boolean;
  select(index: number, number: number): void;
  setRange(range: readonly [number, number] | undefined): void;
  setFollow(follow: boolean): void;
  /** To a packet by its number, wherever it is under the filter; to the next one when it is not shown. */
  goTo(number: number): void;
}

export function useSelection(
  table: RefObject<PacketTableHandle | null>,
  filter: string,
  { order, blank }: Sort,
): Selection {
  const api = useApi();
  const generation = useSession((s) => s.status.generation);
  const source = useSession((s) => s.status.source);
  const [selected, setSelected] = useState(NOTHING);
  const [range, setRange] = useState<readonly [number, number]>();
  const [follow, setFollow] = useState(source === 'live');
  const select = useCallback((index: number, number: number) => setSelected({ index, number }), []);

  // Coming back to the view, which runs effects again, changes nothing.
  const shownGeneration = useRef(generation);
  useEffect(() => {
    if (shownGeneration.current === generation) return;
    shownGeneration.current = generation;
    setSelected(NOTHING);
    setRange(undefined);
    setFollow(source === 'live');
  }, [generation, source]);

  const goTo = (number: number) => {
    if (filter === '' && !order) table.current?.goTo(number - 1);
    else
      api.call('packets.place', { number, filter, ...sortOf(order) }).then(
        ({ index }) => table.current?.goTo(index),
        () => {},
      );
  };

  const shownList = useRef({ filter, order });
  useEffect(() => {
    const was = shownList.current;
    // Of a list that is not there yet nothing can be said.
    if (blank || (was.filter === filter && was.order === order)) return;
    shownList.current = { filter, order };
    const { number } = selected;
    // The packet stays; where it is now is not known at once.
    setSelected({ index: -1, number });
    setRange(undefined);
    if (was.filter !== filter && filter !== '') setFollow(false);
    if (number === 0) {
      if (order) table.current?.toTop();
      return;
    }
    const place = (index: number) => {
      if (shownList.current.filter === filter && shownList.current.order === order)
        table.current?.showAt(index, number);
    };
    if (filter === '' && !order) place(number - 1);
    else
      api.call('packets.place', { number, filter, ...sortOf(order) }).then(
        ({ index, there }) => (there ? place(index) : setSelected((now) => (now.index < 0 ? NOTHING : now))),
        // It is sorted again: then it is asked for again.
        () => {},
      );
  }, [table, filter, order, blank, selected, api]);

  // Another view sends here.
  const wanted = useWantedPacket((s) => s.number);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each wish
  useEffect(() => {
    if (wanted === 0) return;
    useWantedPacket.setState({ number: 0 });
    goTo(wanted);
  }, [wanted]);

  const [first, last] = range ?? [selected.index, selected.index];
  const rows = useMemo(
    () => (first < 0 ? undefined : { filter, ...(order && { sort: sortedAs(order) }), first, last }),
    [filter, order, first, last],
  );
  useEffect(() => {
    setChosenRows(rows);
    return () => setChosenRows(undefined);
  }, [rows]);
  return { selected, range, rows, follow, select, setRange, setFollow, goTo };
}
