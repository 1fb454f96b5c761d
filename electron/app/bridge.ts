/**
 * The app's door for pages: each channel of electron/shared/ipc.ts with the check of its sender and of its arguments. A
 * page that was taken over can ask for a dialog, but can name no path, no flag and no interface here.
 */

import type { IpcMainEvent, IpcMainInvokeEvent, MessagePortMain, WebContents } from 'electron';
import { BrowserWindow, dialog, ipcMain, MessageChannelMain, nativeTheme, shell } from 'electron';
import { errorData, XdpeekError } from '../shared/errors.ts';
import { extensionOf } from '../shared/export.ts';
import {
  APP_PORT,
  type AppAnswer,
  type AppInvocation,
  type AppInvocations,
  type AppSignal,
  type AppSignals,
  type Theme,
} from '../shared/ipc.ts';
import {
  checkDroppedPaths,
  checkExport,
  checkExternalUrl,
  checkNothing,
  checkSuggestedName,
  checkTheme,
  checkToken,
} from './checks.ts';
import type { DragOut } from './drag-out.ts';
import { readObjectFile } from './object-file.ts';
import { isOurs } from './origin.ts';
import type { RecentFiles } from './recent-files.ts';
import type { SessionProcess } from './session-process.ts';

const CAPTURES = [
  { name: 'Packet captures', extensions: ['pcapng', 'pcap', 'cap', 'ntar'] },
  { name: 'All files', extensions: ['*'] },
];
const OBJECTS = [
  { name: 'eBPF objects', extensions: ['o', 'bpf', 'elf'] },
  { name: 'All files', extensions: ['*'] },
];
const SAVE_AS = [
  { name: 'pcapng capture', extensions: ['pcapng', 'pcapng.gz', 'pcapng.zst'] },
  { name: 'pcap capture', extensions: ['pcap', 'pcap.gz', 'pcap.zst'] },
];

export interface BridgeOptions {
  session: SessionProcess;
  recent: RecentFiles;
  drag: DragOut;
  /** Several are merged by time. */
  open(paths: readonly string[]): Promise<void>;
  onTheme(theme: Theme): void;
  /** Resolves when the demo network is up. */
  startDemo(): Promise<void>;
}

