/** Run-time checks of what pages send over ipc: exact count, type, range. Pure; each throws a typed error or returns the tuple. */
import { basename, isAbsolute } from 'node:path';
import { XdpeekError } from '../shared/errors.ts';
import type { ExportRequest } from '../shared/export.ts';
import { exportRequest } from '../shared/export-checks.ts';
import { THEMES, type Theme } from '../shared/ipc.ts';

export function checkNothing(args: unknown[]): [] {
  count(args, 0);
  return [];
}

const DROPPED_MAX = 64;

/** Absolute paths as webUtils.getPathForFile gives them in the preload; a File made by script has the empty path. */
export function checkDroppedPaths(args: unknown[]): string[] {
  if (args.length === 0 || args.length > DROPPED_MAX)
    throw bad(`expected 1 to ${DROPPED_MAX} files, got ${args.length}`);
  return args.map(droppedPath);
}

function droppedPath(value: unknown): string {
  const path = text([value], 4096);
  if (path === '')
    throw new XdpeekError({
      code: 'ENOENT',
      message: 'what was dropped is not a file on this machine',
      hint: 'Drop a capture file from the file manager, or open it with Ctrl+O.',
    });
  if (!isAbsolute(path)) throw bad('a dropped file needs an absolute path');
  return path;
}

/** A bare file name: what would choose a folder or confuse a terminal is refused. */
export function checkSuggestedName(args: unknown[]): [suggestedName: string] {
  const name = text(args, 255);
  if (name === '' || name === '.' || name === '..' || basename(name) !== name || /[\u0000-\u001f\u007f]/.test(name))
    throw bad('the suggested name is not a plain file name');
  return [name];
}

export function checkToken(args: unknown[]): [token: string] {
  return [text(args, 64)];
}

export function checkExport(args: unknown[]): [request: ExportRequest, suggestedName: string] {
  count(args, 2);
  const [name] = checkSuggestedName([args[1]]);
  return [exportRequest(args[0], 'export'), name];
}

export function checkExternalUrl(args: unknown[]): [url: string] {
  const url = text(args, 2048);
  if (!URL.canParse(url)) throw bad('not a web address');
  const parsed = new URL(url);
  if (parsed.protocol !== 'https:' || parsed.username !== '' || parsed.password !== '')
    throw bad('only https addresses without credentials are opened');
  return [parsed.href];
}

export function checkTheme(args: unknown[]): [theme: Theme] {
  count(args, 1);
  const theme = THEMES.find((name) => name === args[0]);
  if (theme === undefined) throw bad('unknown theme');
  return [theme];
}

function text(args: unknown[], maxLength: number): string {
  count(args, 1);
  const [value] = args;
  if (typeof value !== 'string' || value.length > maxLength || value.includes('\0')) throw bad('expected a short text');
  return value;
}

function count(args: unknown[], wanted: number): void {
  if (args.length !== wanted) throw bad(`expected ${wanted} arguments, got ${args.length}`);
}

function bad(message: string): XdpeekError {
  return new XdpeekError({ code: 'EINVAL', message });
}
