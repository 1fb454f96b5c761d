/**
 * A figure that changes many times a second: it reads its source itself and writes its own text, so React does not render for
 * it. The width is fixed in characters, so nothing beside it moves.
 */
import { useEffect, useRef } from 'react';
import { cx } from './cx.ts';

export interface TickerProps {
  /** Calls `paint` at each change; returns the undo. Must be stable. */
  subscribe(paint: () => void): () => void;
  text(): string;
  /** Characters kept free for it; 0 = as wide as it is. */
  width?: number;
  /** Where a shorter text sits in that width; default right. */
  align?: 'left' | 'right';
  className?: string | undefined;
}

export function Ticker({ subscribe, text, width = 0, align = 'right', className }: TickerProps) {
  const element = useRef<HTMLSpanElement>(null);
  const latest = useRef(text);
  const shown = useRef('');
  const paint = useRef(() => {
    const next = latest.current();
    if (next !== shown.current && element.current) element.current.textContent = next;
    shown.current = next;
  }).current;
  // A render can bring another text() without its source having changed.
  useEffect(() => {
    latest.current = text;
    paint();
  });
  useEffect(() => subscribe(paint), [subscribe, paint]);
  return (
    <span
      ref={element}
      className={cx('mono', className)}
      style={width > 0 ? { display: 'inline-block', minWidth: `${width}ch`, textAlign: align } : undefined}
    />
  );
}
