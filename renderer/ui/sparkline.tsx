/**
 * A small line of the last minute, painted without React. The newest point sits at the right edge; the vertical scale is the
 * largest value in view (at least `floor`), so a quiet interface draws a flat line rather than noise.
 */
import { useEffect, useRef } from 'react';
import styles from './sparkline.module.css';

export interface SparklineProps {
  values(): readonly number[];
  /** Points across the full width. */
  points: number;
  subscribe(paint: () => void): () => void;
  floor?: number;
  className?: string | undefined;
}

const W = 120;
const H = 24;

/** The path of a line and of the area under it, in a W×H box. */
export function sparkPath(values: readonly number[], points: number, floor: number): { line: string; area: string } {
  if (values.length < 2) return { line: '', area: '' };
  const max = Math.max(floor, ...values);
  const step = W / (points - 1);
  const x0 = W - (values.length - 1) * step;
  const dots = values.map(
    (value, i) => `${(x0 + i * step).toFixed(1)} ${(H - 0.5 - (value / max) * (H - 2)).toFixed(1)}`,
  );
  const line = `M${dots.join('L')}`;
  return { line, area: `${line}L${W} ${H}L${x0.toFixed(1)} ${H}Z` };
}

export function Sparkline({ values, points, subscribe, floor = 10, className }: SparklineProps) {
  const line = useRef<SVGPathElement>(null);
  const area = useRef<SVGPathElement>(null);
  const latest = useRef(values);
  latest.current = values;
  useEffect(() => {
    const paint = () => {
      const path = sparkPath(latest.current(), points, floor);
      line.current?.setAttribute('d', path.line);
      area.current?.setAttribute('d', path.area);
    };
    paint();
    return subscribe(paint);
  }, [subscribe, points, floor]);
  return (
    <svg className={className} viewBox={`0 0 ${W} ${H}`} preserveAspectRatio="none" aria-hidden>
      <path d={`M0 ${H - 0.5}H${W}`} className={styles.base} vectorEffect="non-scaling-stroke" />
      <path ref={area} className={styles.area} />
      <path ref={line} className={styles.line} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
