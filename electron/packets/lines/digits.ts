/** Numbers as decimal digits in bytes, two at a time by a table. */

const ZERO = 48;
/** "00" to "99". */
const PAIRS = Uint8Array.from({ length: 200 }, (_, i) => ZERO + (i % 2 === 0 ? Math.floor(i / 20) : (i >> 1) % 10));
const SMALL = 0x7fffffff;

/** Two digits after the other from the end on; what is left of the number is not written. */
function down(bytes: Uint8Array, end: number, value: number, digits: number): void {
  let left = value | 0;
  let at = end;
  for (let i = digits; i > 1; i -= 2) {
    const over = (left / 100) | 0;
    const pair = 2 * (left - 100 * over);
    bytes[--at] = PAIRS[pair + 1]!;
    bytes[--at] = PAIRS[pair]!;
    left = over;
  }
  if (digits & 1) bytes[at - 1] = ZERO + (left % 10);
}

const POWERS = Int32Array.from({ length: 10 }, (_, i) => 10 ** i);

/** Of a number up to 2^31. */
export function digitsOf(value: number): number {
  // 1233 / 4096 is log10(2), as far as it matters here.
  const fewer = ((32 - Math.clz32(value)) * 1233) >> 12;
  return value < POWERS[fewer]! ? Math.max(1, fewer) : fewer + 1;
}

/** Writes the last `digits` digits of a number up to 2^31, zeros included. Returns where the next byte goes. */
export function fixed(bytes: Uint8Array, at: number, value: number, digits: number): number {
  down(bytes, at + digits, value, digits);
  return at + digits;
}

/** @param value a whole number, 0 to 2^53. Returns where the next byte goes. */
export function decimal(bytes: Uint8Array, at: number, value: number): number {
  if (value <= SMALL) return fixed(bytes, at, value, digitsOf(value));
  const high = Math.floor(value / 1e6);
  return fixed(bytes, decimal(bytes, at, high), value - 1e6 * high, 6);
}
