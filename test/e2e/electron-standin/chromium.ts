/** The browser behind the stand-in: Debian's Chromium with a throw-away profile, announced on stderr as Electron does. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CdpConnection } from './cdp.ts';

const EXECUTABLE = '/usr/bin/chromium';

export interface Browser {
  connection: CdpConnection;
  /** Ends the browser and removes its profile. */
  close(): Promise<void>;
}

/** @param port for --remote-debugging-port, as Electron was asked; 0 picks one. */
export async function startChromium(port: string): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'xdpeek-standin-'));
  const child = spawn(
    EXECUTABLE,
    [
      ...(process.env['DISPLAY'] ? [] : ['--headless']),
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--no-startup-window',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-default-apps',
      '--force-color-profile=srgb',
      `--user-data-dir=${profile}`,
      `--remote-debugging-port=${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const remove = () => rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
  process.on('exit', () => {
    child.kill('SIGKILL');
    remove();
  });
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.once('error', (error) => reject(new Error(`cannot start ${EXECUTABLE}: ${error.message}`)));
    child.once('exit', (code) => reject(new Error(`${EXECUTABLE} ended with status ${code}:\n${text}`)));
    child.stderr.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString('utf8')).slice(-10_000);
      const match = /DevTools listening on (ws:\S+)/.exec(text);
      if (match?.[1]) resolve(match[1]);
    });
  });
  const connection = await CdpConnection.open(url);
  process.stderr.write(`DevTools listening on ${url}\n`);
  return {
    connection,
    async close() {
      await connection.browser.send('Browser.close').catch(() => child.kill('SIGKILL'));
      await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, 3000))]);
      remove();
    },
  };
}
