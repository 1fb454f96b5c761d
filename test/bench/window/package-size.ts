/** What the package has besides Electron and Node: `npm run package dir`, and every file in it that is ours, unpacked. */
import { execFileSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const RESOURCES = path.join(ROOT, 'release/linux-unpacked/resources');

export function packageBytes(): number {
  execFileSync(process.execPath, [path.join(ROOT, 'scripts/package.mjs'), 'dir'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const files = globSync('**/*', { cwd: RESOURCES, exclude: ['bin/node'] }).map((name) =>
    statSync(path.join(RESOURCES, name)),
  );
  return files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
}
