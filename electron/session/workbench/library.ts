/**
 * The library that comes with xdpeek: its programs opened with their parameters filled in, loaded, their maps filled, attached. Objects and sources are files of
 * the product, beside its own code.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { XdpeekError } from '../../shared/errors.ts';
import type { AttachTarget, LoadedObject, WorkbenchAttachment } from '../../shared/workbench.ts';
import type { LibraryEntry, LoadOutcome, ObjectDescription } from '../../shared/workbench-api.ts';
import { findLayout } from '../layout.ts';
import { LIBRARY, type LibraryProgram, libraryProgram } from './library-entries.ts';
import { type Filled, fillParameters, type MapFill, type Setting } from './library-values.ts';
import type { Workbench } from './workbench.ts';

export type LibraryValues = Readonly<Record<string, string>>;

/** What is loaded for a program of the library, and where it goes when nothing is said. */
export interface LibraryObject {
  program: LibraryProgram;
  /** The object file. */
  bytes: Uint8Array;
  /** Of the object: the one to attach first, then what it tail-calls. */
  programs: string[];
  settings: Setting[];
  /** Between loading and attaching: entries of its maps. */
  fill(workbench: Workbench, loaded: LoadedObject): Promise<void>;
  target?: AttachTarget;
}

/** Programs that this kernel's tracing subsystem probes: absent where it was built without. */
const KPROBES = '/sys/bus/event_source/devices/kprobe';
/** The kernel's function of a system call. */
const SYSCALL_PREFIX: Partial<Record<NodeJS.Architecture, string>> = { x64: '__x64_sys_', arm64: '__arm64_sys_' };
const systemCall = (name: string) => `${SYSCALL_PREFIX[process.arch] ?? 'sys_'}${name}`;

export const libraryEntries = (): LibraryEntry[] =>
  LIBRARY.map(({ name, title, about, rows, hooks, parameters, loads, tracepoint, kprobe }) => ({
    name,
    title,
    about,
    rows,
    hooks,
    parameters: parameters.map(({ into: _, ...parameter }) => parameter),
    loads,
    ...(tracepoint !== undefined && { tracepoint }),
    ...(kprobe !== undefined && { kprobe: systemCall(kprobe) }),
  }));

/** The C source, as it was compiled. */
export async function librarySource(name: string): Promise<string> {
  return readFile(fileOf(found(name), 'c'), 'utf8');
}

/** @param where the hook and network namespace that it is meant for */
export async function openLibrary(
  workbench: Workbench,
  name: string,
  values: LibraryValues,
  where: { netns?: string; hook?: AttachTarget['kind'] } = {},
): Promise<LibraryObject> {
  const program = found(name);
  const { settings, fills } = await fillParameters(program, values, (ifname) =>
    ifindexOf(workbench, ifname, where.netns),
  );
  const { entry, target } = entryOf(program, where.hook);
  return {
    program,
    bytes: new Uint8Array(await readFile(fileOf(program, 'o'))),
    programs: [entry, ...(program.companions ?? [])],
    settings,
    fill: (kernel, loaded) => fillMaps(kernel, loaded, fills, where.netns),
    ...(target && { target }),
  };
}

/** As `library.open`: what can be loaded, the values in its variables. */
export async function describeLibrary(
  workbench: Workbench,
  name: string,
  values: LibraryValues,
): Promise<ObjectDescription> {
  const { bytes, settings, program } = await openLibrary(workbench, name, values);
  const description = await workbench.objects.open({ name: program.object, bytes });
  const set = new Map(settings.map((each) => [each.name, each.value]));
  const variables = description.variables.map((variable) => ({
    ...variable,
    value: set.get(variable.name) ?? variable.value,
  }));
  return { ...description, variables };
}

