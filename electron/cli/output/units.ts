/** Numbers for people: the same words everywhere on the command line. */

/** 1234567 → "1,234,567" (no locale: output is the same on every machine). */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Decimal multiples, three significant digits: 1536 → "1.54 kB". */
export function byteCount(value: number): string {
  return scaled(value, 'B');
}

/** bits a second → "12.3 Mbit/s". */
export function bitRate(bitsPerSecond: number): string {
  return scaled(bitsPerSecond, 'bit/s');
}

function scaled(value: number, unit: string): string {
  const steps = ['', 'k', 'M', 'G', 'T', 'P'];
  let step = 0;
  let rest = value;
  while (rest >= 999.5 && step < steps.length - 1) {
    rest /= 1000;
    step++;
  }
  const digits = step === 0 || rest >= 99.95 ? 0 : rest >= 9.995 ? 1 : 2;
  return `${rest.toFixed(step === 0 ? 0 : digits)} ${steps[step]}${unit}`;
}

export function plural(count: number, one: string): string {
  return `${grouped(count)} ${one}${count === 1 ? '' : 's'}`;
}

/** ns → "12.345 s". */
export function durationNs(ns: number): string {
  return `${(ns / 1e9).toFixed(3)} s`;
}
