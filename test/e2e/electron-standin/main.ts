/**
 * Start-up, in Electron's order: `electron` becomes importable, process.argv reads as Electron's would, `-r` modules run,
 * the app's main script runs. The browser starts meanwhile; app.whenReady() waits for it.
 */
import { readFileSync, statSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startApp } from './app.ts';

const moduleUrl = new URL('./module.ts', import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron'
      ? { url: moduleUrl, format: 'module-typescript', shortCircuit: true }
      : next(specifier, context),
});

const args = process.argv.slice(2);
process.argv = [fileURLToPath(new URL('./electron', import.meta.url)), ...args];

const required: string[] = [];
let appPath: string | undefined;
for (let i = 0; i < args.length && appPath === undefined; i++) {
  const arg = args[i] as string;
  if (arg === '-r') required.push(args[++i] as string);
  else if (!arg.startsWith('-')) appPath = resolve(arg);
}
if (appPath === undefined) {
  process.stderr.write('electron stand-in: which app?\n');
  process.exit(2);
}

const require = createRequire(import.meta.url);
startApp(args, appPath);
for (const file of required) require(file);

const script = statSync(appPath).isDirectory()
  ? join(appPath, JSON.parse(readFileSync(join(appPath, 'package.json'), 'utf8')).main)
  : appPath;
require(script);
