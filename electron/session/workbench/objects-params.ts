/** Checks of the parameters of `objects.*`. */
import { array, type Check, integer, object, optional, refuse, string } from '../../shared/validate.ts';
import { pinFolder, word } from '../../shared/validate-workbench.ts';
import { OBJECT_MAX_BYTES } from '../../shared/workbench.ts';
import type { CValue, ObjectApiMethods } from '../../shared/workbench-api.ts';

const id = integer(1, 0xffffffff);
const MAX_PARTS = 512;
/** Characters of a value, or parts of one. */
const MAX_TEXT = 128 << 10;
const MAX_DEPTH = 32;

export const objectBytes: Check<Uint8Array> = (value, where) => {
  if (!(value instanceof Uint8Array)) refuse(where, 'must be bytes');
  if (value.length === 0) refuse(where, 'must have some bytes');
  if (value.length > OBJECT_MAX_BYTES) refuse(where, `must have at most ${OBJECT_MAX_BYTES} bytes`);
  return value;
};

export const logLevel: Check<0 | 1 | 2> = (value, where) => integer(0, 2)(value, where) as 0 | 1 | 2;

/** Text, lists and records of it; built anew, as deep as C types go. */
export const cValue: Check<CValue> = (value, where) => part(value, where, 0);

function part(value: unknown, where: string, depth: number): CValue {
  if (typeof value === 'string') return string(MAX_TEXT)(value, where);
  if (typeof value !== 'object' || value === null) refuse(where, 'must be text, a list or a record');
  if (depth >= MAX_DEPTH) refuse(where, 'is nested too deep');
  const entries = Object.entries(value);
  if (entries.length > MAX_TEXT) refuse(where, `must have at most ${MAX_TEXT} parts`);
  const parts = entries.map(([name, each]) => [name, part(each, `${where}.${name}`, depth + 1)] as const);
  return Array.isArray(value) ? parts.map(([, each]) => each) : Object.fromEntries(parts);
}

export const OBJECT_PARAMS: { [M in keyof ObjectApiMethods]: Check<ObjectApiMethods[M][0]> } = {
  'objects.open': object({ name: string(255), bytes: objectBytes }),
  'objects.load': object({
    token: id,
    programs: array(word, 0, MAX_PARTS),
    types: array(object({ program: word, type: word }), 0, MAX_PARTS),
    variables: array(object({ name: word, value: cValue }), 0, MAX_PARTS),
    mapSizes: array(object({ map: word, maxEntries: integer(0, 0xffffffff) }), 0, MAX_PARTS),
    reuse: array(object({ map: word, id }), 0, MAX_PARTS),
    pinDir: optional(pinFolder),
    logLevel,
  }),
  'objects.close': object({ objectId: id }),
  'objects.list': object({}),
};
