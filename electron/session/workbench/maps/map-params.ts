/** Checks of what is asked about maps. */
import type { MapApiMethods } from '../../../shared/map-api.ts';
import { boolean, type Check, integer, object, oneOf, optional, refuse, string } from '../../../shared/validate.ts';
import type { CValue } from '../../../shared/workbench-api.ts';

const id = integer(1, 0xffffffff);
const MAX_ROW = 2 ** 32;
const MAX_ROWS_A_WINDOW = 1000;
const MAX_TEXT = 512 << 10;
const MAX_PARTS = 20_000;
const MAX_DEPTH = 33;
const snapshot = integer(1, 0xffffffff);

/** A typed value: text, lists and records of bounded size. What fits the type is found when it is encoded. */
const cValue: Check<CValue> = (value, where) => {
  let parts = 0;
  const visit = (part: unknown, depth: number): CValue => {
    if (++parts > MAX_PARTS || depth > MAX_DEPTH) refuse(where, 'is too large');
    if (typeof part === 'string') return string(MAX_TEXT)(part, where);
    if (Array.isArray(part)) return part.map((each) => visit(each, depth + 1));
    if (typeof part !== 'object' || part === null) refuse(where, 'is made of texts, lists and records only');
    const entries = Object.entries(part).map(([name, each]): [string, CValue] => [name, visit(each, depth + 1)]);
    return Object.fromEntries(entries);
  };
  return visit(value, 0);
};

export const MAP_PARAMS: {
  [M in keyof MapApiMethods]: Check<MapApiMethods[M] extends [infer P, unknown] ? P : never>;
} = {
  'maps.list': object({}),
  'maps.detail': object({ id }),
  'maps.rows': object({
    id,
    start: integer(0, MAX_ROW),
    count: integer(0, MAX_ROWS_A_WINDOW),
    sort: optional(string(256)),
    descending: optional(boolean),
    filter: optional(string(1000)),
    watch: optional(boolean),
  }),
  'maps.refresh': object({ id }),
  'maps.set': object({ id, key: cValue, value: cValue, mode: oneOf(['any', 'new', 'existing']) }),
  'maps.delete': object({ id, key: cValue }),
  'maps.push': object({ id, value: cValue }),
  'maps.pop': object({ id }),
  'maps.lookup': object({ id, key: cValue }),
  'maps.snapshot': object({ id }),
  'maps.compare': object({ snapshot, with: optional(snapshot) }),
  'maps.forget': object({ snapshot }),
  'maps.export': object({ id, format: oneOf(['json', 'csv']), start: integer(0, MAX_ROW) }),
};
