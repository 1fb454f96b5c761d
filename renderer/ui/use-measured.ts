/** Measuring what scrolls: at once, and whenever its size or its place changes. */
import { type RefObject, useLayoutEffect } from 'react';

/** @param measure kept by useCallback: another one measures again */
export function useMeasured(scroller: RefObject<HTMLElement | null>, measure: (element: HTMLElement) => void): void {
  useLayoutEffect(() => {
    const element = scroller.current!;
    const look = () => measure(element);
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [scroller, measure]);
}
