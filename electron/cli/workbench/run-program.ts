/** A program that a command wants to run: one that is loaded, or one that is loaded for as long as the command lasts. */
import { RUNNABLE_TYPES } from '../../packets/bpf/verdicts.ts';
import type { Workbench } from '../../session/workbench/workbench.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { ObjectDescription } from '../../shared/workbench-api.ts';
import { quoted } from '../options/usage-error.ts';
import { openNamed, resolveNamed } from './library-source.ts';
import { loadSource, type ObjectChoices } from './load-source.ts';
import type { ObjectSource, Setting } from './program-source.ts';

const NO_CHOICES: ObjectChoices = {
  type: [],
  'map-size': [],
  'reuse-maps': false,
  reuse: [],
  'pin-dir': undefined,
  'verifier-log': undefined,
};

/**
 * @param text id, FILE, FILE:PROGRAM, or name of a library program
 * @param settings global variables, or the library program's parameters
 * @returns its id
 */
export async function programToRun(workbench: Workbench, text: string, settings: readonly Setting[]): Promise<number> {
  const source = await openNamed(workbench, await resolveNamed(text, settings));
  return source.kind === 'id' ? source.id : loadToRun(workbench, source);
}

async function loadToRun(workbench: Workbench, object: ObjectSource): Promise<number> {
  let wanted = '';
  const { outcome } = await loadSource(workbench, object, NO_CHOICES, (description) => {
    wanted = object.programs[0] === undefined ? onlyRunnable(description) : byName(description, object.programs[0]);
    return object.programs.length > 1 ? object.programs : together(description, wanted);
  });
  await object.prepare?.(outcome.loaded);
  return outcome.loaded.programs.find(({ name }) => name === wanted)!.id;
}

/** Where there is a program array, what it may be filled with is loaded too: libbpf does that. */
function together({ maps }: ObjectDescription, wanted: string): string[] {
  return maps.some(({ type }) => type === 'prog_array') ? [] : [wanted];
}

/** By name or by section. */
export function byName({ name: object, programs }: ObjectDescription, wanted: string): string {
  const found = programs.find(({ name }) => name === wanted) ?? programs.find(({ section }) => section === wanted);
  if (found) return found.name;
  throw new XdpeekError({
    code: 'ENOENT',
    message: `${object} has no program '${wanted}', neither by name nor by section`,
    hint: programs.length === 0 ? 'It has no programs.' : `It has: ${programs.map(({ name }) => name).join(', ')}.`,
  });
}

function onlyRunnable({ name, programs }: ObjectDescription): string {
  const runnable = programs.filter(({ type }) => RUNNABLE_TYPES.includes(type));
  if (runnable.length === 1) return runnable[0]!.name;
  const names = (some: typeof programs) => some.map((program) => program.name).join(', ');
  if (runnable.length > 1)
    throw new XdpeekError({
      code: 'USAGE',
      message: `${quoted(name)} has ${runnable.length} programs that can be run: say which`,
      hint: `FILE:PROGRAM, with one of ${names(runnable)}.`,
    });
  throw new XdpeekError({
    code: 'EOPNOTSUPP',
    message: `${quoted(name)} has no program that is run on packets (XDP, tc, socket filter)`,
    hint: programs.length > 0 ? `It has ${names(programs)}.` : 'It has no programs.',
  });
}
