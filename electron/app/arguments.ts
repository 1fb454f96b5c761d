/**
 * The app's own command line: `xdpeek [--demo] [FILE…]`. Chromium takes its switches from the same line, so unknown
 * `--switches` are left to it; an empty or overlong name is an error in words.
 */
import { resolve } from 'node:path';
import { XdpeekError } from '../shared/errors.ts';

export interface AppArguments {
  demo: boolean;
  version: boolean;
  /** Absolute paths of captures to open; several are merged by time. */
  files: string[];
}

const PATH_MAX = 4096;
const FILES_MAX = 64;

/** @param args what follows the program (and, unpackaged, the app folder); `cwd` makes FILE absolute. */
export function parseArguments(args: readonly string[], cwd: string): AppArguments {
  const parsed: AppArguments = { demo: false, version: false, files: [] };
  let onlyFiles = false;
  for (const arg of args) {
    if (!onlyFiles && arg === '--') onlyFiles = true;
    else if (!onlyFiles && arg === '--demo') parsed.demo = true;
    else if (!onlyFiles && arg === '--version') parsed.version = true;
    else if (!onlyFiles && arg.startsWith('-')) continue;
    else if (parsed.files.length >= FILES_MAX) throw usage(`more than ${FILES_MAX} capture files`);
    else parsed.files.push(checkedPath(arg, cwd));
  }
  return parsed;
}

function checkedPath(arg: string, cwd: string): string {
  if (arg.length === 0) throw usage('the name of the capture file is empty');
  if (arg.length > PATH_MAX || arg.includes('\0')) throw usage('the name of the capture file is not a valid path');
  return resolve(cwd, arg);
}

function usage(message: string): XdpeekError {
  return new XdpeekError({ code: 'USAGE', message, hint: 'Usage: xdpeek [--demo] [FILE…]' });
}
