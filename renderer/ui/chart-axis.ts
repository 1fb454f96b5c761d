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

export interface ValueAxis {
  domain: [number, number];
  ticks: number[];
  label(tick: number): string;
}

/**
 * An axis for numbers of any size and sign: round ticks around them, with room above and below, also when they are all the same, and
 * labels of as many digits as tell the ticks apart. `zero`: it begins at zero (rates), unless there are numbers below.
 */
export function valueAxis(values: readonly number[], { zero = false }: { zero?: boolean } = {}): ValueAxis {
  let low = Math.min(...values, ...(zero || values.length === 0 ? [0] : []));
  let high = Math.max(...values, ...(zero || values.length === 0 ? [0] : []));
  const size = Math.max(Math.abs(low), Math.abs(high));
  // A flat line lies in the middle; one of zeros on the ground, as rates do.
  if (high === low) {
    const room = size === 0 ? 1 : Math.max(size * 0.1, size >= 1 ? 1 : 0);
    if (size !== 0) low -= room;
    high += room;
  }
  const step = roundStep((high - low) / 4);
  const from = Math.floor(low / step);
  const ticks = Array.from({ length: Math.ceil(high / step) - from + 1 }, (_, i) => tidy((from + i) * step));
  return { domain: [ticks[0]!, ticks.at(-1)!], ticks, label: labelFor(ticks, step) };
}

/** 1, 2 or 5 × 10ⁿ, at least `wanted`. */
function roundStep(wanted: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(wanted));
  return tidy(([1, 2, 5].find((step) => step * magnitude >= wanted * (1 - 1e-9)) ?? 10) * magnitude);
}

/** Without what binary fractions add: 0.30000000000000004. */
const tidy = (value: number) => Number(value.toPrecision(15));

function labelFor(ticks: readonly number[], step: number): (tick: number) => string {
  if (new Set(ticks.map(axisLabel)).size === ticks.length) return axisLabel;
  const decimals = Math.min(20, Math.max(0, -Math.floor(Math.log10(step))));
  return (tick) => tick.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
