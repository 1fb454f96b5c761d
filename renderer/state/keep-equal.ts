/**
 * What comes as a message is new each time, down to its smallest part, also where it says the same as the last one. Whoever selects a part of it
 * and draws that should not draw again.
 */
type Parts = Record<string, unknown>;

const isParts = (value: unknown): value is Parts => typeof value === 'object' && value !== null;

/** `next`, with the parts of `last` in the place of those that are equal; `last` itself when all is. For plain data: what JSON can say. */
export function keepEqual<T>(last: T, next: T): T {
  if (Object.is(last, next)) return last;
  if (!isParts(last) || !isParts(next) || Array.isArray(last) !== Array.isArray(next)) return next;
  const keys = Object.keys(next);
  const made: Parts = (Array.isArray(next) ? [] : {}) as Parts;
  let same = keys.length === Object.keys(last).length;
  for (const key of keys) {
    made[key] = Object.hasOwn(last, key) ? keepEqual(last[key], next[key]) : next[key];
    same &&= Object.hasOwn(last, key) && Object.is(made[key], last[key]);
  }
  return same ? last : (made as T);
}
