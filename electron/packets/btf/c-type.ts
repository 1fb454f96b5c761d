/** BTF types as trees of what their values are made of (CType of shared/workbench-api.ts). */
import type { CMember, CType } from '../../shared/workbench-api.ts';
import { BTF_KIND, type Btf, type BtfType } from './btf.ts';

/** Structs in structs; only pointers make real types recursive, and those end here. */
const MAX_DEPTH = 32;
/** Types within one type: a small hostile BTF can stand for a tree without end. */
const MAX_PARTS = 20_000;

/** What may still be built of one type. */
interface Budget {
  parts: number;
}

export const bytesType = (bytes: number, name = ''): CType => ({ kind: 'bytes', name, bytes });

/** @param bytes what the kernel says of its size, where BTF has no such type */
export function cTypeOf(btf: Btf, id: number, bytes = 0): CType {
  if (id === 0) return bytesType(bytes);
  const type = build(btf, id, 0, typeName(btf, id), { parts: MAX_PARTS });
  return type.kind === 'bytes' && type.bytes === 0 ? bytesType(bytes, type.name) : type;
}

/** As C writes it: "struct flow_key", "__u32". */
export function typeName(btf: Btf, id: number, depth = 0): string {
  const type = btf.type(id);
  if (depth > MAX_DEPTH) return '…';
  const inner = () => typeName(btf, type.of, depth + 1);
  switch (type.kind) {
    case BTF_KIND.pointer:
      return `${inner()} *`;
    case BTF_KIND.array:
      return `${inner()}[${type.count}]`;
    case BTF_KIND.const:
      return `const ${inner()}`;
    case BTF_KIND.volatile:
      return `volatile ${inner()}`;
    case BTF_KIND.restrict:
    case BTF_KIND.typeTag:
      return inner();
    case BTF_KIND.struct:
      return `struct ${type.name || '(unnamed)'}`;
    case BTF_KIND.union:
      return `union ${type.name || '(unnamed)'}`;
    case BTF_KIND.enum:
    case BTF_KIND.enum64:
      return `enum ${type.name || '(unnamed)'}`;
    case BTF_KIND.forward:
      return `struct ${type.name}`;
    case BTF_KIND.prototype:
      return 'function';
    default:
      return type.name;
  }
}

function build(btf: Btf, id: number, depth: number, name: string, budget: Budget): CType {
  const type = btf.resolve(id);
  if (depth > MAX_DEPTH || budget.parts-- <= 0) return bytesType(type.size, name);
  switch (type.kind) {
    case BTF_KIND.int:
      return {
        kind: 'int',
        name,
        bytes: type.size,
        signed: type.signed,
        encoding: type.encoding & 4 ? 'bool' : isChar(type) ? 'char' : 'number',
      };
    case BTF_KIND.float:
      return { kind: 'float', name, bytes: type.size };
    case BTF_KIND.pointer:
      return { kind: 'pointer', name, bytes: 8 };
    case BTF_KIND.enum:
    case BTF_KIND.enum64: {
      const values = type.values.map((each) => ({ name: each.name, value: each.value.toString() }));
      return { kind: 'enum', name, bytes: type.size, signed: type.signed, values };
    }
    case BTF_KIND.array:
      return array(btf, type, depth, name, budget);
    case BTF_KIND.struct:
    case BTF_KIND.union: {
      const kind = type.kind === BTF_KIND.struct ? 'struct' : 'union';
      return { kind, name, bytes: type.size, members: members(btf, type, depth, budget) };
    }
    case BTF_KIND.section:
      return { kind: 'struct', name, bytes: type.size, members: variables(btf, type, depth, budget) };
    default:
      return bytesType(0, name);
  }
}

/** The global variables of .bss, .data and .rodata, whose maps have one value with all of them. */
function variables(btf: Btf, type: BtfType, depth: number, budget: Budget): CMember[] {
  return type.variables.slice(0, Math.max(0, budget.parts)).flatMap(({ typeId, offset, size }) => {
    const { name, of } = btf.type(typeId);
    const inner = build(btf, of, depth + 1, typeName(btf, of), budget);
    // Those without a type that is known, or beyond the end, are not shown. Paths part names at dots, and static variables of functions have some.
    if (inner.bytes === 0 || inner.bytes !== size || offset + size > type.size) return [];
    return [{ name: name.replaceAll('.', '_'), type: inner, bitOffset: 8 * offset }];
  });
}

function array(btf: Btf, type: BtfType, depth: number, name: string, budget: Budget): CType {
  const of = build(btf, type.of, depth + 1, typeName(btf, type.of), budget);
  return { kind: 'array', name, bytes: of.bytes * type.count, of, count: type.count };
}

function members(btf: Btf, type: BtfType, depth: number, budget: Budget): CMember[] {
  return type.members.slice(0, Math.max(0, budget.parts)).map(({ name, typeId, bitOffset, bitSize }) => ({
    name,
    type: build(btf, typeId, depth + 1, typeName(btf, typeId), budget),
    bitOffset,
    ...(bitSize > 0 && { bitSize }),
  }));
}

/** clang marks no C char as such: one byte that is called so. */
function isChar({ size, encoding, name }: BtfType): boolean {
  return size === 1 && ((encoding & 2) !== 0 || name === 'char');
}
