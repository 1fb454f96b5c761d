/** `xdpeek GROUP NAME …` → the command's code. */

import { habitCommand } from '../options/habits.ts';
import { groupHelp } from '../options/help.ts';
import { nearest } from '../options/nearest.ts';
import { quoted, usageError } from '../options/usage-error.ts';
import { print, start } from '../start.ts';
import * as table from './table.ts';

export function isGroup(word: string): word is table.Group {
  return Object.hasOwn(table.GROUPS, word);
}

export function chooseWorkbench(group: table.Group, [name = '', ...rest]: readonly string[]): () => Promise<number> {
  switch (`${group} ${name}`) {
    case 'link list':
      return start(table.linkList, rest, () => import('../commands/link/list.ts'));
    case 'link detach':
      return start(table.linkDetach, rest, () => import('../commands/link/detach.ts'));
    case 'map list':
      return start(table.mapList, rest, () => import('../commands/map/list.ts'));
    case 'map show':
      return start(table.mapShow, rest, () => import('../commands/map/show.ts'));
    case 'map dump':
      return start(table.mapDump, rest, () => import('../commands/map/dump.ts'));
    case 'map get':
      return start(table.mapGet, rest, () => import('../commands/map/get.ts'));
    case 'map set':
      return start(table.mapSet, rest, () => import('../commands/map/set.ts'));
    case 'map delete':
      return start(table.mapDelete, rest, () => import('../commands/map/delete.ts'));
    case 'map push':
      return start(table.mapPush, rest, () => import('../commands/map/push.ts'));
    case 'map pop':
      return start(table.mapPop, rest, () => import('../commands/map/pop.ts'));
    case 'map pin':
      return start(table.mapPin, rest, () => import('../commands/map/pin.ts'));
    case 'map unpin':
      return start(table.mapUnpin, rest, () => import('../commands/map/unpin.ts'));
    case 'map pins':
      return start(table.mapPins, rest, () => import('../commands/map/pins.ts'));
    case 'map watch':
      return start(table.mapWatch, rest, () => import('../commands/map/watch.ts'));
    case 'map create':
      return start(table.mapCreate, rest, () => import('../commands/map/create.ts'));
    case 'prog list':
      return start(table.progList, rest, () => import('../commands/prog/list.ts'));
    case 'prog show':
      return start(table.progShow, rest, () => import('../commands/prog/show.ts'));
    case 'prog disasm':
      return start(table.progDisasm, rest, () => import('../commands/prog/disasm.ts'));
    case 'prog stats':
      return start(table.progStats, rest, () => import('../commands/prog/stats.ts'));
    case 'prog pin':
      return start(table.progPin, rest, () => import('../commands/prog/pin.ts'));
    case 'prog unpin':
      return start(table.progUnpin, rest, () => import('../commands/prog/unpin.ts'));
    case 'prog library':
      return start(table.progLibrary, rest, () => import('../commands/prog/library.ts'));
    case 'prog load':
      return start(table.progLoad, rest, () => import('../commands/prog/load.ts'));
    case 'prog attach':
      return start(table.progAttach, rest, () => import('../commands/prog/attach.ts'));
    case 'prog detach':
      return start(table.progDetach, rest, () => import('../commands/prog/detach.ts'));
    case 'prog run':
      return start(table.progRun, rest, () => import('../commands/prog/run.ts'));
    case 'prog test':
      return start(table.progTest, rest, () => import('../commands/prog/test.ts'));
    case 'prog run-xsk-echo':
      return start(table.progRunXskEcho, rest, () => import('../commands/prog/run-xsk-echo.ts'));
    default:
      if (['', '-h', '--help', 'help'].includes(name)) return async () => print(overviewOf(group));
      throw unknown(group, name);
  }
}

export function overviewOf(group: table.Group): string {
  return groupHelp(group, table.GROUPS[group], commandsOf(group));
}

const commandsOf = (group: string) => table.WORKBENCH_COMMANDS.filter(({ name }) => name.startsWith(`${group} `));

function unknown(group: string, name: string): Error {
  const guess = nearest(
    name,
    commandsOf(group).map((spec) => spec.name.slice(group.length + 1)),
  );
  const near = guess ? `Did you mean 'xdpeek ${group} ${guess}'?` : `See 'xdpeek ${group} --help'.`;
  return usageError(`unknown command ${quoted(`${group} ${name}`)}`, habitCommand(`${group} ${name}`) ?? near);
}
