/** `xdpeek GROUP NAME …` → the command's code. */

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
  const hint = guess ? `Did you mean 'xdpeek ${group} ${guess}'?` : `See 'xdpeek ${group} --help'.`;
  return usageError(`unknown command ${quoted(`${group} ${name}`)}`, hint);
}
