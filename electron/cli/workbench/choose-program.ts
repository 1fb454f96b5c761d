/** The program that people mean by an id or a name. */

import { XdpeekError } from '../../shared/errors.ts';
import type { ProgramInfo } from '../../shared/workbench.ts';
import { quoted } from '../options/usage-error.ts';

/** Throws when there is none, or when the name is that of several. */
export function chooseProgram<P extends Pick<ProgramInfo, 'id' | 'name'>>(programs: readonly P[], text: string): P {
  const found = programs.filter(({ id, name }) => name === text || String(id) === text);
  if (found.length === 1) return found[0]!;
  const byId = found.find(({ id }) => String(id) === text);
  if (byId) return byId;
  if (found.length === 0)
    throw new XdpeekError({
      code: 'ENOENT',
      message: `there is no program ${quoted(text)}`,
      hint: "'xdpeek prog list' shows ids and names.",
    });
  throw new XdpeekError({
    code: 'EINVAL',
    message: `${found.length} programs are called ${quoted(text)}`,
    hint: `Name one by its id: ${found.map(({ id }) => id).join(', ')}.`,
  });
}
