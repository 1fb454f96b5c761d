// node_modules, exactly as the lock file says, only when the lock file changed since the last time.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { SetupError, step } from './log.mjs';
import { inRoot, nodeHeaders, productNode } from './paths.mjs';
import { run } from './run.mjs';

export async function ensureNodeModules() {
  const print = createHash('sha256')
    .update(readFileSync(inRoot('package-lock.json')))
    .digest('hex');
  const stampFile = inRoot('node_modules/.xdpeek-lock');
  // A plain `npm install NAME` prunes the headers that the `node` package unpacked inside itself: then start over.
  if (existsSync(productNode) && nodeHeaders() && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === print)
    return;
  await step('install npm packages', () =>
    run('npm', ['ci', '--no-audit', '--no-fund'], {
      quiet: true,
      env: { ...process.env, ELECTRON_SKIP_BINARY_DOWNLOAD: '1', NODE_ENV: 'development' },
      hint: 'Check that this machine reaches the npm registry (npm ping), then run this again.',
    }),
  );
  if (!existsSync(productNode))
    throw new SetupError(
      'npm installed the packages, but the `node` package brought no binary',
      'Its install script may have been refused: allow scripts for the package "node" (npm install-scripts approve node) and run this again.',
    );
  writeFileSync(stampFile, print);
}
