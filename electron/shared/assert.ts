/** Narrowing checks for code that must not go on with a broken invariant. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`xdpeek internal error: ${message}`);
}

/** Exhaustiveness: reaching this with a value is a compile error first and a run-time error second. */
export function unreachable(value: never): never {
  throw new Error(`xdpeek internal error: unexpected ${JSON.stringify(value)}`);
}
