/**
 * Scrolling over a list that may be longer than an element can be (scroll-map.ts). Scrolling up ends following; reaching the end resumes it. Nothing of
 * it is React state but the size of the viewport: whoever moves redraws.
 */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { type ScrollMap, scrollMap, scrollTopOf, topOf } from './scroll-map.ts';

/** --row-h of tokens.css. */
export const ROW_PX = 22;
const WHEEL_LINE_PX = 22;

/** Height in px of what shows rows, as it is now. */
export function useViewportPx(scroller: RefObject<HTMLElement | null>): number {
  const [px, setPx] = useState(0);
  useLayoutEffect(() => {
    const element = scroller.current!;
    const measure = () => setPx(element.clientHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller]);
  return px;
}

export interface Scroll {
  readonly map: ScrollMap;
  /** px of the whole list above the viewport. */
  readonly top: RefObject<number>;
  readonly px: number;
  moveTo(next: number): void;
}

export interface Scrolled {
  scroller: RefObject<HTMLElement | null>;
  px: number;
  /** Rows of the list, and what tells that they are others. */
  total: number;
  generation: number;
  follow: boolean;
  onFollow(follow: boolean): void;
  redraw(): void;
}

export function useScroll({ scroller, px, total, generation, follow, onFollow, redraw }: Scrolled): Scroll {
  const top = useRef(0);
  const map = scrollMap(total, ROW_PX, px);
  if (follow) top.current = map.maxTop;
  const latest = useRef({ map, onFollow, px });
  latest.current = { map, onFollow, px };

  /** The bar follows, and its own event is then no news. */
  const moveTo = useCallback(
    (next: number) => {
      const now = latest.current;
      top.current = Math.max(0, Math.min(now.map.maxTop, next));
      if (scroller.current) scroller.current.scrollTop = scrollTopOf(now.map, top.current, now.px);
      redraw();
    },
    [scroller, redraw],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: more rows or another height are what there is to react to
  useLayoutEffect(() => {
    // What is drawn is there already; the bar is to come after.
    if (follow) scroller.current!.scrollTop = scrollTopOf(map, map.maxTop, px);
    else if (top.current > map.maxTop) moveTo(map.maxTop);
  }, [total, generation, px, follow, moveTo]);

  useEffect(() => {
    const element = scroller.current!;
    const onScroll = () => {
      const now = latest.current;
      if (Math.abs(scrollTopOf(now.map, top.current, now.px) - element.scrollTop) < 1) return;
      const next = topOf(now.map, element.scrollTop, now.px);
      if (next < top.current - 1) now.onFollow(false);
      else if (next >= now.map.maxTop - 1) now.onFollow(true);
      top.current = next;
      redraw();
    };
    const onWheel = (event: WheelEvent) => {
      const now = latest.current;
      if (event.deltaY < 0) now.onFollow(false);
      if (!now.map.scaled || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      const next = top.current + event.deltaY * (event.deltaMode === 1 ? WHEEL_LINE_PX : 1);
      if (next >= now.map.maxTop) now.onFollow(true);
      moveTo(next);
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      element.removeEventListener('scroll', onScroll);
      element.removeEventListener('wheel', onWheel);
    };
  }, [scroller, moveTo, redraw]);
  return { map, top, px, moveTo };
}
