/** How each host of the window is started and ended, and what only it can do: answer a file dialog, find its processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron, type Browser, type ElectronApplication, type Page } from '@playwright/test';

export const ROOT = path.resolve(import.meta.dirname, '../../..');
export const NODE = path.join(ROOT, 'node_modules/node/bin/node');
export const SCREENSHOTS = path.join(ROOT, 'test/output/screenshots');
export type HostName = 'serve' | 'electron';

export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--force-color-profile=srgb',
];

const STAND_IN = path.join(ROOT, 'test/e2e/electron-standin');

/** The real Electron needs its binary, a display, and not to be root; these specs are root, so that is the exception. */
export const ELECTRON = ((): { standIn: boolean; words: string } => {
  const binary = existsSync(path.join(ROOT, 'node_modules/electron/dist/electron'));
  const display = Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
  if (binary && display && process.getuid?.() !== 0) return { standIn: false, words: 'the real Electron binary' };
  const why = !binary
    ? "Electron's binary is not here"
    : !display
      ? 'there is no display'
      : 'Chromium must not run as root';
  return { standIn: true, words: `the stand-in for Electron (${why}); main, preload and session are the real ones` };
})();

/** A running window and its host. */
export interface Running {
  readonly host: HostName;
  readonly page: Page;
  /** Set for the electron host. */
  readonly electron?: ElectronApplication;
  /** Process ids of privileged processes that belong to this host. */
  privilegedPids(): number[];
  /** Makes the next "Open…" choose these files. */
  answerOpen(files: string | string[]): Promise<void>;
  /** Runs `save` and returns the file that it wrote. */
  saved(save: () => Promise<void>): Promise<string>;
  close(): Promise<void>;
}

/** `args` are xdpeek's own: `--demo`. */
export async function startHost(
  host: HostName,
  browser: () => Promise<Browser>,
  args: readonly string[],
): Promise<Running> {
  return host === 'serve' ? startServe(await browser(), args) : startElectron(args);
}

/** `within`: what runs it, ending in an exec of its arguments. */
export async function startServe(
  browser: Browser,
  args: readonly string[],
  { within = [], env = process.env }: { within?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<Running> {
  const [file, ...command] = [...within, NODE, path.join(ROOT, 'dist/cli/main.mjs'), 'serve', ...args] as [string];
  const child = spawn(file, command, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const url = await printedUrl(child);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true });
  const page = await context.newPage();
  await page.goto(url);
  const folder = mkdtempSync(path.join(tmpdir(), 'xdpeek-e2e-'));
  return {
    host: 'serve',
    page,
    privilegedPids: () => privilegedUnder(child.pid as number),
    async answerOpen(files) {
      page.once('filechooser', (chooser) => void chooser.setFiles(files));
      // The listener asks Chromium for its choosers without being waited for: once a later question is answered, that was heard.
      await page.evaluate(() => 0);
    },
    async saved(save) {
      const [download] = await Promise.all([page.waitForEvent('download'), save()]);
      const file = path.join(folder, download.suggestedFilename());
      await download.saveAs(file);
      return file;
    },
    async close() {
      await context.close();
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function printedUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const take = (chunk: Buffer) => {
      text += chunk.toString('utf8');
      const match = /http:\/\/127\.0\.0\.1:\d+\/\?\S+/.exec(text);
      if (match) resolve(match[0]);
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('exit', (code) => reject(new Error(`xdpeek serve ended with status ${code}:\n${text}`)));
    setTimeout(() => reject(new Error(`xdpeek serve printed no address in 60 s:\n${text}`)), 60_000).unref();
  });
}

/** SIGTERM and its end, so that nothing stays attached for the next test. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await gone;
  clearTimeout(timer);
}

async function startElectron(args: readonly string[]): Promise<Running> {
  const folder = mkdtempSync(path.join(tmpdir(), 'xdpeek-e2e-'));
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
  // Playwright asks the electron package for the executable; the package obeys this variable.
  if (ELECTRON.standIn) process.env['ELECTRON_OVERRIDE_DIST_PATH'] = STAND_IN;
  const electron = await _electron.launch({
    args: [path.join(ROOT, 'dist/app/main.cjs'), `--user-data-dir=${path.join(folder, 'data')}`, ...args],
    env: env as Record<string, string>,
    timeout: 60_000,
  });
  const pid = electron.process().pid as number;
  const page = await electron.firstWindow();
  let saves = 0;
  await page.setViewportSize({ width: 1440, height: 900 });
  return {
    host: 'electron',
    page,
    electron,
    privilegedPids: () => privilegedUnder(pid),
    async answerOpen(files) {
      await electron.evaluate(({ dialog }, filePaths) => {
        dialog.showOpenDialog = async () => ({ canceled: false, filePaths });
      }, [files].flat());
    },
    async saved(save) {
      const file = path.join(folder, `saved-${++saves}.pcapng`);
      await electron.evaluate(({ dialog }, filePath) => {
        dialog.showSaveDialog = async () => ({ canceled: false, filePath });
      }, file);
      await save();
      return file;
    },
    async close() {
      await electron.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function privilegedUnder(ancestor: number): number[] {
  const parents = new Map<number, number>();
  const found: number[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      parents.set(pid, Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]));
      if (readFileSync(`/proc/${name}/cmdline`, 'utf8').match(/privileged\/main\.mjs|xdpeek-privileged/))
        found.push(pid);
    } catch {
      // It ended while we looked.
    }
  }
  const descends = (pid: number): boolean =>
    pid === ancestor || (parents.has(pid) && descends(parents.get(pid) as number));
  return found.filter(descends);
}
