/** Words and strings of a filter → values of the kind that they are compared with. */
import type { Field } from '../dissect/field.ts';
import { encodeUtf8 } from '../text/utf8.ts';
import { type Datum, KIND_WORDS, type Kind } from './datum.ts';
import { FilterError } from './error.ts';
import type { Place, Value } from './syntax.ts';

export interface Literal extends Place {
  kind: 'word' | 'string' | 'char';
  text: string;
}

export function isLiteral(value: Value): value is Literal {
  return value.kind === 'word' || value.kind === 'string' || value.kind === 'char';
}

/** A value, and for address prefixes how many bits of it count. */
export interface Constant {
  value: Datum;
  prefix?: number;
}

/** @param fields definitions of the field it is compared with: value names, widths */
export function constant(literal: Literal, kind: Kind, fields: readonly Field[]): Constant {
  const found = convert(literal, kind, fields);
  if (found !== undefined) return found;
  const { at, length, text } = literal;
  throw new FilterError(`"${text}" is not ${KIND_WORDS[kind]}`, at, length);
}

function convert(literal: Literal, kind: Kind, fields: readonly Field[]): Constant | undefined {
  const { text } = literal;
  switch (kind) {
    case 'number':
      return numberConstant(literal, fields);
    case 'boolean':
      return wrap(booleanOf(text, fields));
    case 'ipv4':
      return ipv4Prefix(text);
    case 'ipv6':
      return ipv6Prefix(text);
    case 'ether': {
      const bytes = separated(text);
      return bytes?.length === 6 ? { value: bytes } : undefined;
    }
    case 'bytes':
      return wrap(literal.kind === 'word' ? bytesOf(text) : encodeUtf8(text));
    case 'string':
      return { value: text };
    case 'time':
      return wrap(timeOf(text));
    case 'none':
      return undefined;
  }
}

const wrap = (value: Datum | undefined): Constant | undefined => (value === undefined ? undefined : { value });

function numberConstant(literal: Literal, fields: readonly Field[]): Constant | undefined {
  const { text, kind, at, length } = literal;
  if (kind === 'char') return text.length === 1 ? { value: text.charCodeAt(0) } : undefined;
  const value = kind === 'word' ? numberOf(text) : (namedValue(text, fields) ?? numberOf(text));
  if (value === undefined) return wrap(namedValue(text, fields));
  const bits = Math.max(0, ...fields.map(bitsOf));
  if (bits > 0 && typeof value === 'number' && !Number.isInteger(value)) return undefined;
  if (bits > 0 && bits < 64 && value > 2n ** BigInt(bits) - 1n)
    throw new FilterError(
      `${text} is too large: ${fields[0]!.name} holds at most ${2n ** BigInt(bits) - 1n}`,
      at,
      length,
    );
  return { value };
}

function bitsOf(field: Field): number {
  const width = /^u?int(\d+)$/.exec(field.type);
  return width ? Number(width[1]) : 0;
}

/** Decimal, 0x, 0b or octal with a leading 0; exact beyond 2^53. */
export function numberOf(text: string): number | bigint | undefined {
  const digits = /^(-?)(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)$/.exec(text);
  if (!digits) {
    return /^-?\d+\.\d+$/.test(text) ? Number(text) : undefined;
  }
  const octal = /^0[0-7]+$/.test(digits[2]!);
  if (/^0\d+$/.test(digits[2]!) && !octal) return undefined;
  const magnitude = BigInt(octal ? `0o${digits[2]!.slice(1)}` : digits[2]!);
  const value = digits[1] ? -magnitude : magnitude;
  return value >= -0x1fffffffffffffn && value <= 0x1fffffffffffffn ? Number(value) : value;
}

/** A number by its name in the field's table ("Echo (ping) request"). */
function namedValue(text: string, fields: readonly Field[]): number | undefined {
  for (const { names } of fields) {
    if (!names) continue;
    if (typeof names === 'object') {
      for (const [value, name] of Object.entries(names))
        if (name.toLowerCase() === text.toLowerCase()) return Number(value);
    } else
      for (let value = 0; value < 1024; value++) if (names(value)?.toLowerCase() === text.toLowerCase()) return value;
  }
  return undefined;
}

