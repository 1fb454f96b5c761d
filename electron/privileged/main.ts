/**
 * The root process: `--role capture|workbench`, frames on stdin and stdout, words on stderr. It reads no environment, opens
 * no path that anybody names, and leaves when its client does. Everything it can be asked is in vocabulary.ts.
 */
import { errorData } from '../shared/errors.ts';
import { loadAddon } from './addon.ts';
import { parseArguments, type Role, USAGE } from './arguments.ts';
import { confine } from './confine.ts';
import { Server } from './server.ts';

declare const XDPEEK_VERSION: string | undefined;
const VERSION = typeof XDPEEK_VERSION === 'string' ? XDPEEK_VERSION : '0.0.0';
/** Root's own: which clsact filters an earlier xdpeek attached on kernels without TCX. */
const JOURNAL_DIR = '/run/xdpeek';

function say(line: string): void {
  process.stderr.write(`xdpeek-privileged: ${line.replaceAll(/[\x00-\x1f\x7f-\x9f]+/g, ' ')}\n`);
}

function run(role: Role): void {
  // Nothing predictable, nothing readable, nothing kept busy.
  process.umask(0o077);
  process.chdir('/');
  process.title = 'xdpeek-privileged';
  const { addon, bpfDir } = loadAddon(import.meta.dirname);
  confine(addon, role);
  if (role === 'capture' && addon.probe().privileged) for (const line of cleanStale(addon)) say(line);

  const exit = (status: number) => process.exit(status);
  const server = new Server({
    addon,
    bpfDir,
    journalDir: JOURNAL_DIR,
    role,
    version: VERSION,
    input: process.stdin,
    exit,
    say,
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => server.signalled(signal));
  process.on('uncaughtException', (error) => server.crashed(error));
  process.on('unhandledRejection', (error) => server.crashed(error));
  server.start();
}

function cleanStale(addon: { cleanStale(journalDir: string): string[] }): string[] {
  try {
    return addon.cleanStale(JOURNAL_DIR);
  } catch (error) {
    return [`cleaning up after an earlier run failed: ${errorData(error).message}`];
  }
}

const role = parseArguments(process.argv.slice(2));
if (role === undefined) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
} else {
  try {
    run(role);
  } catch (error) {
    say(errorData(error).message);
    process.exitCode = 1;
  }
}
