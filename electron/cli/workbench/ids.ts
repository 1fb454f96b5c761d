/** Ids that people type. */
import { quoted, usageError } from '../options/usage-error.ts';

export function idOf(text: string, what: string): number {
  const id = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (id < 1 || id > 0xffffffff)
    throw usageError(`${quoted(text)} is not the id of a ${what}`, 'Ids are whole numbers.');
  return id;
}
