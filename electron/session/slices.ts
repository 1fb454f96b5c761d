/** Long work in slices, so that the event loop is never blocked for more than one of them. */
const SLICE_MS = 8;

/** Calls `step` until it returns false or `signal` aborts, yielding between slices. A step is a fraction of a millisecond. */
export async function inSlices(step: () => boolean, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const end = performance.now() + SLICE_MS;
    while (performance.now() < end) if (!step()) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
