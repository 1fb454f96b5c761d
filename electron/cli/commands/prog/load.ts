/** `xdpeek prog load`: what is in it, what the verifier says, and pins for what shall stay. */
import type { Workbench } from '../../../session/workbench/workbench.ts';
import type { LoadedObject } from '../../../shared/workbench.ts';
import type { LoadOutcome } from '../../../shared/workbench-api.ts';
import { say } from '../../capture/messages.ts';
import type { Invocation } from '../../options/spec.ts';
import { usageError } from '../../options/usage-error.ts';
import { jsonLine } from '../../output/json-line.ts';
import { textTable } from '../../output/table.ts';
import type { Context } from '../../start.ts';
import { type LibraryName, looksLikeName, openNamed, resolveNamed } from '../../workbench/library-source.ts';
import { loadCode } from '../../workbench/load-code.ts';
import { loadSource } from '../../workbench/load-source.ts';
import { pinNameOf } from '../../workbench/pin-name.ts';
import { privatePinsNote } from '../../workbench/private-pins.ts';
import { type ObjectSource, objectSource, readSettings } from '../../workbench/program-source.ts';
import type { progLoad } from '../../workbench/table-attach.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

const COLUMNS = [{ title: 'KIND' }, { title: 'ID', right: true }, { title: 'NAME' }, { title: 'TYPE' }];

export async function run({ options, operands }: Invocation<typeof progLoad>, { out }: Context): Promise<number> {
  const [file, ...programs] = operands;
  const given = [file, options.insns, options.asm].filter((each) => each !== undefined);
  if (given.length !== 1) throw usageError('say what to load: an object FILE, --asm FILE, or --insns FILE.json');
  const settings = readSettings(options.set);
  const pin = options.pin === undefined ? undefined : pinNameOf(options.pin);
  const named = file === undefined ? undefined : await sourceOf(file);
  if (named?.kind === 'library' && programs.length > 0) throw usageError(`${named.name} is one program of the library`);
  return withWorkbench(async (workbench) => {
    const outcome = await load(workbench);
    const { loaded, logs } = outcome;
    if (options['verifier-log'] !== undefined)
      for (const { program, raw } of logs) await out.write(`== ${program}\n${raw}`);
    const pins = pin === undefined ? [] : await pinAll(workbench, loaded, pin);
    const types = new Map((await workbench.request('maps', {})).map(({ id, type }) => [id, type]));
    const maps = loaded.maps.map((map) => ({ ...map, type: types.get(map.id) ?? '' }));
    await out.write(options.json ? jsonLine({ ...loaded, maps, pins }) : table({ ...loaded, maps }, pins));
    if (options.pin === undefined && options['pin-dir'] === undefined)
      say('loaded, and gone when this command ends: --pin keeps it');
    else process.stderr.write(privatePinsNote());
    return 0;
  });

  async function load(workbench: Workbench): Promise<LoadOutcome & { loaded: LoadedObject }> {
    if (named === undefined) return loadCode(workbench, options);
    const source = await openNamed(workbench, named);
    const { outcome } = await loadSource(workbench, source, options);
    await source.prepare?.(outcome.loaded);
    return outcome;
  }

  async function sourceOf(text: string): Promise<ObjectSource | LibraryName> {
    if (looksLikeName(text)) {
      const found = await resolveNamed(text, settings);
      if (found.kind === 'library') return found;
    }
    const source = await objectSource(text, settings);
    return { ...source, programs: [...source.programs, ...programs] };
  }
}

async function pinAll(workbench: Workbench, { programs }: LoadedObject, name: string) {
  if (programs.length > 1 && name.includes('/'))
    throw usageError(
      `${programs.length} programs cannot be pinned as ${name}`,
      'Name one program, or a folder for them all: --pin NAME.',
    );
  const paths: string[] = [];
  for (const program of programs) {
    const pinName = programs.length === 1 ? name : `${name}/${program.name}`;
    const { path } = await workbench.request('pin', { kind: 'program', id: program.id, name: pinName });
    paths.push(path);
  }
  return paths;
}

type Shown = Pick<LoadedObject, 'programs'> & { maps: (LoadedObject['maps'][number] & { type: string })[] };

function table({ programs, maps }: Shown, pins: readonly string[]): string {
  const rows = [
    ...programs.map(({ id, name, type }) => ['program', String(id), name, type]),
    ...maps.map(({ id, name, type }) => ['map', String(id), name, type]),
  ];
  return `${textTable(COLUMNS, rows)}${pins.map((path) => `pinned as ${path}\n`).join('')}`;
}
