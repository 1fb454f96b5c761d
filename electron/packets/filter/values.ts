/** Values of a filter → how to get them from a packet's facts, with the kind they are of. */
import type { Field } from '../dissect/field.ts';
import { FIELDS, fieldName } from '../dissect/fields.ts';
import { encodeUtf8 } from '../text/utf8.ts';
import { type Datum, KIND_WORDS, type Kind, kindOf } from './datum.ts';
import { datumText } from './datum-text.ts';
import { FilterError } from './error.ts';
import type { Facts, Found } from './facts.ts';
import { constant, isLiteral, numberOf } from './literal.ts';
import type { Place, Slice, Value } from './syntax.ts';

export interface Source {
  kind: Kind;
  /** Definitions of the field that the values come from: names, widths. Empty when computed. */
  fields: readonly Field[];
  /** The values in the packet last gathered; valid until the next. */
  get(): readonly Datum[];
}

const NONE: readonly Field[] = [];

/** Compiles a value that is not a literal. */
export function source(value: Value, facts: Facts): Source {
  switch (value.kind) {
    case 'field':
      return fieldSource(value, facts);
    case 'slice':
      return sliceSource(value.of, value.parts, facts);
    case 'call':
      return callSource(value, facts);
    case 'arithmetic':
      return arithmeticSource(value, facts);
    case 'negative': {
      const of = numberSource(value.of, facts, undefined);
      return { kind: of.kind, fields: NONE, get: () => of.get().map((n) => -(n as number)) };
    }
    default:
      throw new FilterError(`"${value.text}" is not a field`, value.at, value.length);
  }
}

function fieldSource(value: Extract<Value, { kind: 'field' }>, facts: Facts): Source {
  const name = fieldName(value.name)!;
  const info = FIELDS.get(name)!;
  const found = facts.need(name);
  const kind: Kind = value.raw ? 'bytes' : kindOf(info.type as Field['type']);
  const all = value.raw ? () => found.ranges : () => found.values;
  if (!value.layers) return { kind, fields: value.raw ? NONE : info.definitions, get: all };
  const { layers } = value;
  return { kind, fields: info.definitions, get: () => all().filter((_, i) => inLayers(found, i, layers)) };
}

function inLayers(found: Found, i: number, layers: readonly Slice[]): boolean {
  const count = Math.max(...found.layers);
  const layer = found.layers[i]!;
  return layers.some(({ start, end }) => {
    const first = start < 0 ? count + 1 + start : start;
    if (start < 0 && end !== undefined && end - start === 1) return layer === first;
    const last = end === undefined ? count + 1 : end <= 0 ? count + 1 + end : end;
    return layer >= first && layer < last;
  });
}

function sliceSource(of: Value, parts: readonly Slice[], facts: Facts): Source {
  const whole = source(of, facts);
  if (!['bytes', 'string', 'ether', 'ipv6', 'ipv4'].includes(whole.kind))
    throw new FilterError(`${KIND_WORDS[whole.kind]} has no bytes to take a slice of`, of.at, of.length);
  return { kind: 'bytes', fields: NONE, get: () => cutAll(whole.get(), (bytes) => cutBytes(asBytes(bytes), parts)) };
}

const cutAll = (values: readonly Datum[], cut: (value: Datum) => Datum | undefined): Datum[] =>
  values.map(cut).filter((value) => value !== undefined);

function asBytes(value: Datum): Uint8Array {
  if (typeof value === 'object') return value;
  if (typeof value === 'string') return encodeUtf8(value);
  const number = Number(value);
  return Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number);
}

function bounds({ start, end }: Slice, length: number): [number, number] | undefined {
  const from = start < 0 ? length + start : start;
  const to = end === undefined ? length : end < 0 ? length + end : end;
  return from < 0 || to > length || from >= to ? undefined : [from, to];
}

function cutBytes(bytes: Uint8Array, parts: readonly Slice[]): Uint8Array | undefined {
  if (parts.length === 1) {
    const range = bounds(parts[0]!, bytes.length);
    return range && bytes.subarray(...range);
  }
  const found: number[] = [];
  for (const part of parts) {
    const range = bounds(part, bytes.length);
    if (!range) return undefined;
    found.push(...bytes.subarray(...range));
  }
  return Uint8Array.from(found);
}

function arithmeticSource(value: Extract<Value, { kind: 'arithmetic' }>, facts: Facts): Source {
  const known = isLiteral(value.left) ? undefined : source(value.left, facts);
  if (known?.kind === 'bytes' && value.operator === '&') return maskSource(known, value.right, facts);
  const left = known ? mustBeNumber(known, value.left) : numberSource(value.left, facts, undefined);
  const right = numberSource(value.right, facts, left.kind);
  const { operator } = value;
  const get = (): Datum[] => {
    const results: Datum[] = [];
    for (const a of left.get())
      for (const b of right.get()) {
        const result = calculate(operator, a as number, b as number);
        if (result !== undefined) results.push(result);
      }
    return results;
  };
  return { kind: left.kind, fields: NONE, get };
}

