/** Addresses, hexadecimal and bit patterns as text. Bytes that are not there read as 0. Tables instead of number formatting: these run for every row shown. */
const DECIMAL = Array.from({ length: 256 }, (_, i) => String(i));
const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));
const SHORT = Array.from({ length: 256 }, (_, i) => i.toString(16));

export function ipv4Text(b: Uint8Array, at: number): string {
  return `${DECIMAL[b[at]! & 255]}.${DECIMAL[b[at + 1]! & 255]}.${DECIMAL[b[at + 2]! & 255]}.${DECIMAL[b[at + 3]! & 255]}`;
}

export function macText(b: Uint8Array, at: number): string {
  return `${HEX[b[at]! & 255]}:${HEX[b[at + 1]! & 255]}:${HEX[b[at + 2]! & 255]}:${HEX[b[at + 3]! & 255]}:${HEX[b[at + 4]! & 255]}:${HEX[b[at + 5]! & 255]}`;
}

/** RFC 5952: lower case, the first longest run of two or more zero groups becomes "::", mapped IPv4 dotted. */
export function ipv6Text(b: Uint8Array, at: number): string {
  let bestStart = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; ) {
    let run = 0;
    while (i + run < 8 && b[at + 2 * (i + run)] === 0 && b[at + 2 * (i + run) + 1] === 0) run++;
    if (run > bestLength) {
      bestStart = i;
      bestLength = run;
    }
    i += run + 1;
  }
  const dotted =
    bestStart === 0 && (bestLength === 6 || (bestLength === 5 && b[at + 10] === 0xff && b[at + 11] === 0xff));
  const groups = dotted ? 6 : 8;
  let out = '';
  for (let i = 0; i < groups; i++) {
    if (i === bestStart) {
      out += i === 0 ? '::' : ':';
      i += bestLength - 1;
      continue;
    }
    const high = b[at + 2 * i]! & 255;
    const low = b[at + 2 * i + 1]! & 255;
    out += high > 0 ? SHORT[high]! + HEX[low]! : SHORT[low]!;
    if (i < 7) out += ':';
  }
  return dotted ? out + ipv4Text(b, at + 12) : out;
}

/** Lower-case hexadecimal without separators. */
export function hexText(b: Uint8Array, start: number, end: number): string {
  let out = '';
  for (let i = start; i < end && i < b.length; i++) out += HEX[b[i]!];
  return out;
}

/** 0x and `digits` digits. */
export function hex(value: number | bigint, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

/** ".... ..1. " style: the bits of `mask` shown, others as dots, in groups of four from the right end of `bits`. */
export function bitPattern(container: number, mask: number, bits: number): string {
  let out = '';
  for (let i = bits - 1; i >= 0; i--) {
    out += (mask >>> i) & 1 ? ((container >>> i) & 1 ? '1' : '0') : '.';
    if (i > 0 && i % 4 === 0) out += ' ';
  }
  return out;
}
