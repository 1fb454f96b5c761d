/** The program that people mean by an id, a name (whole, or cut as the kernel cuts it) or a pin. */

import { XdpeekError } from '../../shared/errors.ts';
import type { ProgramInfo } from '../../shared/workbench.ts';
import { quoted } from '../options/usage-error.ts';
import { cutAlike } from './kernel-name.ts';

/** Throws when there is none, or when the name is that of several. */
export function chooseProgram<P extends Pick<ProgramInfo, 'id' | 'name' | 'pinned'>>(
  programs: readonly P[],
  text: string,
): P {
  const byId = programs.find(({ id }) => String(id) === text);
  if (byId) return byId;
  const isPin = (path: string) => path === text || path.endsWith(`/${text}`);
  const named = programs.filter(({ name }) => name === text);
  const pins = programs.filter(({ pinned }) => pinned.some(isPin));
  const found =
    [named, pins, programs.filter(({ name }) => cutAlike(name, text))].find((some) => some.length > 0) ?? [];
  if (found.length === 1) return found[0]!;
  if (found.length === 0)
    throw new XdpeekError({
      code: 'ENOENT',
      message: `there is no program ${quoted(text)}`,
      hint: "'xdpeek prog list' shows ids, names and pins.",
    });
  throw new XdpeekError({
    code: 'EINVAL',
    message: `${found.length} programs are called ${quoted(text)}`,
    hint: `Name one by its id: ${found.map(({ id }) => id).join(', ')}.`,
  });
}
