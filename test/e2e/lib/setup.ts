/** Once before all specs: refuses early what cannot work, and says which Electron the `electron` project drives. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ELECTRON, ROOT, SCREENSHOTS } from './hosts.ts';
import { removeLeftovers } from './network.ts';

export default function setup(): void {
  if (process.getuid?.() !== 0) throw new Error('the end-to-end specs make network namespaces: run them as root');
  for (const part of ['cli/main.mjs', 'app/main.cjs', 'preload/preload.cjs', 'session/main.mjs', 'renderer/index.html'])
    if (!existsSync(path.join(ROOT, 'dist', part))) throw new Error(`dist/${part} is missing: run npm run setup`);
  if (!existsSync('/usr/bin/chromium'))
    throw new Error('/usr/bin/chromium is missing (Debian: apt-get install chromium)');
  removeLeftovers();
  rmSync(SCREENSHOTS, { recursive: true, force: true });
  mkdirSync(SCREENSHOTS, { recursive: true });
  process.stdout.write(`project electron: ${ELECTRON.words}\n`);
}
