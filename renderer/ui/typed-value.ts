/**
 * Typed values as forms need them: what a scalar takes, and changing one place of a nested value. Pure. The session checks again when it makes bytes of
 * them; here it is about saying what is wrong while somebody types.
 */
import type { CType, CValue } from '../../electron/shared/workbench-api.ts';

export type Path = readonly (string | number)[];

/** What is wrong with the text of a scalar; undefined = nothing. */
export function wrongScalar(type: CType, text: string, bits = 8 * type.bytes): string | undefined {
  const trimmed = text.trim();
  switch (type.kind) {
    case 'enum':
      if (type.values.some(({ name }) => name === trimmed)) return undefined;
      return wrongInteger(trimmed, bits, type.signed, `a name of ${type.name || 'the enum'} or a number`);
    case 'int':
      if (type.encoding === 'bool' && (trimmed === 'true' || trimmed === 'false')) return undefined;
      if (/^'[\x20-\x7e]'$/.test(trimmed)) return undefined;
      return wrongInteger(trimmed, bits, type.signed, 'a whole number');
    case 'pointer':
      return wrongInteger(trimmed, 64, false, 'an address');
    case 'float':
      return trimmed === '' || Number.isNaN(Number(trimmed)) ? 'Must be a number.' : undefined;
    case 'array':
      if (isChars(type) && trimmed.startsWith('"')) return wrongQuoted(trimmed, type.count);
      return wrongBytes(trimmed, type.bytes);
    case 'bytes':
      return wrongBytes(trimmed, type.bytes);
    default:
      return undefined;
  }
}

function wrongInteger(text: string, bits: number, signed: boolean, what: string): string | undefined {
  const [, sign, digits] = /^([+-]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|\d+)$/.exec(text) ?? [];
  if (digits === undefined) return `Must be ${what}.`;
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
  const low = signed ? -(1n << BigInt(bits - 1)) : 0n;
  const high = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
  return value < low || value > high ? `Takes ${low} to ${high}.` : undefined;
}

function wrongBytes(text: string, length: number): string | undefined {
  const digits = text.replace(/^0x/i, '').replace(/[\s:]/g, '');
  if (!/^([0-9a-fA-F]{2})*$/.test(digits)) return 'Must be bytes in hexadecimal.';
  return digits.length === 2 * length ? undefined : `Has ${digits.length / 2} of ${length} bytes.`;
}

function wrongQuoted(text: string, most: number): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'The closing quote is missing.';
  }
  if (typeof value !== 'string' || /[^\x20-\x7e]/.test(value)) return 'Must be plain characters in quotes.';
  return value.length > most ? `Has ${value.length} of at most ${most} characters.` : undefined;
}

const isChars = (type: CType) => type.kind === 'array' && type.of.kind === 'int' && type.of.encoding === 'char';

/** Whether this is one field: scalars, bytes, text, arrays of bytes. */
export function isLeaf(type: CType): boolean {
  if (type.kind === 'array') return type.of.kind === 'int' && type.of.bytes === 1;
  return type.kind !== 'struct' && type.kind !== 'union';
}

/** `value` with another one at `path`. What it does not name stays. */
export function withValue(value: CValue, path: Path, next: CValue): CValue {
  const [step, ...rest] = path;
  if (step === undefined) return next;
  if (Array.isArray(value)) return value.map((each, i) => (i === step ? withValue(each, rest, next) : each));
  const record = typeof value === 'object' ? value : {};
  return { ...record, [step]: withValue(record[step] ?? '', rest, next) };
}

export function sameValue(a: CValue, b: CValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The first thing that is wrong anywhere in it. */
export function wrongValue(type: CType, value: CValue): string | undefined {
  if (typeof value === 'string') return isLeaf(type) ? wrongScalar(type, value) : undefined;
  if (type.kind === 'array' && Array.isArray(value)) {
    for (const each of value) {
      const wrong = wrongValue(type.of, each);
      if (wrong) return wrong;
    }
    return undefined;
  }
  if ((type.kind !== 'struct' && type.kind !== 'union') || Array.isArray(value)) return undefined;
  for (const { name, type: inner, bitSize } of shownMembers(type)) {
    const member = value[name];
    if (member === undefined) continue;
    const wrong =
      typeof member === 'string' && isLeaf(inner) ? wrongScalar(inner, member, bitSize) : wrongValue(inner, member);
    if (wrong) return `${name}: ${wrong}`;
  }
  return undefined;
}

/** Members under the names that values have: those of records without a name stand in their place. */
export function shownMembers(
  type: Extract<CType, { kind: 'struct' | 'union' }>,
): { name: string; type: CType; bitSize?: number }[] {
  return type.members.flatMap(({ name, type: inner, bitSize }, i) => {
    if (name === '' && (inner.kind === 'struct' || inner.kind === 'union')) return shownMembers(inner);
    return [{ name: name || `(${i})`, type: inner, ...(bitSize !== undefined && { bitSize }) }];
  });
}

/** Nothing but zeros, to begin with. */
export function zeroOf(type: CType): CValue {
  switch (type.kind) {
    case 'int':
      return type.encoding === 'bool' ? 'false' : '0';
    case 'enum':
      return type.values.find(({ value }) => value === '0')?.name ?? '0';
    case 'float':
    case 'pointer':
      return '0';
    case 'array':
      if (type.of.kind === 'int' && type.of.encoding === 'char') return '""';
      if (type.of.kind === 'int' && type.of.bytes === 1) return '00'.repeat(type.count);
      return Array.from({ length: type.count }, () => zeroOf(type.of));
    case 'bytes':
      return '00'.repeat(type.bytes);
    default: {
      const all: { [member: string]: CValue } = {};
      for (const [i, { name, type: of }] of type.members.entries()) {
        if (name === '' && (of.kind === 'struct' || of.kind === 'union')) Object.assign(all, zeroOf(of));
        else all[name || `(${i})`] = zeroOf(of);
        // The members of a union share their bytes: one is enough.
        if (type.kind === 'union') break;
      }
      return all;
    }
  }
}
