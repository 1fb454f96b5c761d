/**
 * Members of typed records by path ("value.packets", "key.addr[2]"), read straight out of an entry's bytes: what sorts and filters maps of a million
 * entries without making an object of each. A number is two doubles, high × 2³² + low, so that 64 bits are compared exactly.
 */
import type { CMember, CType } from '../../shared/workbench-api.ts';

export type Root = 'key' | 'value';

/** A type at a place of key or value. */
export interface Member {
  root: Root;
  path: string;
  type: CType;
  bitOffset: number;
  bits: number;
}

/** Numbers of a member at bytes[at…], where `at` is where the key or value begins. */
export interface NumberReader {
  /** 64-bit integers and bit-fields fill both; all others have high = 0. */
  wide: boolean;
  high(bytes: Uint8Array, at: number): number;
  low(bytes: Uint8Array, at: number): number;
}

/** Arrays that are taken apart into columns have at most so many entries. */
const ARRAY_COLUMNS = 4;
export const MAX_COLUMNS = 48;

export const isRecord = (type: CType): type is Extract<CType, { kind: 'struct' | 'union' }> =>
  type.kind === 'struct' || type.kind === 'union';
const isScalar = (type: CType) => type.kind !== 'array' && type.kind !== 'bytes' && !isRecord(type);
const isBytes = (type: CType) =>
  type.kind === 'bytes' || (type.kind === 'array' && type.of.kind === 'int' && type.of.bytes === 1);

const whole = (root: Root, type: CType): Member => ({ root, path: root, type, bitOffset: 0, bits: 8 * type.bytes });

function inside(of: Member, { name, type, bitOffset, bitSize }: CMember, index: number): Member {
  // Members of a record without a name are its owner's, as in C.
  const path = name === '' && isRecord(type) ? of.path : `${of.path}.${name || `(${index})`}`;
  return { root: of.root, path, type, bitOffset: of.bitOffset + bitOffset, bits: bitSize ?? 8 * type.bytes };
}

function element(of: Member, type: CType, index: number): Member {
  const bits = 8 * type.bytes;
  return { root: of.root, path: `${of.path}[${index}]`, type, bitOffset: of.bitOffset + index * bits, bits };
}

/** The members that get a column each: records taken apart, short arrays too. */
export function leavesOf(root: Root, type: CType): Member[] {
  const leaves: Member[] = [];
  const visit = (member: Member): void => {
    if (leaves.length >= MAX_COLUMNS) return;
    const { type: of } = member;
    if (isRecord(of) && of.members.length > 0)
      for (const [i, each] of of.members.entries()) visit(inside(member, each, i));
    else if (of.kind === 'array' && !isBytes(of) && isScalar(of.of) && of.count <= ARRAY_COLUMNS)
      for (let i = 0; i < of.count; i++) visit(element(member, of.of, i));
    else if (member.bits > 0) leaves.push(member);
  };
  visit(whole(root, type));
  return leaves;
}

/** The member of a path; a path that begins with neither key nor value is looked for in the value, then in the key. */
export function memberAt(types: Record<Root, CType>, path: string): Member | undefined {
  const [root, ...rest] = path.match(/[^.[\]]+/g) ?? [];
  if (root === undefined) return undefined;
  if (root === 'key' || root === 'value') return follow(whole(root, types[root]), rest);
  return follow(whole('value', types.value), [root, ...rest]) ?? follow(whole('key', types.key), [root, ...rest]);
}

function follow(member: Member, [step, ...rest]: readonly string[]): Member | undefined {
  if (step === undefined) return member;
  const { type } = member;
  if (type.kind === 'array') {
    const index = /^\d{1,7}$/.test(step) ? Number(step) : type.count;
    return index < type.count ? follow(element(member, type.of, index), rest) : undefined;
  }
  if (!isRecord(type)) return undefined;
  for (const [i, each] of type.members.entries()) {
    const found = inside(member, each, i);
    if (each.name === '' && isRecord(each.type)) {
      const deeper = follow(found, [step, ...rest]);
      if (deeper) return deeper;
    } else if ((each.name || `(${i})`) === step) return follow(found, rest);
  }
  return undefined;
}

