/** Names of pins that people type: below xdpeek's own folder, never a path. */
import type { Workbench } from '../../session/workbench/workbench.ts';
import { PIN_FOLDER, PIN_NAME } from '../../shared/workbench.ts';
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

/**
 * Takes one pin away, or those of one kind in a folder: what `--pin-dir DIR` and `--pin NAME` of several programs made.
 * @returns the names of those that are gone
 */
export async function unpin(workbench: Workbench, name: string, kind: 'program' | 'map'): Promise<string[]> {
  const path = `${PIN_FOLDER}/${name}`;
  const pins = await workbench.request('pins', {});
  const inside = pins.filter((pin) => pin.path.startsWith(`${path}/`) && pin.kind === kind);
  const names = inside.length > 0 && pins.every((pin) => pin.path !== path) ? inside.map((pin) => pin.path) : [path];
  const short = names.map((each) => each.slice(PIN_FOLDER.length + 1));
  for (const each of short) await workbench.request('unpin', { name: each });
  return short;
}
