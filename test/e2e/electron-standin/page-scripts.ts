/** The two scripts that run in a page before its own: contextBridge's half in the main world; `electron` and the real preload in the other. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export interface PageScripts {
  mainWorld: string;
  preloadWorld: string;
}

export async function pageScripts(preload: string): Promise<PageScripts> {
  const [mainWorld, electron, source] = await Promise.all([
    bundle('main-world'),
    bundle('preload-world'),
    readFile(preload, 'utf8'),
  ]);
  return {
    mainWorld,
    preloadWorld: `${electron}
(() => {
  const module = { exports: {} }, exports = module.exports;
  const require = (name) => {
    if (name === 'electron' || name === 'electron/renderer') return __standinElectron;
    throw new Error('a sandboxed preload cannot require ' + name);
  };
${source}
})();`,
  };
}

async function bundle(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`./page/${name}.ts`, import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: '__standinElectron',
    target: 'chrome140',
  });
  return outputFiles[0]!.text;
}
