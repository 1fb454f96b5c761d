/**
 * Values of C types, from the kernel's bytes (this machine's byte order: little-endian) to text and back. Integers are exact at any width; records keep
 * the order of their members, those without a name show theirs in place. What has no type is hexadecimal.
 */
import type { CMember, CType, CValue } from '../../shared/workbench-api.ts';

/** What is wrong with a typed value, and where: "value.packets". */
export class ValueError extends Error {
  readonly path: string;
  constructor(path: string, message: string) {
    super(path === '' ? message : `${path}: ${message}`);
    this.path = path;
  }
}

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** Reads `bits` bits from bit `at` on, lowest first. */
function bitsAt(bytes: Uint8Array, at: number, bits: number): bigint {
  let value = 0n;
  const first = at >> 3;
  const last = (at + bits - 1) >> 3;
  for (let i = last; i >= first; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return BigInt.asUintN(bits, value >> BigInt(at & 7));
}

function setBits(bytes: Uint8Array, at: number, bits: number, value: bigint): void {
  for (let i = 0; i < bits; i++) {
    const place = at + i;
    const mask = 1 << (place & 7);
    if ((value >> BigInt(i)) & 1n) bytes[place >> 3]! |= mask;
    else bytes[place >> 3]! &= ~mask;
  }
}

export function decode(type: CType, bytes: Uint8Array): CValue {
  return read(type, bytes, 0, type.bytes * 8);
}

function read(type: CType, bytes: Uint8Array, at: number, bits: number): CValue {
  switch (type.kind) {
    case 'int': {
      const value = bitsAt(bytes, at, bits);
      if (type.encoding === 'bool') return value === 0n ? 'false' : value === 1n ? 'true' : value.toString();
      return (type.signed ? BigInt.asIntN(bits, value) : value).toString();
    }
    case 'enum': {
      const raw = bitsAt(bytes, at, bits);
      const value = (type.signed ? BigInt.asIntN(bits, raw) : raw).toString();
      return type.values.find((each) => each.value === value)?.name ?? value;
    }
    case 'pointer':
      return `0x${bitsAt(bytes, at, 64).toString(16)}`;
    case 'float': {
      const view = new DataView(bytes.buffer, bytes.byteOffset + (at >> 3), type.bytes);
      return type.bytes === 4
        ? String(view.getFloat32(0, true))
        : type.bytes === 8
          ? String(view.getFloat64(0, true))
          : hex(bytes.subarray(at >> 3, (at >> 3) + type.bytes));
    }
    case 'array':
      return readArray(type, bytes, at);
    case 'struct':
    case 'union':
      return Object.fromEntries(type.members.flatMap((member, i) => readMember(member, i, bytes, at)));
    case 'bytes':
      return hex(bytes.subarray(at >> 3, (at >> 3) + type.bytes));
  }
}

function readArray(type: Extract<CType, { kind: 'array' }>, bytes: Uint8Array, at: number): CValue {
  const { of, count } = type;
  if (isText(type)) {
    const start = at >> 3;
    const all = bytes.subarray(start, start + count);
    const end = all.indexOf(0);
    const text = all.subarray(0, end < 0 ? count : end);
    // Printable text with nothing but zeros behind it; anything else stays what it is.
    if (text.every((byte) => byte >= 0x20 && byte < 0x7f) && all.subarray(text.length).every((byte) => byte === 0))
      return JSON.stringify(String.fromCharCode(...text));
  }
  if (of.kind === 'int' && of.bytes === 1) return hex(bytes.subarray(at >> 3, (at >> 3) + count));
  return Array.from({ length: count }, (_, i) => read(of, bytes, at + 8 * of.bytes * i, 8 * of.bytes));
}

const isText = (type: CType) => type.kind === 'array' && type.of.kind === 'int' && type.of.encoding === 'char';

function readMember(member: CMember, index: number, bytes: Uint8Array, base: number): [string, CValue][] {
  const bits = member.bitSize ?? 8 * member.type.bytes;
  const value = bits === 0 ? [] : read(member.type, bytes, base + member.bitOffset, bits);
  // C lets one leave the name of a struct or union away.
  if (member.name === '' && typeof value === 'object' && !Array.isArray(value)) return Object.entries(value);
  return [[member.name || `(${index})`, value]];
}

/** Throws ValueError. Members that are left out are zero, or what they are in `before`. */
export function encode(type: CType, value: CValue, path = '', before?: Uint8Array): Uint8Array {
  const bytes = before ? before.slice(0, type.bytes) : new Uint8Array(type.bytes);
  write(type, value, bytes, 0, type.bytes * 8, path);
  return bytes;
}

function write(type: CType, value: CValue, bytes: Uint8Array, at: number, bits: number, path: string): void {
  switch (type.kind) {
    case 'int':
    case 'enum':
    case 'pointer':
      setBits(bytes, at, bits, scalar(type, value, bits, path));
      return;
    case 'float': {
      const number = Number(value);
      if (typeof value !== 'string' || value.trim() === '' || Number.isNaN(number))
        throw new ValueError(path, 'is not a number');
      const view = new DataView(bytes.buffer, at >> 3, type.bytes);
      if (type.bytes === 4) view.setFloat32(0, number, true);
      else view.setFloat64(0, number, true);
      return;
    }
    case 'array':
      writeArray(type, value, bytes, at, path);
      return;
    case 'struct':
    case 'union':
      writeRecord(type.members, value, bytes, at, path);
      return;
    case 'bytes':
      bytes.set(untyped(value, type.bytes, path), at >> 3);
  }
}

function scalar(type: CType, value: CValue, bits: number, path: string): bigint {
  if (typeof value !== 'string') throw new ValueError(path, 'must be one value');
  const text = value.trim();
  if (type.kind === 'int' && type.encoding === 'bool' && (text === 'true' || text === 'false'))
    return text === 'true' ? 1n : 0n;
  const named = type.kind === 'enum' ? type.values.find(({ name }) => name === text)?.value : undefined;
  const quoted = /^'([\x20-\x7e])'$/.exec(text)?.[1];
  const number =
    named !== undefined ? BigInt(named) : quoted !== undefined ? BigInt(quoted.charCodeAt(0)) : integer(text);
  if (number === undefined)
    throw new ValueError(
      path,
      type.kind === 'enum'
        ? `"${text}" is neither a name of ${type.name} nor a number`
        : `"${text}" is not a whole number`,
    );
  const signed = (type.kind === 'int' || type.kind === 'enum') && type.signed;
  const low = signed ? -(1n << BigInt(bits - 1)) : 0n;
  const high = signed ? (1n << BigInt(bits - 1)) - 1n : (1n << BigInt(bits)) - 1n;
  if (number < low || number > high) throw new ValueError(path, `${text} does not fit: it takes ${low} to ${high}`);
  return BigInt.asUintN(bits, number);
}

function integer(text: string): bigint | undefined {
  const [, sign, digits] = /^([+-]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|\d+)$/.exec(text) ?? [];
  return digits === undefined ? undefined : sign === '-' ? -BigInt(digits) : BigInt(digits);
}

/** Bytes of no type are read as they are shown: two digits each. What has fewer digits than that, or a sign or a prefix, is a number. */
function untyped(value: CValue, length: number, path: string): Uint8Array {
  const text = typeof value === 'string' ? value.trim() : '';
  const number = integer(text);
  if (number === undefined || length < 1 || length > 8 || (/^[\da-f]+$/i.test(text) && text.length === 2 * length))
    return raw(value, length, path, length <= 8 ? ', or a number' : '');
  const bits = 8 * length;
  if (BigInt.asUintN(bits, number) !== number && BigInt.asIntN(bits, number) !== number)
    throw new ValueError(path, `${text} does not fit into ${length} ${length === 1 ? 'byte' : 'bytes'}`);
  const bytes = new Uint8Array(length);
  setBits(bytes, 0, bits, BigInt.asUintN(bits, number));
  return bytes;
}

function raw(value: CValue, length: number, path: string, or = ''): Uint8Array {
  const text = typeof value === 'string' ? value.replace(/^0x/, '').replace(/[\s:]/g, '') : '?';
  if (!/^([0-9a-fA-F]{2})*$/.test(text))
    throw new ValueError(path, `must be ${length} bytes as hexadecimal digits${or}`);
  if (text.length !== 2 * length) throw new ValueError(path, `must have ${length} bytes, not ${text.length / 2}`);
  return Uint8Array.from({ length }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

function writeArray(
  type: Extract<CType, { kind: 'array' }>,
  value: CValue,
  bytes: Uint8Array,
  at: number,
  path: string,
): void {
  const { of, count } = type;
  if (typeof value === 'string') {
    if (isText(type) && /^".*"$/.test(value.trim())) {
      const text = JSON.parse(value) as string;
      if (text.length > count || /[^\x20-\x7e]/.test(text))
        throw new ValueError(path, `must be at most ${count} plain characters`);
      for (let i = 0; i < count; i++) bytes[(at >> 3) + i] = i < text.length ? text.charCodeAt(i) : 0;
      return;
    }
    bytes.set(raw(value, type.bytes, path), at >> 3);
    return;
  }
  if (!Array.isArray(value)) throw new ValueError(path, 'must be a list');
  if (value.length > count) throw new ValueError(path, `must have at most ${count} entries, not ${value.length}`);
  for (const [i, each] of value.entries()) write(of, each, bytes, at + 8 * of.bytes * i, 8 * of.bytes, `${path}[${i}]`);
}

function writeRecord(members: readonly CMember[], value: CValue, bytes: Uint8Array, base: number, path: string): void {
  if (typeof value !== 'object' || Array.isArray(value)) {
    // A record around one thing (struct mac { __u8 bytes[6]; }) is that thing.
    const [only] = members;
    if (only === undefined || members.length > 1)
      throw new ValueError(path, `must be a record of its members (${namesOf(members)})`);
    write(only.type, value, bytes, base + only.bitOffset, only.bitSize ?? 8 * only.type.bytes, path);
    return;
  }
  const left = new Set(Object.keys(value));
  place(members, value, bytes, base, path, left);
  const [unknown] = left;
  if (unknown !== undefined)
    throw new ValueError(path, `has no member "${unknown}"${members.length > 0 ? `; it has ${namesOf(members)}` : ''}`);
}

const namesOf = (members: readonly CMember[]): string =>
  members
    .slice(0, 12)
    .map(({ name }, i) => name || `(${i})`)
    .join(', ') + (members.length > 12 ? ', …' : '');

function place(
  members: readonly CMember[],
  value: { [member: string]: CValue },
  bytes: Uint8Array,
  base: number,
  path: string,
  left: Set<string>,
): void {
  for (const [i, member] of members.entries()) {
    const { name, type, bitOffset, bitSize } = member;
    if (name === '' && (type.kind === 'struct' || type.kind === 'union')) {
      place(type.members, value, bytes, base + bitOffset, path, left);
      continue;
    }
    const known = name || `(${i})`;
    if (!Object.hasOwn(value, known)) continue;
    left.delete(known);
    write(
      type,
      value[known]!,
      bytes,
      base + bitOffset,
      bitSize ?? 8 * type.bytes,
      path === '' ? known : `${path}.${known}`,
    );
  }
}

/** Value at a path ("a.b[2]"); undefined where there is none. */
export function valueAt(value: CValue, path: string): CValue | undefined {
  let found: CValue | undefined = value;
  for (const step of path.match(/[^.[\]]+/g) ?? []) {
    if (typeof found !== 'object') return undefined;
    found = Array.isArray(found) ? found[Number(step)] : Object.hasOwn(found, step) ? found[step] : undefined;
  }
  return found;
}

/** Sum of per-CPU values, number by number; what is no number keeps the first CPU's. Widths do not matter: sums may be larger than one value. */
export function sum(type: CType, values: readonly CValue[]): CValue {
  const [first] = values;
  if (first === undefined) return '';
  switch (type.kind) {
    case 'int':
      return type.encoding === 'bool'
        ? first
        : values.reduce((total, each) => total + BigInt(each as string), 0n).toString();
    case 'float':
      return String(values.reduce((total, each) => total + Number(each), 0));
    case 'array':
      return Array.isArray(first)
        ? first.map((_, i) =>
            sum(
              type.of,
              values.map((each) => (each as CValue[])[i]!),
            ),
          )
        : first;
    case 'struct':
    case 'union': {
      const names = Object.keys(first);
      const records = values as { [member: string]: CValue }[];
      return Object.fromEntries(
        names.map((name) => [
          name,
          sum(
            memberType(type.members, name),
            records.map((each) => each[name]!),
          ),
        ]),
      );
    }
    default:
      return first;
  }
}

function memberType(members: readonly CMember[], name: string): CType {
  for (const [i, member] of members.entries()) {
    if ((member.name || `(${i})`) === name)
      return member.bitSize && member.type.kind === 'enum' ? { kind: 'bytes', name: '', bytes: 0 } : member.type;
    if (member.name === '' && (member.type.kind === 'struct' || member.type.kind === 'union')) {
      const inner = memberType(member.type.members, name);
      if (inner.kind !== 'bytes' || inner.bytes > 0) return inner;
    }
  }
  return { kind: 'bytes', name: '', bytes: 0 };
}