/** "tcp[13] & 2": byte by byte, as many as both have. */
function maskSource(of: Source, right: Value, facts: Facts): Source {
  const mask = isLiteral(right) ? undefined : source(right, facts);
  if (mask && mask.kind !== 'bytes')
    throw new FilterError(`bytes are masked by bytes, and this is ${KIND_WORDS[mask.kind]}`, right.at, right.length);
  const fixed = isLiteral(right) ? [constant(right, 'bytes', NONE).value] : undefined;
  const get = (): Datum[] =>
    of.get().flatMap((value) => {
      const bytes = value as Uint8Array;
      return (fixed ?? mask!.get()).map((by) => {
        const bits = by as Uint8Array;
        return bytes.subarray(0, bits.length).map((byte, i) => byte & bits[i]!);
      });
    });
  return { kind: 'bytes', fields: NONE, get };
}

function mustBeNumber(found: Source, { at, length }: Value): Source {
  if (!['number', 'boolean', 'time'].includes(found.kind))
    throw new FilterError(`${KIND_WORDS[found.kind]} cannot be calculated with`, at, length);
  return found;
}

function numberSource(value: Value, facts: Facts, like: Kind | undefined): Source {
  if (!isLiteral(value)) return mustBeNumber(source(value, facts), value);
  const number = numberOf(value.text);
  if (number === undefined) throw new FilterError(`"${value.text}" is not a number`, value.at, value.length);
  const constant = [like === 'time' ? BigInt(Math.round(Number(number) * 1e9)) : number];
  return { kind: like ?? 'number', fields: NONE, get: () => constant };
}

/** Undefined: division by zero. */
function calculate(operator: string, a: number | bigint, b: number | bigint): Datum | undefined {
  if (typeof a === 'bigint' || typeof b === 'bigint') return exact(operator, BigInt(a), BigInt(b));
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0 ? undefined : Math.trunc(a / b);
    case '%':
      return b === 0 ? undefined : a % b;
    default:
      return a > 0x7fffffff || b > 0x7fffffff ? Number(BigInt(a) & BigInt(b)) : a & b;
  }
}

function exact(operator: string, a: bigint, b: bigint): Datum | undefined {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0n ? undefined : a / b;
    case '%':
      return b === 0n ? undefined : a % b;
    default:
      return a & b;
  }
}

const FUNCTIONS = ['len', 'count', 'upper', 'lower', 'string', 'max', 'min', 'abs'];

function callSource({ name, args, at }: Extract<Value, { kind: 'call' }>, facts: Facts): Source {
  const fail = (message: string, place: Place = { at, length: name.length }): never => {
    throw new FilterError(message, place.at, place.length);
  };
  if (!FUNCTIONS.includes(name)) fail(`there is no function "${name}"; there are ${FUNCTIONS.join(', ')}`);
  if (name === 'max' || name === 'min') return extreme(name, args, facts, fail);
  if (args.length !== 1) fail(`${name}() takes one field`);
  const of = source(args[0]!, facts);
  switch (name) {
    case 'count':
      return { kind: 'number', fields: NONE, get: () => (of.get().length > 0 ? [of.get().length] : []) };
    case 'len':
      return { kind: 'number', fields: NONE, get: () => of.get().map((value) => lengthOf(value, of)) };
    case 'abs':
      mustBeNumber(of, args[0]!);
      return {
        kind: of.kind,
        fields: NONE,
        get: () => of.get().map((value) => ((value as number) < 0 ? -value : value)),
      };
    case 'string':
      return { kind: 'string', fields: NONE, get: () => of.get().map((value) => datumText(value, of.kind, of.fields)) };
    default:
      if (of.kind !== 'string') fail(`${name}() takes text, and this is ${KIND_WORDS[of.kind]}`, args[0]);
      return {
        kind: 'string',
        fields: NONE,
        get: () => of.get().map((text) => (name === 'upper' ? String(text).toUpperCase() : String(text).toLowerCase())),
      };
  }
}

function lengthOf(value: Datum, { kind, fields }: Source): number {
  if (typeof value === 'object') return value.length;
  if (typeof value === 'string') return encodeUtf8(value).length;
  if (kind === 'ipv4') return 4;
  const bits = /(\d+)$/.exec(fields[0]?.type ?? '')?.[1];
  return bits ? Number(bits) / 8 : 8;
}

function extreme(name: 'max' | 'min', args: readonly Value[], facts: Facts, fail: (message: string) => never): Source {
  if (args.length === 0) fail(`${name}() takes at least one field`);
  const first = args.find((arg) => !isLiteral(arg));
  if (!first) fail(`${name}() takes at least one field`);
  const { kind } = source(first!, facts);
  const all = args.map((arg) => numberSource(arg, facts, kind));
  const get = (): Datum[] => {
    const values = all.flatMap((part) => part.get());
    if (values.length === 0) return [];
    return [values.reduce((a, b) => ((name === 'max' ? a < b : b < a) ? b : a))];
  };
  return { kind, fields: NONE, get };
}
