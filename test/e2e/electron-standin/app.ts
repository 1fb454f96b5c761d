/** app: start, single instance, quit in Electron's order (before-quit, windows close, will-quit, quit). */
import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Electron from 'electron';
import { browser, browserIsUp } from './browser.ts';
import { startChromium } from './chromium.ts';
import { strict } from './strict.ts';
import { BrowserWindow, lifecycle } from './window.ts';

type Implemented =
  | 'isPackaged'
  | 'name'
  | 'whenReady'
  | 'isReady'
  | 'quit'
  | 'exit'
  | 'getPath'
  | 'getAppPath'
  | 'enableSandbox'
  | 'requestSingleInstanceLock'
  | 'commandLine'
  | 'getName';

const switches = new Map<string, string>();
let userData: string | undefined;

class App extends EventEmitter implements Pick<Electron.App, Exclude<Implemented, 'commandLine'>> {
  isPackaged = false;
  name = 'xdpeek';
  ready: Promise<void> = Promise.resolve();
  appPath = '';
  private readyNow = false;
  private quitting = false;
  readonly commandLine = strict('commandLine', {
    appendSwitch: (name: string, value = '') => void switches.set(name, value),
    hasSwitch: (name: string) => switches.has(name),
    getSwitchValue: (name: string) => switches.get(name) ?? '',
  });

  start(args: readonly string[], appPath: string): void {
    this.appPath = appPath;
    for (const arg of args) {
      const match = /^--([^=]+)(?:=(.*))?$/.exec(arg);
      if (match?.[1]) switches.set(match[1], match[2] ?? '');
    }
    this.ready = startChromium(switches.get('remote-debugging-port') ?? '0').then((started) => {
      browserIsUp(started);
      started.connection.browser.once('closed', () => this.exit(0));
      this.readyNow = true;
      app.emit('ready', {});
    });
    this.ready.catch((error) => {
      process.stderr.write(`electron stand-in: ${error.message}\n`);
      process.exit(1);
    });
  }

  whenReady(): Promise<void> {
    return this.ready;
  }
  isReady(): boolean {
    return this.readyNow;
  }
  getName(): string {
    return this.name;
  }
  getAppPath(): string {
    return this.appPath;
  }
  enableSandbox(): void {}

  /** Every run has user data of its own, unless --user-data-dir names one as for Chromium. */
  getPath(name: string): string {
    if (name !== 'userData') throw new Error(`electron stand-in: app.getPath('${name}') is not there`);
    const given = switches.get('user-data-dir');
    if (given) return given;
    if (userData === undefined) {
      const made = mkdtempSync(join(tmpdir(), 'xdpeek-standin-data-'));
      process.on('exit', () => rmSync(made, { recursive: true, force: true }));
      userData = made;
    }
    mkdirSync(userData, { recursive: true });
    return userData;
  }

  /** There is only ever this instance: each run has user data of its own. */
  requestSingleInstanceLock(): boolean {
    return true;
  }

  quit(): void {
    if (this.quitting) return;
    this.quitting = true;
    if (this.ask('before-quit')) {
      this.stay();
      return;
    }
    const windows = BrowserWindow.getAllWindows();
    if (windows.length === 0) this.leave();
    let left = windows.length;
    for (const window of windows) window.once('closed', () => --left === 0 && this.leave());
    for (const window of windows) window.close();
  }

  exit(code = 0): void {
    void (this.readyNow ? browser.then((started) => started.close()) : Promise.resolve()).finally(() =>
      process.exit(code),
    );
  }

  private ask(event: string): boolean {
    let prevented = false;
    app.emit(event, {
      preventDefault: () => {
        prevented = true;
      },
    });
    return prevented;
  }

  private stay(): void {
    this.quitting = false;
  }

  private leave(): void {
    if (this.ask('will-quit')) {
      this.stay();
      return;
    }
    app.emit('quit', {}, 0);
    this.exit(0);
  }

  get isQuitting(): boolean {
    return this.quitting;
  }
}

const raw = new App();
export const app = strict('app', raw);

/** Starts the browser; whenReady() waits for it. */
export const startApp = (args: readonly string[], appPath: string): void => raw.start(args, appPath);

lifecycle.created = (contents) => void app.emit('web-contents-created', {}, contents);
lifecycle.allClosed = () => {
  if (raw.isQuitting) return;
  if (app.listenerCount('window-all-closed') > 0) app.emit('window-all-closed');
  else app.quit();
};
