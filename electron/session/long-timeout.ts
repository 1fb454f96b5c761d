/** A timer for any number of seconds: setTimeout takes 24 days at most, and fires at once beyond that. */
const LONGEST_MS = 2 ** 31 - 1;

export function longTimeout(seconds: number, done: () => void): { cancel(): void } {
  let leftMs = seconds * 1000;
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const now = Math.min(leftMs, LONGEST_MS);
    leftMs -= now;
    timer = setTimeout(leftMs > 0 ? wait : done, now);
  };
  wait();
  return { cancel: () => clearTimeout(timer) };
}
