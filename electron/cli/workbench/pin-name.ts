/** Names of pins that people type: below xdpeek's own folder, never a path. */
import { PIN_NAME } from '../../shared/workbench.ts';
import { quoted, usageError } from '../options/usage-error.ts';

const FOLDER = '/sys/fs/bpf/xdpeek/';

export function pinNameOf(text: string): string {
  // As the list shows it.
  const name = text.startsWith(FOLDER) ? text.slice(FOLDER.length) : text;
  if (!PIN_NAME.test(name))
    throw usageError(
      `${quoted(text)} cannot be the name of a pin`,
      `It is a name below ${FOLDER}: letters, digits, - and _, with at most one folder in front.`,
    );
  return name;
}
