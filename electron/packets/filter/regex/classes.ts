/** Named classes of bytes: `\d`, `[:alpha:]`. ASCII, as in Wireshark, which looks at bytes too. */
import { type ByteSet, inverted, isWordByte, setOf } from './syntax.ts';

const within = (low: number, high: number) => (byte: number) => byte >= low && byte <= high;
const digit = within(0x30, 0x39);
const upper = within(0x41, 0x5a);
const lower = within(0x61, 0x7a);
const alpha = (byte: number) => upper(byte) || lower(byte);
const space = (byte: number) => byte === 0x20 || within(9, 13)(byte);
const graph = within(0x21, 0x7e);

const ESCAPED: Readonly<Record<string, ByteSet>> = {
  d: setOf(digit),
  w: setOf(isWordByte),
  s: setOf(space),
  h: setOf((byte) => byte === 9 || byte === 0x20 || byte === 0xa0),
  v: setOf((byte) => within(10, 13)(byte) || byte === 0x85),
  N: setOf((byte) => byte !== 10),
};

const POSIX: Readonly<Record<string, ByteSet>> = {
  alpha: setOf(alpha),
  digit: setOf(digit),
  alnum: setOf((byte) => alpha(byte) || digit(byte)),
  upper: setOf(upper),
  lower: setOf(lower),
  space: setOf(space),
  blank: setOf((byte) => byte === 9 || byte === 0x20),
  cntrl: setOf((byte) => byte < 0x20 || byte === 0x7f),
  graph: setOf(graph),
  print: setOf((byte) => byte === 0x20 || graph(byte)),
  punct: setOf((byte) => graph(byte) && !alpha(byte) && !digit(byte)),
  xdigit: setOf((byte) => digit(byte) || within(0x41, 0x46)(byte) || within(0x61, 0x66)(byte)),
  word: setOf(isWordByte),
};

/** `\d`, `\D` and their kind. */
export function escapedClass(letter: string): ByteSet | undefined {
  const known = ESCAPED[letter];
  if (known) return known;
  const opposite = letter === 'N' ? undefined : ESCAPED[letter.toLowerCase()];
  return opposite && inverted(opposite);
}

export function posixClass(name: string): ByteSet | undefined {
  return Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
}
