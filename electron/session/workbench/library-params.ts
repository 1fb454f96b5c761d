/** Checks of the library's parameters. What the values mean is checked where they are filled in. */
import { type Check, integer, object, optional, refuse, string } from '../../shared/validate.ts';
import { attachTarget, pinName, word } from '../../shared/validate-workbench.ts';
import type { LibraryApiMethods } from '../../shared/workbench-api.ts';

const MAX_VALUES = 32;
const MAX_VALUE_CHARACTERS = 64 << 10;

const values: Check<Record<string, string>> = (value, where) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(where, 'must be an object');
  const entries = Object.entries(value);
  if (entries.length > MAX_VALUES) refuse(where, `must have at most ${MAX_VALUES} entries`);
  return Object.fromEntries(
    entries.map(([name, text]) => [word(name, where), string(MAX_VALUE_CHARACTERS)(text, `${where}.${name}`)]),
  );
};

export const LIBRARY_PARAMS: {
  [M in keyof LibraryApiMethods]: Check<LibraryApiMethods[M] extends [infer P, unknown] ? P : never>;
} = {
  'library.list': object({}),
  'library.source': object({ name: word }),
  'library.open': object({ name: word, values }),
  'library.attach': object({
    name: word,
    values,
    target: attachTarget,
    replace: optional(object({ expectedId: integer(0, 0xffffffff) })),
    pin: optional(pinName),
  }),
};
