/**
 * The built renderer, as a table made once at start: a request picks an entry or gets 404. Paths from the network never meet
 * the file system.
 */
import { readdirSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { XdpeekError } from '../shared/errors.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
};

export interface StaticFile {
  readonly path: string;
  readonly type: string;
}

/** URL path → file, for the regular files of known types under `folder`. Throws when the window is not built. */
export function staticFiles(folder: string): ReadonlyMap<string, StaticFile> {
  const table = new Map<string, StaticFile>();
  for (const entry of filesOf(folder)) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    table.set(`/${relative(folder, path).split(sep).map(encodeURIComponent).join('/')}`, { path, type });
  }
  const index = table.get('/index.html');
  if (!index) throw notBuilt();
  return table.set('/', index);
}

function filesOf(folder: string) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch {
    throw notBuilt();
  }
}

function notBuilt(): XdpeekError {
  return new XdpeekError({
    code: 'ENOENT',
    message: 'the window is not built',
    hint: "Run 'npm run setup' in the checkout, or install the package again.",
  });
}
