/** Times as text. Always UTC, so that nothing depends on the machine. */

/** Seconds with nine digits. */
export function secondsText(ns: bigint): string {
  const whole = ns < 0n ? -ns : ns;
  const text = whole.toString().padStart(10, '0');
  return `${ns < 0n ? '-' : ''}${text.slice(0, -9)}.${text.slice(-9)}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** "Jan  2, 2024 03:04:05.000000001 UTC": always UTC, so that the text does not depend on the machine. */
export function timeText(epochNs: bigint): string {
  const milliseconds = Number(epochNs / 1_000_000n);
  if (!(Math.abs(milliseconds) <= 8.64e15)) return secondsText(epochNs);
  const date = new Date(milliseconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)}, ${date.getUTCFullYear()}`;
  const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${day} ${clock}.${secondsText(epochNs).slice(-9)} UTC`;
}
