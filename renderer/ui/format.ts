/**
 * Numbers and times as the window writes them. Pure. Compact forms have a bounded width, so live figures do not jump:
 * at most four significant characters and a unit.
 */
const SI = ['', 'k', 'M', 'G', 'T'] as const;

/** 1234567 → "1,234,567". */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** At most four characters of figure: 0 "0", 999 "999", 1234 "1.23k", 45678 "45.7k". */
export function compact(value: number): string {
  const [figure, prefix] = scaled(value);
  return figure + prefix;
}

/** "1.23" and "k": for places that style the unit apart. Below 10 keeps one decimal unless whole. */
export function scaled(value: number): [figure: string, prefix: string] {
  const sign = value < 0 ? '-' : '';
  let rest = Math.abs(value);
  let power = 0;
  while (rest >= 999.5 && power < SI.length - 1) {
    rest /= 1000;
    power++;
  }
  let digits = 0;
  if (power > 0) digits = rest < 9.995 ? 2 : rest < 99.95 ? 1 : 0;
  else if (rest < 9.95 && !Number.isInteger(rest)) digits = 1;
  return [sign + rest.toFixed(digits), SI[power]!];
}

/** 1_234_000 → "1.23 Mbit/s". */
export function bitRate(bitsPerSecond: number): string {
  const [figure, prefix] = scaled(bitsPerSecond);
  return `${figure} ${prefix}bit/s`;
}

/** 1234 → "1.23k pps". */
export function packetRate(pps: number): string {
  return `${compact(pps)} pps`;
}

/** Bytes in powers of 1000: "1.23 MB". */
export function bytes(value: number): string {
  const [figure, prefix] = scaled(value);
  return `${figure} ${prefix}B`;
}

/** A span in the unit that suits it, at most four significant digits: "1.5 s", "250 ms", "12 µs". */
export function span(seconds: number): string {
  const size = Math.abs(seconds);
  const [factor, unit] = size === 0 || size >= 1 ? [1, 's'] : size >= 1e-3 ? [1e3, 'ms'] : [1e6, 'µs'];
  return `${Number((seconds * factor).toPrecision(4))} ${unit}`;
}

/** Seconds → "0:07", "12:34", "1:02:03". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const h = Math.floor(whole / 3600);
  const m = Math.floor(whole / 60) % 60;
  const s = String(whole % 60).padStart(2, '0');
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${s}` : `${m}:${s}`;
}

/** Epoch ms → "14:03:59" in local time. */
export function clock(epochMs: number): string {
  const date = new Date(epochMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** "1 packet", "1,234 packets". */
export function count(value: number, noun: string): string {
  return `${grouped(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** An error's message as a sentence of its own: full stop last, capital first unless it begins with a name ("eth0", "a.pcapng", xdpeek). */
export function sentence(message: string): string {
  const text = message.trim();
  const [first = ''] = text.split(/[\s,:;]/, 1);
  const begun =
    /^[a-z]+([-'’][a-z]+)*[.!?…]?$/.test(first) && first !== 'xdpeek' ? text[0]!.toUpperCase() + text.slice(1) : text;
  return begun && begun + (/[.!?…]$/.test(begun) ? '' : '.');
}

const PROTOCOL_NAMES: Record<string, string> = {
  icmpv6: 'ICMPv6',
  'other-ipv4': 'other IPv4',
  'other-ipv6': 'other IPv6',
  other: 'other',
};

/** Keys of protocols ("tcp", "icmpv6") as people write them. */
export function protocolName(key: string): string {
  return PROTOCOL_NAMES[key] ?? key.toUpperCase();
}
