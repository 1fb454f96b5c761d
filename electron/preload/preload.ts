/**
 * The one bridge into the page: window.xdpeekHost (HostApi), named functions only, and the port to the session, which is
 * handed on untouched. The page never gets ipcRenderer, a channel name or a path.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { HostApi } from '../shared/api.ts';
import {
  APP_COMMAND,
  APP_PORT,
  APP_SESSION_GONE,
  type AppAnswer,
  type AppInvocation,
  type AppInvocations,
  type AppSignal,
  type AppSignals,
  PAGE_PORT,
  PAGE_READY,
  PAGE_SESSION_GONE,
} from '../shared/ipc.ts';

async function ask<C extends AppInvocation>(channel: C, ...args: AppInvocations[C][0]): Promise<AppInvocations[C][1]> {
  const answer: AppAnswer<AppInvocations[C][1]> = await ipcRenderer.invoke(channel, ...args);
  if (answer.ok) return answer.value;
  // Of an Error only the message crosses the bridge, so the hint goes with it.
  const { message, hint } = answer.error;
  throw new Error(hint === undefined ? message : `${message}. ${hint}`);
}

function tell<C extends AppSignal>(channel: C, ...args: AppSignals[C]): void {
  ipcRenderer.send(channel, ...args);
}

const host = {
  kind: 'electron',
  openCapture: () => ask('xdpeek:open-capture'),
  openKeyLog: () => ask('xdpeek:open-key-log'),
  openObject: () => ask('xdpeek:open-object'),
  openDropped: async (files) => {
    await ask('xdpeek:open-dropped', ...[...files].map((file) => webUtils.getPathForFile(file as File)));
  },
  recentFiles: () => ask('xdpeek:recent'),
  openRecent: async (token) => {
    await ask('xdpeek:open-recent', token);
  },
  forgetRecent: async () => {
    await ask('xdpeek:forget-recent');
  },
  saveCapture: (suggestedName) => ask('xdpeek:save-capture', suggestedName),
  exportPackets: (request, suggestedName) => ask('xdpeek:export', request, suggestedName),
  dragOut: async (request, name) => {
    await ask('xdpeek:drag-out', request, name);
  },
  setTheme: (theme) => tell('xdpeek:set-theme', theme),
  startDemo: async () => {
    await ask('xdpeek:start-demo');
  },
  openExternal: async (url) => {
    await ask('xdpeek:open-external', url);
  },
  onCommand: (listener) => {
    const forward = (_event: unknown, command: string) => listener(command);
    ipcRenderer.on(APP_COMMAND, forward);
    return () => void ipcRenderer.off(APP_COMMAND, forward);
  },
} satisfies HostApi;

contextBridge.exposeInMainWorld('xdpeekHost', host);

// Only this window's own page reaches this listener: a message of another origin or frame is dropped.
window.addEventListener('message', (event) => {
  if (event.source === window && event.data?.type === PAGE_READY) tell('xdpeek:ready');
});
ipcRenderer.on(APP_SESSION_GONE, () => window.postMessage({ type: PAGE_SESSION_GONE }, '/'));
ipcRenderer.on(APP_PORT, (event) => window.postMessage({ type: PAGE_PORT }, '/', event.ports));
