/**
 * One AbortSignal for every way a person or the system ends a command. The first signal asks for a clean end (detach,
 * summary). A second one ends at once, for the case that the clean end hangs on a reader that stands still: SIGKILL, because a
 * thread inside write(2) would keep exit(3) waiting. Privileged notices and detaches. What comes right behind the first is that one
 * again: timeout(1) and npm send theirs to us and to our group.
 */

export interface StopSignal {
  readonly signal: AbortSignal;
  abort(reason: Error): void;
  /** Gives the signals back to Node. */
  release(): void;
}

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const ECHO_MS = 250;

export function stopSignal(): StopSignal {
  const controller = new AbortController();
  let firstMs = Number.NEGATIVE_INFINITY;
  const onSignal = (name: NodeJS.Signals): void => {
    const now = performance.now();
    if (now - firstMs < ECHO_MS) return;
    if (controller.signal.aborted) process.kill(process.pid, 'SIGKILL');
    firstMs = now;
    controller.abort(new Error(`ended by ${name}`));
  };
  for (const name of ENDING) process.on(name, onSignal);
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release: () => {
      for (const name of ENDING) process.off(name, onSignal);
    },
  };
}

/** Resolves when `signal` aborts or after `ms`, whichever is first; leaves no timer behind. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
