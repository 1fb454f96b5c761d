/** The capture filter of a command line: `-f EXPR`, or, as tcpdump has it, the words that are left. */
import { usageError } from '../options/usage-error.ts';

export function captureFilter(option: string | undefined, words: readonly string[]): { filter?: string } {
  if (option !== undefined && words.length > 0)
    throw usageError(`the filter is given twice: -f '${option}' and '${words.join(' ')}'`, 'Keep one of them.');
  const filter = option ?? words.join(' ');
  return filter.trim() === '' ? {} : { filter };
}
