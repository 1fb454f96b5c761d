/** A program that a command wants to run: one that is loaded, or one that is loaded for as long as the command lasts. */
import { RUNNABLE_TYPES } from '../../packets/bpf/verdicts.ts';
import { openLibrary } from '../../session/workbench/library.ts';
import { libraryProgram } from '../../session/workbench/library-entries.ts';
import type { Workbench } from '../../session/workbench/workbench.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { LoadedObject } from '../../shared/workbench.ts';
import type { ObjectDescription } from '../../shared/workbench-api.ts';
import { quoted } from '../options/usage-error.ts';
import { resolveProgram, type Setting } from './program-source.ts';

interface ToLoad {
  name: string;
  bytes: Uint8Array;
  /** The one to run first; empty = what the object has. */
  programs: readonly string[];
  settings: readonly Setting[];
  prepare?(loaded: LoadedObject): Promise<void>;
}

/**
 * @param text id, FILE, FILE:PROGRAM, or name of a library program
 * @param settings global variables, or the library program's parameters
 * @returns its id
 */
export async function programToRun(workbench: Workbench, text: string, settings: readonly Setting[]): Promise<number> {
  if (libraryProgram(text)) {
    const values = Object.fromEntries(settings.map(({ name, value }) => [name, value]));
    const { fill, ...object } = await openLibrary(workbench, text, values);
    return loadToRun(workbench, { ...object, name: text, prepare: (loaded) => fill(workbench, loaded) });
  }
  const source = await resolveProgram(text, settings);
  return source.kind === 'id' ? source.id : loadToRun(workbench, source);
}

async function loadToRun(workbench: Workbench, object: ToLoad): Promise<number> {
  const { name, bytes, settings, prepare } = object;
  const description = await workbench.objects.open({ name, bytes });
  const wanted = object.programs[0] ?? onlyRunnable(description);
  const outcome = await workbench.objects.load({
    token: description.token,
    programs: object.programs.length > 1 ? [...object.programs] : together(description, wanted),
    types: [],
    variables: settings.map(({ name: variable, value }) => ({ name: variable, value })),
    mapSizes: [],
    reuse: [],
    logLevel: 0,
  });
  if (!outcome.loaded) throw new XdpeekError(outcome.error!);
  await prepare?.(outcome.loaded);
  const found = outcome.loaded.programs.find((program) => program.name === wanted);
  if (!found) throw new XdpeekError({ code: 'ENOENT', message: `${name} has no program ${quoted(wanted)}` });
  return found.id;
}

/** Where there is a program array, what it may be filled with is loaded too: libbpf does that. */
function together({ programs, maps }: ObjectDescription, wanted: string): string[] {
  const known = programs.some(({ name }) => name === wanted);
  return known && maps.some(({ type }) => type === 'prog_array') ? [] : [wanted];
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
