/**
 * `xdpeek read`: a capture file as text, fields or JSON. The file is read in pieces and printed as it goes: memory does not
 * grow with it. Damage at the end is said after everything good was printed, with exit status 1.
 */

import type { Invocation } from '../options/spec.ts';
import { usageError } from '../options/usage-error.ts';
import { refuseDamage } from '../read-damage.ts';
import { printInThreads } from '../read-threads/threads.ts';
import type { Context } from '../start.ts';
import type { read } from '../table.ts';

type Options = Invocation<typeof read>['options'];

export async function run({ options, operands }: Invocation<typeof read>, context: Context): Promise<number> {
  if (options.field.length > 0 && options.type === 'text') throw usageError('-e needs -T fields or -T json');
  if (options.field.length === 0 && options.type === 'fields' && !options.quiet)
    throw usageError('-T fields needs at least one -e FIELD');
  const done =
    operands.length === 1 && isForThreads(options) ? await byThreads(operands[0]!, options, context) : undefined;
  if (done && !done.again) return context.stop.aborted ? 0 : refuseDamage(operands[0]!, done.damage, done.packets);
  // Dissectors and printers are loaded here: threads that begin to work meanwhile have their own.
  const { readAlone } = await import('../read-alone.ts');
  return readAlone(operands, options, done?.packets ?? 0, context);
}

/** Lines of all packets, and nothing told that the threads do not know. */
function isForThreads(options: Options): boolean {
  const told = [options['decode-as'], options['enable-heuristic'], options.keylog, options.preference];
  const lines = options.type === 'text' && !options.verbose && !options.quiet && options.count === undefined;
  return lines && options.statistic.length === 0 && told.flat().length === 0;
}

async function byThreads(name: string, options: Options, { out, stop }: Context) {
  const text = options['display-filter'];
  if (text === undefined) return printInThreads(name, { filter: undefined, hex: options.hex }, out, stop);
  const { displayFilter, isOfPairs } = await import('../display-filter.ts');
  const filter = displayFilter(text);
  if (filter && !isOfPairs(filter)) return undefined;
  return printInThreads(name, { filter: filter?.text, hex: options.hex }, out, stop);
}
