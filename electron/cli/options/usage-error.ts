/** A mistake in the command line: exit status 2, one line, and the nearest thing that would be right. */
import { XdpeekError } from '../../shared/errors.ts';
import { printable } from '../output/printable.ts';

/** Longest piece of the user's own text that a message repeats. */
const QUOTE_MAX = 80;

export function usageError(message: string, hint?: string): XdpeekError {
  return new XdpeekError({ code: 'USAGE', message: printable(message), ...(hint ? { hint } : {}) });
}

/** The user's text, fit to be repeated in a message. */
export function quoted(text: string): string {
  return `'${text.length > QUOTE_MAX ? `${text.slice(0, QUOTE_MAX)}…` : text}'`;
}
