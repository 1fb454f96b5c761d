/** Long work in slices, so that the event loop is never blocked for longer than one; several that run at a time share it. */
const SLICE_MS = 8;

let running = 0;

/**
 * Calls `step` until it returns false or `signal` aborts, yielding between slices. A step is a fraction of a millisecond.
 * @param pauseMs after each slice, for work that others go before; asked anew each time, with how late the pause before has ended
 */
export async function inSlices(
  step: () => boolean,
  signal: AbortSignal,
  pauseMs: (lateMs: number) => number = () => 0,
): Promise<void> {
  running++;
  let lateMs = 0;
  try {
    while (!signal.aborted) {
      const end = performance.now() + SLICE_MS / running;
      do if (!step()) return;
      while (performance.now() < end);
      lateMs = await turn(pauseMs(lateMs));
    }
  } finally {
    running--;
  }
}

/** Resolves with how late the pause ended, ms. */
async function turn(pauseMs: number): Promise<number> {
  if (pauseMs <= 0) return new Promise((resolve) => setImmediate(resolve, 0));
  running--;
  const until = performance.now() + pauseMs;
  await new Promise<void>((resolve) => setTimeout(resolve, pauseMs));
  running++;
  return performance.now() - until;
}
