/** An object file loaded as the command line says: what `prog load` and `prog attach` share. */
import type { Workbench } from '../../session/workbench/workbench.ts';
import { XdpeekError } from '../../shared/errors.ts';
import { type LoadedObject, PIN_FOLDER } from '../../shared/workbench.ts';
import type { LoadOutcome, LoadRequest, ObjectDescription } from '../../shared/workbench-api.ts';
import { usageError } from '../options/usage-error.ts';
import { reusePairs, sizePairs, typePairs } from './pairs.ts';
import type { ProgramSource } from './program-source.ts';
import { variableValues } from './settings.ts';
import { sayRefused } from './verifier-words.ts';

export interface ObjectChoices {
  readonly type: readonly string[];
  readonly 'map-size': readonly string[];
  readonly 'reuse-maps': boolean;
  readonly reuse: readonly string[];
  readonly 'pin-dir': string | undefined;
  readonly 'verifier-log': '1' | '2' | undefined;
}

/**
 * Throws what refused it, after its verifier's log has been told on standard error.
 * @param pick which programs of it are loaded; none = all
 */
export async function loadSource(
  workbench: Workbench,
  source: Extract<ProgramSource, { kind: 'object' }>,
  choices: ObjectChoices,
  pick: (description: ObjectDescription) => string[] = () => source.programs,
): Promise<{ description: ObjectDescription; outcome: LoadOutcome & { loaded: LoadedObject } }> {
  const request = readChoices(choices);
  const description = await workbench.objects.open({ name: source.name, bytes: source.bytes });
  if (choices['pin-dir'] !== undefined && !choices['reuse-maps'])
    await refusePinned(workbench, description, choices['pin-dir']);
  const outcome = await workbench.objects.load({
    ...request,
    token: description.token,
    programs: pick(description),
    variables: variableValues(description, source.settings),
  });
  return { description, outcome: { ...outcome, loaded: loadedOr(outcome) } };
}

export function loadedOr(outcome: LoadOutcome): LoadedObject {
  if (outcome.loaded) return outcome.loaded;
  sayRefused(outcome);
  throw new XdpeekError(outcome.error!);
}

function readChoices(choices: ObjectChoices): Omit<LoadRequest, 'token' | 'programs' | 'variables'> {
  const pinDir = choices['pin-dir'];
  if (choices['reuse-maps'] && pinDir === undefined)
    throw usageError('--reuse-maps needs --pin-dir: the folder where the maps are pinned');
  return {
    types: typePairs(choices.type),
    mapSizes: sizePairs(choices['map-size']),
    reuse: reusePairs(choices.reuse),
    ...(pinDir !== undefined && { pinDir }),
    logLevel: choices['verifier-log'] === undefined ? 0 : (Number(choices['verifier-log']) as 1 | 2),
  };
}

/** Maps of an earlier run are used only when that is said: they may hold what the new one does not expect. */
async function refusePinned(workbench: Workbench, { maps }: ObjectDescription, pinDir: string): Promise<void> {
  const pins = await workbench.request('pins', {});
  const taken = maps.find(({ name }) => pins.some(({ path }) => path === `${PIN_FOLDER}/${pinDir}/${name}`));
  if (!taken) return;
  throw new XdpeekError({
    code: 'EEXIST',
    message: `a map is pinned as ${pinDir}/${taken.name} already`,
    hint: `Use it with --reuse-maps, or remove it: xdpeek map unpin ${pinDir}/${taken.name}.`,
  });
}
