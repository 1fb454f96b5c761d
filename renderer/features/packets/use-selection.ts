/**
 * Which packet is selected, which rows are chosen, and whether the list follows the newest. A packet stays selected when the filter changes, if it is
 * still shown; another capture or file starts afresh.
 */
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useApi } from '../../api/backend-context.ts';
import { type ChosenRows, setChosenRows } from '../../state/export.ts';
import { useWantedPacket } from '../../state/go-to.ts';
import { useSession } from '../../state/session.ts';
import type { PacketTableHandle } from './packet-table.tsx';

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

export function useSelection(table: RefObject<PacketTableHandle | null>, filter: string): Selection {
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
    if (filter === '') table.current?.goTo(number - 1);
    else
      api.call('packets.place', { number, filter }).then(
        ({ index }) => table.current?.goTo(index),
        () => {},
      );
  };

  const underFilter = useRef(filter);
  useEffect(() => {
    if (underFilter.current === filter) return;
    underFilter.current = filter;
    const { number } = selected;
    setSelected(NOTHING);
    setRange(undefined);
    if (filter === '') {
      if (number > 0) table.current?.goTo(number - 1);
      return;
    }
    setFollow(false);
    if (number > 0)
      api.call('packets.place', { number, filter }).then(
        ({ index, there }) => there && table.current?.goTo(index),
        () => {},
      );
  }, [table, filter, selected, api]);

  // Another view sends here.
  const wanted = useWantedPacket((s) => s.number);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each wish
  useEffect(() => {
    if (wanted === 0) return;
    useWantedPacket.setState({ number: 0 });
    goTo(wanted);
  }, [wanted]);

  const [first, last] = range ?? [selected.index, selected.index];
  const rows = useMemo(() => (first < 0 ? undefined : { filter, first, last }), [filter, first, last]);
  useEffect(() => {
    setChosenRows(rows);
    return () => setChosenRows(undefined);
  }, [rows]);
  return { selected, range, rows, follow, select, setRange, setFollow, goTo };
}
