/** Bytes as people write them: hexadecimal digits with or without spaces, colons, "0x", "\x", line ends; or a dump with offsets in front and characters behind. */

export class HexError extends Error {}

/** `xxd`, `hexdump -C`, `tshark -x`, this program's own: offset, bytes, two spaces and characters. */
const DUMP_LINE =
  /^\s*([0-9a-fA-F]{4,8}):?\s{1,2}((?:[0-9a-fA-F]{2,4}\s{1,2})*[0-9a-fA-F]{2,4})(?:\s*$|\s{2,}.*$|\s+\|.*$)/;
const COMMENT = /(^|\s)(#|\/\/).*$/;

/** Throws HexError that says where and what. */
export function hexToBytes(text: string): Uint8Array {
  return dumpBytes(text) ?? plainBytes(text);
}

function plainBytes(text: string): Uint8Array {
  const lines = text.split('\n').map((line) => line.replace(COMMENT, ''));
  let digits = '';
  for (const [at, line] of lines.entries()) {
    const clean = line.replace(/0x|\\x/gi, ' ').replace(/[\s:,;{}-]/g, '');
    const wrong = /[^0-9a-fA-F]/.exec(clean);
    if (wrong) {
      const place = lines.length > 1 ? ` in line ${at + 1}` : '';
      throw new HexError(`"${wrong[0]}"${place} is no hexadecimal digit`);
    }
    digits += clean;
  }
  if (digits.length % 2 === 1) throw new HexError(`there are ${digits.length} digits: the last byte is half`);
  return pairs(digits);
}

/** Undefined: not every line is one of a dump whose offsets go on. */
function dumpBytes(text: string): Uint8Array | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  let digits = '';
  for (const line of lines) {
    const [, offset, bytes] = DUMP_LINE.exec(line) ?? [];
    // The last line of hexdump is an offset alone.
    if (offset === undefined)
      return line === lines.at(-1) && isEnd(line, digits.length / 2) ? pairs(digits) : undefined;
    if (Number.parseInt(offset, 16) !== digits.length / 2) return undefined;
    digits += bytes!.replace(/\s/g, '');
  }
  return lines.length > 0 && digits.length % 2 === 0 ? pairs(digits) : undefined;
}

const isEnd = (line: string, length: number) =>
  length > 0 && /^[0-9a-fA-F]{4,8}$/.test(line.trim()) && Number.parseInt(line, 16) === length;

const pairs = (digits: string) =>
  Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));

const TWO = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function bytesToHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += TWO[byte];
  return text;
}