/** Undefined for what is no number: records, arrays, bytes. */
export function numberReader({ type, bitOffset, bits }: Member): NumberReader | undefined {
  if (!isScalar(type) || bits < 1) return undefined;
  const byte = bitOffset >> 3;
  if (type.kind === 'float') return floatReader(byte, type.bytes);
  const signed = (type.kind === 'int' || type.kind === 'enum') && type.signed;
  if (bitOffset % 8 !== 0 || ![8, 16, 32, 64].includes(bits)) return bitReader(bitOffset, bits, signed);
  const u32 = (b: Uint8Array, at: number) =>
    (b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24)) >>> 0;
  const zero = () => 0;
  switch (bits) {
    case 8:
      return { wide: false, high: zero, low: (b, at) => (signed ? (b[at + byte]! << 24) >> 24 : b[at + byte]!) };
    case 16: {
      const u16 = (b: Uint8Array, at: number) => b[at]! | (b[at + 1]! << 8);
      return {
        wide: false,
        high: zero,
        low: (b, at) => (signed ? (u16(b, at + byte) << 16) >> 16 : u16(b, at + byte)),
      };
    }
    case 32:
      return { wide: false, high: zero, low: (b, at) => (signed ? u32(b, at + byte) | 0 : u32(b, at + byte)) };
    default:
      return {
        wide: true,
        high: (b, at) => (signed ? u32(b, at + byte + 4) | 0 : u32(b, at + byte + 4)),
        low: (b, at) => u32(b, at + byte),
      };
  }
}

function floatReader(byte: number, bytes: number): NumberReader | undefined {
  if (bytes !== 4 && bytes !== 8) return undefined;
  const low = (b: Uint8Array, at: number) => {
    const view = new DataView(b.buffer, b.byteOffset + at + byte, bytes);
    return bytes === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
  };
  return { wide: false, high: () => 0, low };
}

/** Bit-fields, and integers of 128 bits by their lowest 64. */
function bitReader(bitOffset: number, bits: number, signed: boolean): NumberReader {
  const width = Math.min(bits, 64);
  const read = (b: Uint8Array, at: number): bigint => {
    let value = 0n;
    for (let i = (bitOffset + width - 1) >> 3; i >= bitOffset >> 3; i--) value = (value << 8n) | BigInt(b[at + i] ?? 0);
    value = BigInt.asUintN(width, value >> BigInt(bitOffset & 7));
    return signed ? BigInt.asIntN(width, value) : value;
  };
  return {
    wide: true,
    high: (b, at) => Number(read(b, at) >> 32n),
    low: (b, at) => Number(read(b, at) & 0xffffffffn),
  };
}

/** Per-CPU maps: the sum over `cpus` values, `stride` bytes apart. */
export function summed(reader: NumberReader, cpus: number, stride: number): NumberReader {
  const lows = (b: Uint8Array, at: number) => {
    let sum = 0;
    for (let cpu = 0; cpu < cpus; cpu++) sum += reader.low(b, at + cpu * stride);
    return sum;
  };
  if (!reader.wide) return { wide: false, high: () => 0, low: lows };
  return {
    wide: true,
    high: (b, at) => {
      let sum = Math.floor(lows(b, at) / 2 ** 32);
      for (let cpu = 0; cpu < cpus; cpu++) sum += reader.high(b, at + cpu * stride);
      return sum;
    },
    low: (b, at) => lows(b, at) % 2 ** 32,
  };
}

/** A constant as a reader would have it. */
export function asRead(reader: NumberReader, value: bigint): { high: number; low: number } {
  return reader.wide
    ? { high: Number(value >> 32n), low: Number(value & 0xffffffffn) }
    : { high: 0, low: Number(value) };
}
