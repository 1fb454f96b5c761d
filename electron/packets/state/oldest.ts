/**
 * Tables that must not grow for ever: the oldest entries go when there are too many. An eighth at once, since a Map steps over what was deleted
 * from its beginning each time it is asked for its first key: one at a time takes time that grows with the square.
 */
export function forgetOldest<K>(
  map: Map<K, unknown>,
  most: number,
  forget: (key: K) => void = (key) => void map.delete(key),
): void {
  if (map.size < most) return;
  let left = Math.max(1, most >> 3);
  for (const key of map.keys()) {
    if (left-- === 0) return;
    forget(key);
  }
}
