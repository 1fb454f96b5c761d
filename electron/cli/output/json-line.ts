/** JSON, one object a line, safe for a terminal too: harmful characters appear as \u escapes, which mean the same in JSON. */
import { HARMFUL } from './printable.ts';

export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value).replace(HARMFUL, escaped)}\n`;
}

function escaped(found: string): string {
  return Array.from(
    { length: found.length },
    (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');
}
