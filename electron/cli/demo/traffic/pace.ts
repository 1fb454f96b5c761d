/** When things happen: intervals with jitter, and a load level that rises and falls so that charts have a shape. */

export const between = (low: number, high: number): number => low + Math.random() * (high - low);

export const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;

/**
 * Calls `action` again and again, `averageMs` apart on average (±40 %). A slow or failing action delays or skips nothing else; the
 * process's own end is the only way to stop it.
 */
export function repeat(averageMs: () => number, action: () => unknown): void {
  const next = () => setTimeout(turn, averageMs() * between(0.6, 1.4));
  const turn = () => {
    Promise.resolve()
      .then(action)
      .catch(() => {});
    next();
  };
  next();
}

/** 0.15 (quiet) to 1 (busy): a 24 s swell under a slower one. */
export function load(nowMs = performance.now()): number {
  const wave = (periodMs: number) => 0.5 + 0.5 * Math.sin((2 * Math.PI * nowMs) / periodMs);
  return 0.15 + 0.6 * wave(24_000) + 0.25 * wave(97_000);
}
