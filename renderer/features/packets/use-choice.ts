/** Choosing rows with keys and pointer: one, or several with Shift. What is chosen belongs to whoever shows the list. */
import { type KeyboardEvent, type PointerEvent, type RefObject, useCallback, useEffect, useRef } from 'react';
import { rowOfKey } from '../../ui/index.ts';
import { reveal, revealAmid } from './scroll-map.ts';
import { ROW_PX, type Scroll } from './use-scroll.ts';

export interface Choosing {
  /** Rows of the list. */
  total: number;
  /** 0-based row, -1 = none. */
  selected: number;
  /** First and last row of several; undefined = only the selected one. */
  range: readonly [number, number] | undefined;
  scroll: Scroll;
  /** Takes the keys. */
  grid: RefObject<HTMLElement | null>;
  numberOf(index: number): number;
  onSelect(index: number, number: number): void;
  onRange(range: readonly [number, number] | undefined): void;
  onFollow(follow: boolean): void;
}

export interface Choice {
  /** Selects a row, or the nearest there is, and brings it into view with what is around it. */
  goTo(index: number): void;
  /** Selects a packet at the place that it has in another list now, which may not be here yet. */
  showAt(index: number, number: number): void;
  onKeyDown(event: KeyboardEvent): void;
  onPointerDown(event: PointerEvent): void;
  onPointerUp(): void;
  /** The pointer drags: letting go chooses nothing. */
  onDrag(): void;
}

export function useChoice(choosing: Choosing): Choice {
  const { total, selected, range, scroll, grid, numberOf, onSelect, onRange, onFollow } = choosing;
  const { top, px, moveTo } = scroll;
  const height = useRef(px);
  height.current = px;
  const show = useCallback(
    (index: number, revealed = reveal) => moveTo(revealed(top.current, index, ROW_PX, height.current)),
    [moveTo, top],
  );
  const take = useCallback(
    (index: number, revealed: typeof reveal) => {
      if (total === 0) return;
      const at = Math.max(0, Math.min(total - 1, index));
      if (at < total - 1) onFollow(false);
      onSelect(at, numberOf(at));
      show(at, revealed);
    },
    [total, onSelect, onFollow, show, numberOf],
  );
  const select = (index: number) => take(index, reveal);
  const goTo = useCallback((index: number) => take(index, revealAmid), [take]);

  const later = useRef<number>(undefined);
  const showAt = useCallback(
    (index: number, number: number) => {
      onSelect(index, number);
      later.current = index;
      if (index < total) {
        later.current = undefined;
        show(index, revealAmid);
      }
    },
    [total, onSelect, show],
  );
  useEffect(() => {
    if (later.current === undefined || later.current >= total) return;
    show(later.current, revealAmid);
    later.current = undefined;
  }, [total, show]);

  /** Where a choice of several began: the selected row. */
  const anchor = useRef(0);
  /** A row inside of the choice that the button went down on. */
  const pressed = useRef<number | undefined>(undefined);
  const extend = (to: number | undefined) => {
    if (to === undefined || selected < 0) return onRange(undefined);
    anchor.current = selected;
    onRange([Math.min(selected, to), Math.max(selected, to)]);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const from = selected >= 0 ? selected : Math.floor(top.current / ROW_PX) - 1;
    const page = Math.max(1, Math.floor(px / ROW_PX) - 1);
    // With nothing selected one goes up to the first.
    const to = selected < 0 && event.key === 'ArrowUp' ? 0 : rowOfKey(event.key, { from, page, total });
    if (to === undefined || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (event.shiftKey && selected >= 0) {
      const edge = anchor.current === range?.[0] ? (range?.[1] ?? selected) : (range?.[0] ?? selected);
      const step = Math.max(0, Math.min(total - 1, edge + (to - from)));
      extend(step);
      show(step);
      return;
    }
    extend(undefined);
    select(to);
    if (event.key === 'End') onFollow(true);
  };

  const onPointerDown = (event: PointerEvent) => {
    const y = event.clientY - event.currentTarget.getBoundingClientRect().top;
    const index = Math.floor((top.current + y) / ROW_PX);
    if (y >= px || index >= total) return;
    grid.current?.focus({ preventScroll: true });
    event.preventDefault();
    const inside = range !== undefined && index >= range[0] && index <= range[1];
    if (inside && !event.shiftKey) {
      // To drag them out, or for the menu; a click that is neither takes the choice back.
      pressed.current = event.button === 0 ? index : undefined;
      return;
    }
    pressed.current = undefined;
    extend(event.shiftKey ? index : undefined);
    if (!event.shiftKey) select(index);
  };

  const onDrag = () => {
    pressed.current = undefined;
  };
  const onPointerUp = () => {
    const index = pressed.current;
    pressed.current = undefined;
    if (index === undefined) return;
    extend(undefined);
    select(index);
  };
  return { goTo, showAt, onKeyDown, onPointerDown, onPointerUp, onDrag };
}
