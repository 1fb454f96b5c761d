/** What of a grid's rows is on the screen, and moving over them. Rows are of one height; who has them hears which are needed now. */
import { type RefObject, useCallback, useLayoutEffect, useState } from 'react';
import { useMeasured } from './use-measured.ts';

/** --row-h of tokens.css. */
export const ROW_PX = 22;
const ROWS_AROUND = 20;

export interface GridView {
  readonly width: number;
  /** Whole rows that fit, less one that stays to be seen when a page is turned. */
  readonly page: number;
  /** The first that is on the screen. */
  readonly top: number;
  /** Those that are drawn: [first, last). */
  readonly first: number;
  readonly last: number;
  /** Scrolls as little as it takes to show this row. */
  reveal(index: number): void;
}

export interface GridViewOptions {
  scroller: RefObject<HTMLElement | null>;
  total: number;
  /** Stays with the last rows as they come. */
  follow: boolean;
  onRange: ((start: number, count: number) => void) | undefined;
}

export function useGridView({ scroller, total, follow, onRange }: GridViewOptions): GridView {
  const [view, setView] = useState({ top: 0, height: 0, width: 1200 });

  const measure = useCallback(
    (element: HTMLElement) => {
      setView({ top: element.scrollTop, height: element.clientHeight, width: element.clientWidth });
      const first = Math.max(0, Math.floor(element.scrollTop / ROW_PX) - ROWS_AROUND);
      onRange?.(first, Math.ceil(element.clientHeight / ROW_PX) + 2 * ROWS_AROUND);
    },
    [onRange],
  );
  useMeasured(scroller, measure);

  useLayoutEffect(() => {
    const element = scroller.current!;
    // The height follows from `total`: a new one is a reason to go to the end again.
    if (!follow || total === 0) return;
    element.scrollTop = element.scrollHeight;
    // Now, not at the scroll event: nothing is painted of a place without rows.
    setView((before) => ({ ...before, top: element.scrollTop }));
  }, [scroller, follow, total]);

  const { top, height, width } = view;
  return {
    width,
    page: Math.max(1, Math.floor(height / ROW_PX) - 1),
    top: Math.floor(top / ROW_PX),
    first: Math.max(0, Math.floor(top / ROW_PX) - ROWS_AROUND),
    last: Math.ceil((top + height) / ROW_PX) + ROWS_AROUND,
    reveal: (index) => {
      const element = scroller.current!;
      const y = index * ROW_PX;
      if (y < element.scrollTop) element.scrollTop = y;
      else if (y + ROW_PX > element.scrollTop + element.clientHeight)
        element.scrollTop = y + ROW_PX - element.clientHeight;
    },
  };
}
