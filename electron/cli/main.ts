/**
 * `xdpeek`: finds the command, parses its options by the table, loads its code and turns what it returns or throws into an
 * exit status: 0 done, 1 failed, 2 wrong usage. Loads one command's code only.
 */
import { errorData, type XdpeekError } from '../shared/errors.ts';
import { habitCommand } from './options/habits.ts';
import { commandHelp, overview } from './options/help.ts';
import { nearest } from './options/nearest.ts';
import { quoted, usageError } from './options/usage-error.ts';
import { printable } from './output/printable.ts';
import { print, start } from './start.ts';
import * as table from './table.ts';
import { VERSION } from './version.ts';
import { chooseWorkbench, isGroup, overviewOf } from './workbench/choose.ts';

function choose(argv: readonly string[]): () => Promise<number> {
  const [first = '', ...rest] = argv;
  if (isGroup(first)) return chooseWorkbench(first, rest);
  switch (first) {
    case 'ifaces':
      return start(table.ifaces, rest, () => import('./commands/ifaces.ts'));
    case 'dump':
      return start(table.dump, rest, () => import('./commands/dump.ts'));
    case 'flows':
      return start(table.flows, rest, () => import('./commands/flows.ts'));
    case 'stats':
      return start(table.stats, rest, () => import('./commands/stats.ts'));
    case 'read':
      return start(table.read, rest, () => import('./commands/read.ts'));
    case 'convert':
      return start(table.convert, rest, () => import('./commands/convert.ts'));
    case 'filter':
      return start(table.filter, rest, () => import('./commands/filter.ts'));
    case 'serve':
      return start(table.serve, rest, () => import('./commands/serve.ts'));
    case 'demo':
      return start(table.demo, rest, () => import('./commands/demo.ts'));
    case 'monitor':
      return start(table.monitor, rest, () => import('./commands/monitor.ts'));
    case 'trace':
      return start(table.trace, rest, () => import('./commands/trace.ts'));
    case '-h':
    case '--help':
    case 'help':
      return async () => print(rest[0] === undefined ? overview(table.COMMANDS, VERSION) : help(rest));
    case '--version':
      return async () => print(rest[0] === undefined ? `xdpeek ${VERSION}\n` : tooMany(rest[0]));
    default:
      // A bare word that names no command and no path is a mistyped command, not a file that does not exist.
      if (/^[^-./][^./]*$/.test(first)) throw unknownCommand(first);
      return start(table.open, argv, () => import('./commands/open.ts'));
  }
}

function help(words: readonly string[]): string {
  const [name, second, third] = words;
  if (isGroup(name!) && second === undefined) return overviewOf(name);
  const extra = isGroup(name!) ? third : second;
  if (extra !== undefined) tooMany(extra);
  const spec = table.COMMANDS.find((command) => command.name === words.join(' '));
  if (!spec) throw unknownCommand(name!);
  return commandHelp(spec);
}

function tooMany(extra: string): never {
  throw usageError(`nothing known to do with ${quoted(extra)}`, "See 'xdpeek --help'.");
}

function unknownCommand(word: string): XdpeekError {
  const guess = nearest(
    word,
    table.COMMANDS.map(({ name }) => name.split(' ')[0]!),
  );
  const near = guess ? `Did you mean 'xdpeek ${guess}'?` : "See 'xdpeek --help'; name a file with its folder: ./FILE.";
  return usageError(`unknown command ${quoted(word)}`, habitCommand(word) ?? near);
}

/** One line for people, and what to do next on the same line. */
function report(error: unknown): number {
  const { code, message, hint, tried, place } = errorData(error);
  const line = `xdpeek: ${printable(message)}${/[.!?]$/.test(message) ? '' : '.'}${hint ? ` ${printable(hint)}` : ''}`;
  process.stderr.write(`${line}\n${code === 'FILTER' && tried !== undefined && place ? underlined(tried, place) : ''}`);
  if (code === 'INTERNAL' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return code === 'USAGE' ? 2 : 1;
}

/** The filter, and marks below the part that the message is about. */
function underlined(text: string, { offset, length }: { offset: number; length: number }): string {
  const marks = ' '.repeat(offset) + '^'.repeat(Math.max(1, length));
  return `  ${printable(text.replace(/\s/g, ' '))}\n  ${marks}\n`;
}

async function main(argv: readonly string[]): Promise<number> {
  try {
    return await choose(argv)();
  } catch (error) {
    return report(error);
  }
}

// All output has left by now (Output.flush; stderr is synchronous): nothing that a library left open may keep us.
process.exit(await main(process.argv.slice(2)));
