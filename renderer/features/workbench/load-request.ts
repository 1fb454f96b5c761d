/** What is chosen in the form of an object file, and the request that it makes. Pure. */

import { PIN_NAME } from '../../../electron/shared/workbench.ts';
import type { CValue, LoadRequest, ObjectDescription } from '../../../electron/shared/workbench-api.ts';
import { sameValue, wrongValue } from '../../ui/typed-value.ts';

export interface LoadChoices {
  programs: ReadonlySet<string>;
  types: Readonly<Record<string, string>>;
  variables: Readonly<Record<string, CValue>>;
  /** As they stand in their fields; '' = as the file says. */
  sizes: Readonly<Record<string, string>>;
  reuse: Readonly<Record<string, string>>;
  pinDir: string;
  logLevel: 0 | 1 | 2;
}

type Program = ObjectDescription['programs'][number];

/** Its section does not say what it is. */
export const lacksType = ({ type }: Pick<Program, 'type'>) => type === '' || type === 'unspec';

/** All programs but those that their sections mark as optional ("?xdp"). */
export function firstChoices({ programs, variables }: ObjectDescription): LoadChoices {
  const wanted = programs.filter(({ optional }) => !optional);
  return {
    programs: new Set(wanted.map(({ name }) => name)),
    types: {},
    variables: Object.fromEntries(variables.map(({ name, value }) => [name, value])),
    sizes: {},
    reuse: {},
    pinDir: '',
    logLevel: 1,
  };
}

/** What has to be mended before it can be loaded; undefined = nothing. */
export function wrongChoices(description: ObjectDescription, choices: LoadChoices): string | undefined {
  if (choices.programs.size === 0) return 'Choose a program.';
  for (const program of description.programs)
    if (choices.programs.has(program.name) && lacksType(program) && !choices.types[program.name])
      return `Choose the type of ${program.name}: its section does not say.`;
  for (const { name, type } of description.variables) {
    const wrong = wrongValue(type, choices.variables[name]!);
    if (wrong) return `${name}: ${wrong}`;
  }
  for (const { name } of description.maps) {
    if (wrongSize(choices.sizes[name] ?? '')) return `${name}: a size is a number from 1 to 4294967295.`;
    if (wrongSize(choices.reuse[name] ?? '')) return `${name}: the map to use again is named by its id.`;
  }
  return wrongFolder(choices.pinDir);
}

export function wrongSize(text: string): boolean {
  const trimmed = text.trim();
  return trimmed !== '' && !(/^\d{1,10}$/.test(trimmed) && Number(trimmed) >= 1 && Number(trimmed) <= 0xffffffff);
}

export function wrongFolder(name: string): string | undefined {
  const trimmed = name.trim();
  return trimmed === '' || (PIN_NAME.test(trimmed) && !trimmed.includes('/'))
    ? undefined
    : 'A pin folder is one name of letters, digits, "_" and "-".';
}

export function requestOf(description: ObjectDescription, choices: LoadChoices): LoadRequest {
  const { token, programs, variables, maps } = description;
  const numbers = (texts: LoadChoices['sizes']) =>
    maps.flatMap(({ name }) => (texts[name]?.trim() ? [{ map: name, number: Number(texts[name]) }] : []));
  return {
    token,
    programs: programs.filter(({ name }) => choices.programs.has(name)).map(({ name }) => name),
    types: Object.entries(choices.types)
      .filter(([program, type]) => type !== '' && choices.programs.has(program))
      .map(([program, type]) => ({ program, type })),
    // Only what was changed: the file's own bytes are exact where a type is not understood.
    variables: variables
      .filter(({ name, value }) => !sameValue(choices.variables[name]!, value))
      .map(({ name }) => ({ name, value: choices.variables[name]! })),
    mapSizes: numbers(choices.sizes).map(({ map, number }) => ({ map, maxEntries: number })),
    reuse: numbers(choices.reuse).map(({ map, number }) => ({ map, id: number })),
    ...(choices.pinDir.trim() !== '' && { pinDir: choices.pinDir.trim() }),
    logLevel: choices.logLevel,
  };
}