function booleanOf(text: string, fields: readonly Field[]): number | undefined {
  const plain: Record<string, number> = { true: 1, false: 0, '1': 1, '0': 0 };
  const known = plain[text.toLowerCase()];
  if (known !== undefined) return known;
  for (const { truth } of fields) {
    if (truth?.[0].toLowerCase() === text.toLowerCase()) return 1;
    if (truth?.[1].toLowerCase() === text.toLowerCase()) return 0;
  }
  const number = numberOf(text);
  return number === undefined ? undefined : Number(number !== 0);
}

export function ipv4Of(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (!parts || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

function ipv4Prefix(text: string): Constant | undefined {
  const [address, bits] = text.split('/', 2);
  const value = ipv4Of(address!);
  if (value === undefined) return undefined;
  if (bits === undefined) return { value };
  return /^\d+$/.test(bits) && Number(bits) <= 32 ? { value, prefix: Number(bits) } : undefined;
}

function ipv6Prefix(text: string): Constant | undefined {
  const [address, bits] = text.split('/', 2);
  const value = ipv6Of(address!);
  if (value === undefined) return undefined;
  if (bits === undefined) return { value };
  return /^\d+$/.test(bits) && Number(bits) <= 128 ? { value, prefix: Number(bits) } : undefined;
}

/** RFC 4291 §2.2. */
export function ipv6Of(text: string): Uint8Array | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted ? ipv4Of(dotted[2]!) : undefined;
  if (dotted && tail === undefined) return undefined;
  const whole = dotted ? `${dotted[1]}${(tail! >>> 16).toString(16)}:${(tail! & 0xffff).toString(16)}` : text;
  const halves = whole.split('::');
  if (halves.length > 2) return undefined;
  const groups = (half: string) => (half === '' ? [] : half.split(':'));
  const head = groups(halves[0]!);
  const end = halves.length === 2 ? groups(halves[1]!) : [];
  const missing = 8 - head.length - end.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...head, ...Array.from({ length: missing }, () => '0'), ...end];
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return Uint8Array.from(all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]));
}

/** "00:11:22", "00-11-22", "0011.2233": two digits a byte, one kind of separator. */
function separated(text: string): Uint8Array | undefined {
  const cisco = /^[0-9a-fA-F]{4}(\.[0-9a-fA-F]{4})+$/.test(text);
  if (!cisco && !/^[0-9a-fA-F]{1,2}([:.-][0-9a-fA-F]{1,2})*$/.test(text)) return undefined;
  if (cisco) return hexBytes(text.replaceAll('.', ''));
  return Uint8Array.from(text.split(/[:.-]/), (digits) => Number.parseInt(digits, 16));
}

function hexBytes(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

/** Bytes: with separators, as one run of hexadecimal digits, or a single number up to 255. */
function bytesOf(text: string): Uint8Array | undefined {
  const bytes = separated(text);
  if (bytes) return bytes;
  if (/^([0-9a-fA-F]{2})+$/.test(text)) return hexBytes(text);
  const number = numberOf(text);
  return typeof number === 'number' && number >= 0 && number <= 255 ? Uint8Array.of(number) : undefined;
}

/** Seconds ("1.5"), or a date ("2024-01-02 03:04:05.123456789", UTC as everything that is shown; "Jan  2, 2024 03:04:05"). → ns */
export function timeOf(text: string): bigint | undefined {
  const seconds = /^(-?)(\d+)(?:\.(\d{1,9}))?$/.exec(text);
  if (seconds) {
    const ns = BigInt(seconds[2]!) * 1_000_000_000n + BigInt((seconds[3] ?? '').padEnd(9, '0'));
    return seconds[1] ? -ns : ns;
  }
  const date = /^(.*?)(?:\.(\d{1,9}))?\s*(?:UTC|Z)?$/.exec(text)!;
  const ms = Date.parse(
    `${date[1]!.trim().replace(/^(\d{4}-\d\d-\d\d) /, '$1T')}${/^\d{4}-\d\d-\d\dT/.test(date[1]!.trim().replace(' ', 'T')) ? 'Z' : ' UTC'}`,
  );
  if (Number.isNaN(ms)) return undefined;
  return BigInt(ms) * 1_000_000n + BigInt((date[2] ?? '').padEnd(9, '0'));
}
