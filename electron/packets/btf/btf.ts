/**
 * BTF, the kernel's type information (Documentation/bpf/btf.rst): types by id and names by offset, from raw bytes of either byte order. A module's BTF
 * builds on another one. What is wrong with the bytes is an error at once; nothing is read outside of them.
 */
import { decodeUtf8 } from '../text/utf8.ts';

export const BTF_KIND = {
  void: 0,
  int: 1,
  pointer: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  forward: 7,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  function: 12,
  prototype: 13,
  variable: 14,
  section: 15,
  float: 16,
  declarationTag: 17,
  typeTag: 18,
  enum64: 19,
} as const;

const MAGIC = 0xeb9f;
const HEADER_BYTES = 24;
const KINDS = Object.keys(BTF_KIND).length;

export interface BtfMember {
  name: string;
  typeId: number;
  bitOffset: number;
  /** 0 = no bit-field. */
  bitSize: number;
}

export interface BtfType {
  id: number;
  kind: number;
  name: string;
  /** Bytes of int, struct, union, enum, float, section; 0 for others. */
  size: number;
  /** What pointers, typedefs, modifiers, functions, variables and arrays are of; 0 for others. */
  of: number;
  /** Signed int or enum. */
  signed: boolean;
  /** Int only: 1 signed, 2 char, 4 bool. */
  encoding: number;
  /** Int only: bits from the value's lowest one. */
  bits: number;
  /** Array only. */
  count: number;
  members: readonly BtfMember[];
  values: readonly { name: string; value: bigint }[];
  /** Section only: variables with their place. */
  variables: readonly { typeId: number; offset: number; size: number }[];
}

const NONE: readonly never[] = [];
const VOID: BtfType = {
  id: 0,
  kind: 0,
  name: 'void',
  size: 0,
  of: 0,
  signed: false,
  encoding: 0,
  bits: 0,
  count: 0,
  members: NONE,
  values: NONE,
  variables: NONE,
};

export class BtfError extends Error {}

export class Btf {
  readonly #base: Btf | undefined;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #little: boolean;
  readonly #strings: number;
  readonly #stringsEnd: number;
  /** Byte offset of each type, from the first one of this BTF. */
  readonly #places: number[] = [];
  readonly #firstId: number;
  readonly #firstString: number;
  readonly #types = new Map<number, BtfType>();