/** Registers every channel. Call once. */
export function openBridge({ session, recent, drag, open, onTheme, startDemo }: BridgeOptions): void {
  const ports = new WeakMap<WebContents, MessagePortMain>();

  answer('xdpeek:open-capture', checkNothing, async (window) => {
    const { canceled, filePaths } = await dialog.showOpenDialog(window, {
      title: 'Open capture (several are merged by time)',
      properties: ['openFile', 'multiSelections'],
      filters: CAPTURES,
    });
    if (canceled || filePaths.length === 0) return false;
    await open(filePaths);
    return true;
  });

  answer('xdpeek:open-dropped', checkDroppedPaths, async (_window, ...paths) => {
    await open(paths);
    return null;
  });

  answer('xdpeek:recent', checkNothing, async () => recent.list());

  answer('xdpeek:open-recent', checkToken, async (_window, token) => {
    await open([recent.pathOf(token)]);
    return null;
  });

  answer('xdpeek:forget-recent', checkNothing, async () => {
    recent.clear();
    return null;
  });

  answer('xdpeek:save-capture', checkSuggestedName, async (window, defaultPath) => {
    const file = await askWhere(window, 'Save capture', defaultPath, SAVE_AS);
    return file !== undefined && unlessCancelled(session.save(file));
  });

  answer('xdpeek:export', checkExport, async (window, request, defaultPath) => {
    const extension = extensionOf(request).slice(1);
    const file = await askWhere(window, 'Export packets', defaultPath, [{ name: extension, extensions: [extension] }]);
    return file !== undefined && unlessCancelled(session.export(file, request));
  });

  answer('xdpeek:drag-out', checkExport, async (window, request, name) => {
    await drag.start(window.webContents, request, name);
    return null;
  });

  answer('xdpeek:open-key-log', checkNothing, async (window) => {
    const { canceled, filePaths } = await dialog.showOpenDialog(window, {
      title: 'Open TLS key log',
      properties: ['openFile', 'showHiddenFiles'],
    });
    const [path] = filePaths;
    if (canceled || path === undefined) return false;
    await session.openKeyLog(path);
    return true;
  });

  answer('xdpeek:open-object', checkNothing, async (window) => {
    const { canceled, filePaths } = await dialog.showOpenDialog(window, {
      title: 'Open eBPF object file',
      properties: ['openFile'],
      filters: OBJECTS,
    });
    const [path] = filePaths;
    return canceled || path === undefined ? null : readObjectFile(path);
  });

  answer('xdpeek:open-external', checkExternalUrl, async (window, url) => {
    const { response } = await dialog.showMessageBox(window, {
      type: 'question',
      message: 'Open this page in your browser?',
      detail: url,
      buttons: ['Open', 'Cancel'],
      defaultId: 1,
      cancelId: 1,
    });
    if (response === 0) await shell.openExternal(url);
    return null;
  });

  answer('xdpeek:start-demo', checkNothing, async () => {
    await startDemo();
    return null;
  });

  signal('xdpeek:set-theme', checkTheme, (_sender, theme) => {
    nativeTheme.themeSource = theme;
    onTheme(theme);
  });

  signal('xdpeek:ready', checkNothing, (sender) => {
    ports.get(sender)?.close();
    const { port1, port2 } = new MessageChannelMain();
    try {
      session.connect(port1);
    } catch (error) {
      dialog.showErrorBox('xdpeek cannot go on', errorData(error).message);
      return;
    }
    ports.set(sender, port2);
    sender.postMessage(APP_PORT, null, [port2]);
  });
}

/** What people ended in the middle counts as dismissed. */
async function unlessCancelled(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (errorData(error).code === 'CANCELLED') return false;
    throw error;
  }
}

/** Undefined = dismissed. */
async function askWhere(
  window: BrowserWindow,
  title: string,
  defaultPath: string,
  filters: Electron.FileFilter[],
): Promise<string | undefined> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title,
    defaultPath,
    filters,
    properties: ['showOverwriteConfirmation', 'createDirectory'],
  });
  return canceled || filePath === '' ? undefined : filePath;
}

/** The main frame of our own page in a window that is still there; anything else has no business here. */
function checkedWindow(event: IpcMainEvent | IpcMainInvokeEvent): BrowserWindow {
  const frame = event.senderFrame;
  const window = BrowserWindow.fromWebContents(event.sender);
  if (frame === null || frame.parent !== null || !isOurs(frame.url) || window === null)
    throw new XdpeekError({ code: 'EPERM', message: 'this request did not come from the xdpeek window' });
  return window;
}

function answer<C extends AppInvocation>(
  channel: C,
  check: (args: unknown[]) => AppInvocations[C][0],
  run: (window: BrowserWindow, ...args: AppInvocations[C][0]) => Promise<AppInvocations[C][1]>,
): void {
  ipcMain.handle(channel, async (event, ...args: unknown[]): Promise<AppAnswer<AppInvocations[C][1]>> => {
    try {
      return { ok: true, value: await run(checkedWindow(event), ...check(args)) };
    } catch (error) {
      return { ok: false, error: errorData(error) };
    }
  });
}

function signal<C extends AppSignal>(
  channel: C,
  check: (args: unknown[]) => AppSignals[C],
  run: (sender: WebContents, ...args: AppSignals[C]) => void,
): void {
  ipcMain.on(channel, (event, ...args: unknown[]) => {
    try {
      checkedWindow(event);
      run(event.sender, ...check(args));
    } catch (error) {
      console.error(`xdpeek: ${channel} refused: ${errorData(error).message}`);
    }
  });
}