/** Loads, fills and attaches; what was loaded is unloaded again when the rest fails. A program that the verifier refuses is an outcome. */
export async function attachLibrary(
  workbench: Workbench,
  name: string,
  values: LibraryValues,
  { target, replace, pin }: { target: AttachTarget; replace?: { expectedId: number }; pin?: string },
): Promise<{ outcome: LoadOutcome; attachment?: WorkbenchAttachment }> {
  const netns = 'netns' in target ? target.netns : undefined;
  const object = await openLibrary(workbench, name, values, {
    hook: target.kind,
    ...(netns !== undefined && { netns }),
  });
  const { token } = await workbench.objects.open({ name: object.program.object, bytes: object.bytes });
  const outcome = await workbench.objects.load({
    token,
    programs: object.programs,
    types: [],
    variables: object.settings,
    mapSizes: [],
    reuse: [],
    logLevel: object.program.loads ? 0 : 2,
  });
  const { loaded } = outcome;
  if (!loaded) return { outcome };
  try {
    await object.fill(workbench, loaded);
    const programId = loaded.programs.find((each) => each.name === object.programs[0])!.id;
    const attachment = await workbench.request('attach', {
      programId,
      target,
      ...(replace && { replace }),
      ...(pin !== undefined && { pin }),
    });
    const note = await vethNote(workbench, object.program, attachment);
    return { outcome, attachment: note === undefined ? attachment : { ...attachment, note } };
  } catch (error) {
    await workbench.objects.close(loaded.objectId);
    throw error;
  }
}

/** What sends frames on from a veth in native mode counts them as sent, and yet they may arrive nowhere: that is said when it is attached. */
export async function vethNote(
  workbench: Workbench,
  { about }: Pick<LibraryProgram, 'about'>,
  { target, actualMode, note }: WorkbenchAttachment,
): Promise<string | undefined> {
  const words = about.find((paragraph) => paragraph.startsWith('A veth takes '));
  if (words === undefined || target.kind !== 'interface' || actualMode !== 'native') return note;
  const there = await workbench.interfacesIn(target.netns);
  if (there.find(({ ifname }) => ifname === target.ifname)?.driver !== 'veth') return note;
  return note === undefined ? words : `${note}. ${words}`;
}

function found(name: string): LibraryProgram {
  const program = libraryProgram(name);
  if (program) return program;
  throw new XdpeekError({
    code: 'ENOENT',
    message: `the library has no program ${JSON.stringify(name.slice(0, 64))}`,
    hint: "'xdpeek prog library' lists what it has.",
  });
}

/** Which program of the object: tracepoint or kprobe, as asked, else what this kernel can. */
function entryOf(program: LibraryProgram, hook?: AttachTarget['kind']): { entry: string; target?: AttachTarget } {
  const { name, onTracepoint, tracepoint, kprobe } = program;
  if (onTracepoint === undefined || tracepoint === undefined || kprobe === undefined) return { entry: name };
  const probed = hook === undefined ? existsSync(KPROBES) : hook === 'kprobe';
  return probed
    ? { entry: name, target: { kind: 'kprobe', function: systemCall(kprobe) } }
    : { entry: onTracepoint, target: { kind: 'tracepoint', name: tracepoint } };
}

const fileOf = ({ object }: LibraryProgram, kind: 'c' | 'o') =>
  path.join(findLayout().dist, 'bpf/library', `${object}.bpf.${kind}`);

async function ifindexOf(workbench: Workbench, ifname: string, netns: string | undefined): Promise<number> {
  const interfaces = await workbench.interfacesIn(netns);
  const one = interfaces.find((each) => each.ifname === ifname);
  if (one) return one.ifindex;
  const names = interfaces.map((each) => each.ifname).join(', ');
  throw new XdpeekError({
    code: 'ENODEV',
    message: `there is no interface ${JSON.stringify(ifname.slice(0, 32))}${netns === undefined ? '' : ` in network namespace ${netns}`}`,
    hint: `There are: ${names}.`,
  });
}

async function fillMaps(
  workbench: Workbench,
  { maps }: LoadedObject,
  fills: Filled['fills'],
  netns: string | undefined,
): Promise<void> {
  for (const { map, key, value, inNetns } of fills)
    await workbench.request('mapUpdate', {
      id: idOf(maps, map),
      key: base64(key),
      value: base64(value),
      mode: 'any',
      ...(inNetns && netns !== undefined && { netns }),
    });
}

const base64 = (bytes: MapFill['key']) => Buffer.from(bytes).toString('base64');

function idOf(maps: LoadedObject['maps'], name: string): number {
  const map = maps.find((each) => each.name === name);
  if (!map) throw new Error(`the object has no map ${name}`);
  return map.id;
}