  /** Throws BtfError. */
  constructor(bytes: Uint8Array, base?: Btf) {
    if (bytes.length < HEADER_BYTES) throw new BtfError('the type information is cut off');
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#base = base;
    this.#little = this.#view.getUint16(0, true) === MAGIC;
    if (!this.#little && this.#view.getUint16(0, false) !== MAGIC) throw new BtfError('this is no type information');
    const header = this.#u32(4);
    const typesAt = header + this.#u32(8);
    const typesEnd = typesAt + this.#u32(12);
    this.#strings = header + this.#u32(16);
    this.#stringsEnd = this.#strings + this.#u32(20);
    if (typesEnd > bytes.length || this.#stringsEnd > bytes.length)
      throw new BtfError('the type information is cut off');
    this.#firstId = base ? base.nextId : 1;
    this.#firstString = base ? base.stringBytes : 0;
    for (let at = typesAt; at < typesEnd; ) {
      if (at + 12 > typesEnd) throw new BtfError('the type information is cut off');
      this.#places.push(at);
      at += 12 + this.#trailing(at);
      if (at > typesEnd) throw new BtfError('the type information is cut off');
    }
  }

  /** One more than the last id. */
  get nextId(): number {
    return this.#firstId + this.#places.length;
  }
  get stringBytes(): number {
    return this.#firstString + this.#stringsEnd - this.#strings;
  }

  /** '' for what is not there. */
  string(offset: number): string {
    if (this.#base && offset < this.#firstString) return this.#base.string(offset);
    const start = this.#strings + offset - this.#firstString;
    if (start < this.#strings || start >= this.#stringsEnd) return '';
    let end = start;
    while (end < this.#stringsEnd && this.#bytes[end] !== 0) end++;
    return decodeUtf8(this.#bytes.subarray(start, end));
  }

  /** void for ids that are not there. */
  type(id: number): BtfType {
    if (id > 0 && id < this.#firstId && this.#base) return this.#base.type(id);
    const at = this.#places[id - this.#firstId];
    if (at === undefined) return VOID;
    let type = this.#types.get(id);
    if (!type) {
      type = this.#read(id, at);
      this.#types.set(id, type);
    }
    return type;
  }

  /** First type of this BTF (not of its base) with that kind and name. */
  find(kind: number, name: string): BtfType | undefined {
    for (let id = this.#firstId; id < this.nextId; id++) {
      const at = this.#places[id - this.#firstId]!;
      if (this.#kind(at) === kind && this.string(this.#u32(at)) === name) return this.type(id);
    }
    return undefined;
  }

  /** All of one kind, in the order of ids. */
  *ofKind(kind: number): Generator<BtfType> {
    for (let id = this.#firstId; id < this.nextId; id++)
      if (this.#kind(this.#places[id - this.#firstId]!) === kind) yield this.type(id);
  }

  /** Behind typedefs, const, volatile and tags. */
  resolve(id: number): BtfType {
    let type = this.type(id);
    for (let steps = 0; steps < 64; steps++) {
      const { typedef, volatile, const: constant, restrict, typeTag } = BTF_KIND;
      if (![typedef, volatile, constant, restrict, typeTag].some((kind) => kind === type.kind)) return type;
      type = this.type(type.of);
    }
    return VOID;
  }

  #u32(at: number): number {
    return this.#view.getUint32(at, this.#little);
  }
  #kind(at: number): number {
    return (this.#u32(at + 4) >>> 24) & 0x1f;
  }

  #trailing(at: number): number {
    const vlen = this.#u32(at + 4) & 0xffff;
    switch (this.#kind(at)) {
      case BTF_KIND.int:
      case BTF_KIND.variable:
      case BTF_KIND.declarationTag:
        return 4;
      case BTF_KIND.array:
        return 12;
      case BTF_KIND.struct:
      case BTF_KIND.union:
      case BTF_KIND.section:
      case BTF_KIND.enum64:
        return 12 * vlen;
      case BTF_KIND.enum:
      case BTF_KIND.prototype:
        return 8 * vlen;
      default:
        if (this.#kind(at) >= KINDS)
          throw new BtfError(`the type information has a kind ${this.#kind(at)}, which is not known`);
        return 0;
    }
  }

  #read(id: number, at: number): BtfType {
    const info = this.#u32(at + 4);
    const kind = this.#kind(at);
    const vlen = info & 0xffff;
    const flag = info >>> 31 === 1;
    const last = this.#u32(at + 8);
    const type = { ...VOID, id, kind, name: this.string(this.#u32(at)) };
    const rest = at + 12;
    switch (kind) {
      case BTF_KIND.int: {
        const data = this.#u32(rest);
        const encoding = (data >>> 24) & 15;
        return { ...type, size: last, encoding, signed: (encoding & 1) !== 0, bits: data & 0xff };
      }
      case BTF_KIND.array:
        return { ...type, of: this.#u32(rest), count: this.#u32(rest + 8) };
      case BTF_KIND.struct:
      case BTF_KIND.union:
        return { ...type, size: last, members: this.#members(rest, vlen, flag) };
      case BTF_KIND.enum:
        return { ...type, size: last, signed: flag, values: this.#values(rest, vlen, 8, flag) };
      case BTF_KIND.enum64:
        return { ...type, size: last, signed: flag, values: this.#values(rest, vlen, 12, flag) };
      case BTF_KIND.section:
        return { ...type, size: last, variables: this.#variables(rest, vlen) };
      case BTF_KIND.float:
        return { ...type, size: last };
      case BTF_KIND.prototype:
      case BTF_KIND.forward:
        return type;
      default:
        return { ...type, of: last };
    }
  }

  #members(at: number, count: number, bitFields: boolean): BtfMember[] {
    return Array.from({ length: count }, (_, i) => {
      const place = at + 12 * i;
      const offset = this.#u32(place + 8);
      return {
        name: this.string(this.#u32(place)),
        typeId: this.#u32(place + 4),
        bitOffset: bitFields ? offset & 0xffffff : offset,
        bitSize: bitFields ? offset >>> 24 : 0,
      };
    });
  }

  #values(at: number, count: number, bytes: number, signed: boolean): { name: string; value: bigint }[] {
    return Array.from({ length: count }, (_, i) => {
      const place = at + bytes * i;
      const low = BigInt(this.#u32(place + 4));
      const value = bytes === 12 ? (BigInt(this.#u32(place + 8)) << 32n) | low : low;
      return {
        name: this.string(this.#u32(place)),
        value: signed ? BigInt.asIntN(bytes === 12 ? 64 : 32, value) : value,
      };
    });
  }

  #variables(at: number, count: number): { typeId: number; offset: number; size: number }[] {
    return Array.from({ length: count }, (_, i) => {
      const place = at + 12 * i;
      return { typeId: this.#u32(place), offset: this.#u32(place + 4), size: this.#u32(place + 8) };
    });
  }
}
