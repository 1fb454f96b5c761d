/** Programs by the names of the library, where a file or an id could stand as well. */
import { openLibrary } from '../../session/workbench/library.ts';
import { LIBRARY, libraryProgram } from '../../session/workbench/library-entries.ts';
import type { Workbench } from '../../session/workbench/workbench.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { AttachTarget } from '../../shared/workbench.ts';
import { nearest } from '../options/nearest.ts';
import { quoted, usageError } from '../options/usage-error.ts';
import { type ObjectSource, type ProgramSource, resolveProgram, type Setting } from './program-source.ts';

export interface LibraryName {
  kind: 'library';
  name: string;
  values: Record<string, string>;
}

/** What is wrong with the words is told before any rights are asked for. */
export async function resolveNamed(text: string, settings: readonly Setting[]): Promise<ProgramSource | LibraryName> {
  if (libraryProgram(text)) return { kind: 'library', name: text, values: valuesOf(text, settings) };
  if (!looksLikeName(text)) return resolveProgram(text, settings);
  return resolveProgram(text, settings).catch((error) => {
    const missing = error instanceof XdpeekError && ['ENOENT', 'ENAMETOOLONG'].includes(error.code);
    throw missing ? unknownName(text) : error;
  });
}

/** Of the library by its looks: neither a path nor an object's file name. */
export const looksLikeName = (text: string) => /^[A-Za-z_]\w*$/.test(text);

/** @param files the name may be that of a file too */
export function unknownName(text: string, files = true): Error {
  const guess = nearest(
    text,
    LIBRARY.map(({ name }) => name),
  );
  const shown = text.length > 64 ? `${text.slice(0, 64)}…` : text;
  return usageError(
    `${quoted(shown)} is ${files ? 'neither in the library nor a file' : 'not in the library'}`,
    guess
      ? `Did you mean '${guess}'?`
      : `'xdpeek prog library' lists the names${files ? '; a file may be any object' : ''}.`,
  );
}

/** What was said of the place: the namespace of interfaces that are named, kprobe or tracepoint. */
export type Where = { netns?: string; hook?: AttachTarget['kind'] };

export async function openNamed(
  workbench: Workbench,
  source: ObjectSource | LibraryName,
  where?: Where,
): Promise<ObjectSource>;
export async function openNamed(
  workbench: Workbench,
  source: ProgramSource | LibraryName,
  where?: Where,
): Promise<ProgramSource>;
export async function openNamed(
  workbench: Workbench,
  source: ProgramSource | LibraryName,
  where: Where = {},
): Promise<ProgramSource> {
  if (source.kind !== 'library') return source;
  const { program, bytes, programs, settings, fill, target } = await openLibrary(
    workbench,
    source.name,
    source.values,
    where,
  );
  return {
    kind: 'object',
    name: program.object,
    bytes,
    programs,
    settings,
    prepare: (loaded) => fill(workbench, loaded),
    ...(target && { target }),
  };
}

/** `--set` of a parameter; a list may be given in several. */
function valuesOf(name: string, settings: readonly Setting[]): Record<string, string> {
  const values = new Map<string, string>();
  const parameters = libraryProgram(name)!.parameters;
  for (const { name: parameter, value } of settings) {
    const known = parameters.find((each) => each.name === parameter);
    if (!known) {
      const has = parameters.map((each) => each.name).join(', ');
      throw usageError(
        `${name} has no parameter ${quoted(parameter.slice(0, 64))}`,
        has === '' ? 'It has none.' : `It has: ${has}. 'xdpeek prog library ${name}' explains them.`,
      );
    }
    const before = values.get(parameter);
    if (before !== undefined && known.kind !== 'mac-pairs') throw usageError(`--set ${parameter} is given twice`);
    values.set(parameter, before === undefined ? value : `${before},${value}`);
  }
  const missing = parameters.find((each) => each.required && !values.get(each.name));
  if (missing)
    throw usageError(
      `${name} needs --set ${missing.name}=…: ${missing.help}`,
      `'xdpeek prog library ${name}' explains its parameters.`,
    );
  return Object.fromEntries(values);
}
