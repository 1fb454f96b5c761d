/** Axes of charts: a scale that does not jump, ticks that glide with time. Pure. */

/** The next of 1, 1.5, 2, 3, 4, 5, 6, 8 × 10ⁿ above `value` (at least 10): few steps, so the axis rarely changes. */
export function niceTop(value: number): number {
  const wanted = Math.max(10, value * 1.05);
  const magnitude = 10 ** Math.floor(Math.log10(wanted));
  for (const step of [1, 1.5, 2, 3, 4, 5, 6, 8, 10]) if (step * magnitude >= wanted) return step * magnitude;
  return 10 * magnitude;
}

/** 1500 → "1.5k", 3000 → "3k": round values without trailing zeros. */
export function axisLabel(value: number): string {
  const power = value === 0 ? 0 : Math.min(4, Math.floor(Math.log10(Math.abs(value)) / 3));
  if (power < 1) return String(value);
  return `${Number((value / 1000 ** power).toPrecision(3))}${'kMGT'[power - 1]}`;
}

const TICK_STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14400, 86400];

/** Whole multiples of a round step inside [from, to] ms, at most `most`: they move with the data instead of being renumbered. */
export function timeTicks(from: number, to: number, most: number): number[] {
  const span = (to - from) / 1000;
  const step = (TICK_STEPS_S.find((seconds) => span / seconds <= most) ?? span / most) * 1000;
  const ticks: number[] = [];
  for (let t = Math.ceil(from / step) * step; t <= to; t += step) ticks.push(t);
  return ticks;
}
