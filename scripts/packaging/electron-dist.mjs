// Which Electron goes into the package: the one that npm fetched, or, where it cannot be had, a placeholder that says so when it
// is started. The rest of the package (command line, serve, capture) is whole either way.
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inRoot } from '../lib/paths.mjs';

/** Electron's fuse wire as electron-builder's fuse step looks for it: sentinel, version 1, length, one byte a fuse ('0' off, '1' on). */
const FUSE_WIRE = `dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001${String.fromCharCode(9)}101100011`;

const PLACEHOLDER = `#!/bin/sh
# This package was built where Electron's binary could not be had. Everything but the native window works.
echo 'xdpeek: this package was built without Electron, so there is no native window in it.' >&2
echo '        Run "xdpeek serve" and open the page that it prints.' >&2
exit 1
`;

/** @returns { folder, real }: a folder with an executable called electron. */
export function electronDist(stage) {
  const fetched = inRoot('node_modules/electron/dist');
  if (existsSync(path.join(fetched, 'electron'))) return { folder: fetched, real: true };
  const folder = path.join(stage, 'electron');
  rmSync(folder, { recursive: true, force: true });
  for (const part of ['resources', 'locales']) mkdirSync(path.join(folder, part), { recursive: true });
  writeFileSync(path.join(folder, 'locales/en-US.pak'), '');
  const executable = path.join(folder, 'electron');
  writeFileSync(executable, `${PLACEHOLDER}${FUSE_WIRE}`, 'latin1');
  chmodSync(executable, 0o755);
  return { folder, real: false };
}
