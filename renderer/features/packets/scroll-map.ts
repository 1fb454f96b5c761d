/**
 * Scroll position ↔ rows, for lists longer than a browser's tallest element (about 33 million px). Up to MAX_PX the scroll bar is
 * one to one; beyond, it is a scale, and small movements (wheel, keys) go by rows instead of by the bar. Pure.
 */
export const MAX_PX = 8_000_000;

export interface ScrollMap {
  /** Height of the element that the browser scrolls. */
  spacerPx: number;
  /** Largest `top`, in px of the whole list. */
  maxTop: number;
  /** True when one px of the bar is more than one px of the list. */
  scaled: boolean;
}

export function scrollMap(total: number, rowPx: number, viewPx: number): ScrollMap {
  const height = total * rowPx;
  return { spacerPx: Math.min(height, MAX_PX), maxTop: Math.max(0, height - viewPx), scaled: height > MAX_PX };
}

/** The browser's scrollTop → px of the whole list. */
export function topOf(map: ScrollMap, scrollTop: number, viewPx: number): number {
  if (!map.scaled) return Math.min(scrollTop, map.maxTop);
  return Math.min(1, scrollTop / Math.max(1, map.spacerPx - viewPx)) * map.maxTop;
}

/** The inverse: where to put the bar for `top`. */
export function scrollTopOf(map: ScrollMap, top: number, viewPx: number): number {
  if (!map.scaled) return top;
  return map.maxTop === 0 ? 0 : (top / map.maxTop) * (map.spacerPx - viewPx);
}

/** For rows that one is sent to from afar: what is around them is to be seen too. Near ones move the list as little as can be. */
export function revealAmid(top: number, index: number, rowPx: number, viewPx: number): number {
  const nearest = reveal(top, index, rowPx, viewPx);
  if (Math.abs(nearest - top) <= 2 * rowPx) return nearest;
  return Math.max(0, Math.round(index - viewPx / rowPx / 2) * rowPx);
}

/** The smallest change of `top` that shows row `index` whole. */
export function reveal(top: number, index: number, rowPx: number, viewPx: number): number {
  const above = index * rowPx;
  const below = above + rowPx - viewPx;
  return Math.min(above, Math.max(top, below));
}
