// npm start [-- --demo] [-- FILE]: set up what is missing, then open the app. Where there is no display, or Electron's binary cannot
// be had, the command line says so and serves the same window to a browser.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { main, say } from './lib/log.mjs';
import { inRoot, productNode } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { setup } from './lib/setup.mjs';

/** Electron's package fetches its binary at first use; a refusal is not an error here. */
async function tryElectron() {
  const display = process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!display || process.getuid?.() === 0 || existsSync(inRoot('node_modules/electron/dist/electron'))) return;
  say("fetching Electron's binary (once) …");
  const env = { ...process.env };
  delete env.ELECTRON_SKIP_BINARY_DOWNLOAD;
  await run(productNode, [inRoot('node_modules/electron/install.js')], { env, quiet: true }).catch(() =>
    say("Electron's binary cannot be fetched here; the window opens in the browser instead"),
  );
}

const parent = process.ppid;
/** A signal that npm gets kills the shell between npm and us, and comes no further. */
const abandoned = () => process.env.npm_lifecycle_event !== undefined && process.ppid !== parent;
const LOOK_MS = 300;

await main(async () => {
  await setup();
  if (abandoned()) process.exit(1);
  await tryElectron();
  const child = spawn(productNode, [inRoot('dist/cli/main.mjs'), ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends SIGINT to the whole group; a plain `kill` reaches only this process, so pass it on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
  setInterval(() => abandoned() && child.kill('SIGTERM'), LOOK_MS).unref();
  const status = await new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ? 1 : (code ?? 1))));
  process.exit(status);
});
