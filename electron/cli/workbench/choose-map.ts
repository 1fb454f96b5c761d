/** The map that people mean by an id, a name or a pin; and the maps of one command. */
import { Maps } from '../../session/workbench/maps/maps.ts';
import type { Workbench } from '../../session/workbench/workbench.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { MapInfo } from '../../shared/workbench.ts';
import { quoted } from '../options/usage-error.ts';
import { cutAlike } from './kernel-name.ts';
import { withWorkbench } from './with-workbench.ts';

/** @param text an operand */
export function withMap<T>(
  text: string,
  body: (maps: Maps, map: MapInfo, workbench: Workbench) => Promise<T>,
): Promise<T> {
  return withWorkbench(async (workbench) => {
    const maps = new Maps(workbench);
    return body(maps, chooseMap(await maps.list(), text), workbench);
  });
}

export function chooseMap(maps: readonly MapInfo[], text: string): MapInfo {
  const byId = maps.find(({ id }) => String(id) === text);
  if (byId) return byId;
  const isPin = (path: string) => path === text || path.endsWith(`/${text}`);
  const named = maps.filter(({ name }) => name === text);
  const pins = maps.filter(({ pinned }) => pinned.some(isPin));
  const found = [named, pins, maps.filter(({ name }) => cutAlike(name, text))].find(({ length }) => length > 0) ?? [];
  if (found.length === 1) return found[0]!;
  if (found.length === 0)
    throw new XdpeekError({
      code: 'ENOENT',
      message: `there is no map ${quoted(text)}`,
      hint: "'xdpeek map list' shows ids, names and pins; a map goes with the last program and process that use it.",
    });
  throw new XdpeekError({
    code: 'EINVAL',
    message: `${found.length} maps are called ${quoted(text)}`,
    hint: `Name one by its id: ${found.map(({ id }) => id).join(', ')}.`,
  });
}

/** "map 12 (flows)" */
export const mapWords = ({ id, name }: Pick<MapInfo, 'id' | 'name'>): string => `map ${id}${name && ` (${name})`}`;
