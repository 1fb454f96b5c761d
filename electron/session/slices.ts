/** Long work in slices, so that the event loop is never blocked for more than one of them. */
const SLICE_MS = 8;

/**
 * Calls `step` until it returns false or `signal` aborts, yielding between slices. A step is a fraction of a millisecond.
 * @param pauseMs after each slice, for work that others go before; asked anew each time
 */
export async function inSlices(step: () => boolean, signal: AbortSignal, pauseMs = () => 0): Promise<void> {
  while (!signal.aborted) {
    const end = performance.now() + SLICE_MS;
    while (performance.now() < end) if (!step()) return;
    const pause = pauseMs();
    await new Promise<void>((resolve) => (pause > 0 ? setTimeout(resolve, pause) : setImmediate(resolve)));
  }
}
