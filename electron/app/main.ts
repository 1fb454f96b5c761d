/**
 * Electron's main process: one window, one session, menus and dialogs. It starts the others and stays off the hot path:
 * packets and queries go over the port between page and session and never through here.
 */
import { join } from 'node:path';
import { app, BrowserWindow, dialog, session as electronSession, nativeTheme, protocol } from 'electron';
import { errorData } from '../shared/errors.ts';
import { APP_COMMAND, APP_SESSION_GONE } from '../shared/ipc.ts';
import { type AppArguments, parseArguments } from './arguments.ts';
import { assetHandler } from './asset-protocol.ts';
import { openBridge } from './bridge.ts';
import { DemoNetwork } from './demo-network.ts';
import { DragOut } from './drag-out.ts';
import { guardContents, guardSession } from './guards.ts';
import { layout } from './layout.ts';
import { backgroundColor, createMainWindow } from './main-window.ts';
import { installMenu } from './menu.ts';
import { SCHEME } from './origin.ts';
import { RecentFiles } from './recent-files.ts';
import { refuseRoot } from './root-guard.ts';
import { SessionProcess } from './session-process.ts';
import { SettingsFile } from './settings.ts';

declare const XDPEEK_VERSION: string;

/** Undefined = said what is wrong and is exiting. */
function readArguments(): AppArguments | undefined {
  try {
    refuseRoot(process.getuid?.(), process.versions['electron']);
    return parseArguments(process.argv.slice(app.isPackaged ? 1 : 2), process.cwd());
  } catch (error) {
    const { code, message, hint } = errorData(error);
    process.stderr.write(`xdpeek: ${message}\n${hint === undefined ? '' : `  ${hint}\n`}`);
    app.exit(code === 'USAGE' ? 2 : 1);
    return undefined;
  }
}

function main(): void {
  const args = readArguments();
  if (args === undefined) return;
  if (args.version) {
    process.stdout.write(`xdpeek ${XDPEEK_VERSION}\n`);
    app.exit(0);
    return;
  }
  // The second instance hands its files over to the first and ends.
  if (!app.requestSingleInstanceLock({ files: args.files })) {
    app.exit(0);
    return;
  }
  app.enableSandbox();
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
  guardContents(app);
  void app.whenReady().then(() => open(args));
}

function open(args: AppArguments): void {
  const parts = layout(__dirname, app.isPackaged ? process.resourcesPath : undefined);
  const settings = new SettingsFile(join(app.getPath('userData'), 'window.json'));
  const session = new SessionProcess(join(parts.outside, 'session', 'main.mjs'), ['--host=electron']);
  const demo = new DemoNetwork(parts, (running) => session.setDemo(running));
  if (args.demo)
    demo.start().then(
      // Why it does not run is in the window.
      () => (args.files.length === 0 ? session.captureDemo().catch(() => {}) : undefined),
      (error) => dialog.showErrorBox('The demo network did not start', errorData(error).message),
    );

  nativeTheme.themeSource = settings.current.theme;
  protocol.handle(SCHEME, assetHandler(join(parts.outside, 'renderer')));
  guardSession(electronSession.defaultSession);
  const recent = new RecentFiles(settings);
  const drag = new DragOut(join(app.getPath('userData'), 'dragged'), session);
  const openFiles = async (paths: readonly string[]) => {
    await session.open(paths);
    recent.add(paths);
  };
  openBridge({
    session,
    recent,
    drag,
    open: openFiles,
    onTheme: (theme) => settings.save({ theme }),
    startDemo: () => demo.start(),
  });

  const window = createMainWindow(join(parts.inside, 'preload', 'preload.cjs'), settings, !app.isPackaged);
  session.onGone = () => {
    if (!window.isDestroyed()) window.webContents.send(APP_SESSION_GONE);
  };
  const openOrSay = (paths: readonly string[]) =>
    openFiles(paths).catch((error) => dialog.showErrorBox('The capture was not opened', errorData(error).message));
  const showMenu = () =>
    installMenu((command) => window.webContents.send(APP_COMMAND, command), !app.isPackaged, {
      files: recent.list(),
      open: (token) => void openOrSay([recent.pathOf(token)]),
      clear: () => recent.clear(),
    });
  recent.onChange = showMenu;
  showMenu();
  nativeTheme.on('updated', () => {
    if (!window.isDestroyed()) window.setBackgroundColor(backgroundColor());
  });

  if (args.files.length > 0) void openOrSay(args.files);
  app.on('second-instance', (_event, _argv, _cwd, data) => {
    if (window.isDestroyed()) return;
    if (window.isMinimized()) window.restore();
    window.focus();
    const { files } = (data ?? {}) as { files?: unknown };
    if (Array.isArray(files) && files.length > 0) void openOrSay(files.map(String));
  });

  endTogether(() => Promise.all([session.shutdown(), demo.stop()]).finally(() => drag.clear()));
}

/** Quits when the window closes or a signal says so, after the session detached and the demo network is gone. */
function endTogether(stop: () => Promise<unknown>): void {
  let stopped = false;
  app.on('window-all-closed', () => app.quit());
  app.on('before-quit', (event) => {
    if (stopped) return;
    event.preventDefault();
    for (const window of BrowserWindow.getAllWindows()) window.hide();
    void stop().finally(() => {
      stopped = true;
      app.quit();
    });
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());
}

main();
