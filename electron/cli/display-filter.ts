/** -Y of the command line: compiled, or said what is wrong with it and where. */
import { FIELDS, FRAME_OWNER } from '../packets/dissect/fields.ts';
import { DisplayFilter, FilterError } from '../packets/filter/index.ts';
import { quoted, usageError } from './options/usage-error.ts';

export function displayFilter(text: string | undefined): DisplayFilter | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  try {
    return new DisplayFilter(text);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const { at, length } = error;
    const where = length > 0 ? `at character ${at + 1}, ${quoted(text.slice(at, at + length))}` : 'at its end';
    throw usageError(`the display filter cannot be used: ${error.message} (${where})`);
  }
}

/** Whether a filter asks for nothing but what the packets of a pair tell. */
export function isOfPairs({ fields }: DisplayFilter): boolean {
  for (const name of fields)
    if (/^(_ws\.|(tcp|udp)\.stream$|udp\.time_)/.test(name) || FIELDS.get(name)?.owners.has(FRAME_OWNER)) return false;
  return true;
}
