/** Values of C types as JSON people know (numbers, booleans, plain strings), and back. Integers beyond 2^53 are strings, so that nothing is rounded. */
import type { CMember, CType, CValue } from '../../shared/workbench-api.ts';
import { ValueError } from './c-value.ts';

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

export function toJson(type: CType, value: CValue): Json {
  if (Array.isArray(value)) return value.map((each) => toJson(type.kind === 'array' ? type.of : type, each));
  if (typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, toJson(namedMember(type, name) ?? type, each)]),
    );
  if (type.kind === 'array' && /^".*"$/s.test(value)) return JSON.parse(value) as string;
  if (type.kind === 'int' && type.encoding === 'bool' && (value === 'true' || value === 'false'))
    return value === 'true';
  if (type.kind !== 'int' && type.kind !== 'float' && type.kind !== 'enum') return value;
  const number = Number(value);
  return value !== '' && (type.kind === 'float' ? Number.isFinite(number) : Number.isSafeInteger(number))
    ? number
    : value;
}

/** Throws ValueError for what no C value can be. */
export function fromJson(type: CType, json: Json, path = ''): CValue {
  if (json === null) throw new ValueError(path, 'is null');
  if (Array.isArray(json))
    return json.map((each, i) => fromJson(type.kind === 'array' ? type.of : type, each, `${path}[${i}]`));
  if (typeof json === 'object')
    return Object.fromEntries(
      Object.entries(json).map(([name, each]) => {
        const inner = path === '' ? name : `${path}.${name}`;
        return [name, fromJson(namedMember(type, name) ?? type, each, inner)];
      }),
    );
  if (typeof json === 'string' && isText(type) && !/^".*"$/s.test(json)) return JSON.stringify(json);
  return String(json);
}

/** JSON text, its integers exactly. Throws SyntaxError. */
export function parseExactly(text: string): Json {
  const exact = (_name: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' && context?.source !== undefined && /^-?\d+$/.test(context.source)
      ? context.source
      : value;
  return JSON.parse(text, exact as (name: string, value: unknown) => unknown) as Json;
}

const isText = (type: CType) => type.kind === 'array' && type.of.kind === 'int' && type.of.encoding === 'char';

function namedMember(type: CType, name: string): CType | undefined {
  if (type.kind !== 'struct' && type.kind !== 'union') return undefined;
  const found = type.members.find((member: CMember, i) => (member.name || `(${i})`) === name);
  if (found) return found.type;
  for (const member of type.members)
    if (member.name === '') {
      const inner = namedMember(member.type, name);
      if (inner) return inner;
    }
  return undefined;
}
