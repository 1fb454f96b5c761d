/** Checks of the parameters of `code.*`. */
import { type Check, integer, object, string } from '../../shared/validate.ts';
import { word } from '../../shared/validate-workbench.ts';
import type { CodeApiMethods } from '../../shared/workbench-api.ts';
import { logLevel } from './objects-params.ts';

const text = string(1 << 20);

export const CODE_PARAMS: { [M in keyof CodeApiMethods]: Check<CodeApiMethods[M][0]> } = {
  'code.assemble': object({ text }),
  'code.loadAssembly': object({ text, name: string(255), type: word, license: string(64), logLevel }),
  'code.compile': object({ text, name: string(255) }),
  'code.disassemble': object({ id: integer(1, 0xffffffff) }),
};
