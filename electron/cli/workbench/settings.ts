/** `--set VAR=VALUE` → values of global variables, by their types. */
import type { CType, CValue, ObjectDescription } from '../../shared/workbench-api.ts';
import { quoted, usageError } from '../options/usage-error.ts';
import type { Setting } from './program-source.ts';

/** Several settings of parts of one variable add up; the rest of it stays as the object has it. */
export function variableValues(
  { name: object, variables }: ObjectDescription,
  settings: readonly Setting[],
): { name: string; value: CValue }[] {
  const values = new Map<string, CValue>();
  for (const { name: path, value } of settings) {
    const [name = '', ...steps] = path.match(/[^.[\]]+/g) ?? [];
    const variable = variables.find((each) => each.name === name);
    if (!variable) {
      const names = variables.map((each) => each.name).join(', ');
      const hint = names === '' ? 'It has none that its type information names.' : `It has: ${names}.`;
      throw usageError(`${object} has no global variable ${quoted(name)}`, hint);
    }
    const before = values.get(name) ?? structuredClone(variable.value);
    values.set(name, put(before, variable.type, steps, value, path));
  }
  return [...values].map(([name, value]) => ({ name, value }));
}

function put(into: CValue, type: CType, steps: readonly string[], text: string, path: string): CValue {
  const [step, ...rest] = steps;
  if (step === undefined) return readValue(text, type, path);
  if (Array.isArray(into) && type.kind === 'array' && /^\d+$/.test(step) && Number(step) < into.length)
    return into.with(Number(step), put(into[Number(step)]!, type.of, rest, text, path));
  if (typeof into === 'object' && !Array.isArray(into) && Object.hasOwn(into, step))
    return { ...into, [step]: put(into[step]!, memberType(type, step), rest, text, path) };
  const parts = typeof into === 'string' ? '' : Object.keys(into).join(', ');
  throw usageError(`there is no ${quoted(step)} in ${path}`, parts === '' ? 'It has no parts.' : `It has: ${parts}.`);
}

/** Members of structs without a name are those of what they lie in. */
function memberType(type: CType, name: string): CType {
  for (const member of type.kind === 'struct' || type.kind === 'union' ? type.members : []) {
    if (member.name === name) return member.type;
    const inner = member.name === '' ? memberType(member.type, name) : undefined;
    if (inner && inner.bytes > 0) return inner;
  }
  return { kind: 'bytes', name: '', bytes: 0 };
}

function readValue(text: string, type: CType, path: string): CValue {
  if (/^[[{]/.test(text)) {
    try {
      // Numbers in their own digits: those above 2^53 would lose some.
      const quotedNumbers = text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false/g, (word) =>
        word.startsWith('"') ? word : `"${word}"`,
      );
      return JSON.parse(quotedNumbers) as CValue;
    } catch {
      throw usageError(`the value of ${path} is not JSON: ${quoted(text)}`);
    }
  }
  // A string for a char array needs no quotes of its own on the command line.
  const isText = type.kind === 'array' && type.of.kind === 'int' && type.of.encoding === 'char';
  return isText && !text.startsWith('"') ? JSON.stringify(text) : text;
}
