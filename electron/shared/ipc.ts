/**
 * Every message between Electron's processes, in one place: preload → app (ipcRenderer.invoke / send), app → preload
 * (webContents.send / postMessage), app ↔ session (utilityProcess messages). Packets and queries never pass here: they
 * use the MessagePort that `port` hands over. Arguments are checked at run time in electron/app/checks.ts.
 */
import type { ObjectFile, RecentFile } from './api.ts';
import type { ErrorData } from './errors.ts';
import type { ExportRequest } from './export.ts';

/** preload → app, with an answer. No channel takes a path from the page; `openDropped`'s comes from webUtils in the preload. */
export interface AppInvocations {
  'xdpeek:open-capture': [params: [], result: boolean];
  'xdpeek:open-dropped': [params: string[], result: null];
  'xdpeek:recent': [params: [], result: RecentFile[]];
  'xdpeek:open-recent': [params: [token: string], result: null];
  'xdpeek:forget-recent': [params: [], result: null];
  'xdpeek:export': [params: [request: ExportRequest, suggestedName: string], result: boolean];
  /** Answered when the drag has begun. */
  'xdpeek:drag-out': [params: [request: ExportRequest, name: string], result: null];
  'xdpeek:open-key-log': [params: [], result: boolean];
  'xdpeek:open-object': [params: [], result: ObjectFile | null];
  'xdpeek:save-capture': [params: [suggestedName: string], result: boolean];
  'xdpeek:open-external': [params: [url: string], result: null];
  /** Answered when the demo network is up. */
  'xdpeek:start-demo': [params: [], result: null];
}
export type AppInvocation = keyof AppInvocations;

/** preload → app, no answer. */
export interface AppSignals {
  /** The page is ready for a port (again, when the last one closed). Answered by `port`. */
  'xdpeek:ready': [];
  'xdpeek:set-theme': [theme: Theme];
}
export type AppSignal = keyof AppSignals;

/** app → preload. */
export const APP_PORT = 'xdpeek:port';
export const APP_COMMAND = 'xdpeek:command';
/** The session process ended; ports to it are dead whether or not they say so. */
export const APP_SESSION_GONE = 'xdpeek:session-gone';

/** An answer is data, never a thrown Error: Electron keeps only an Error's message across processes. */
export type AppAnswer<T> = { ok: true; value: T } | { ok: false; error: ErrorData };

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** window.postMessage between the page and the preload (same window, same origin). */
export const PAGE_READY = 'xdpeek-ready';
export const PAGE_PORT = 'xdpeek-port';
export const PAGE_SESSION_GONE = 'xdpeek-session-gone';

/** app → session, over the utility process's parentPort. `connect` carries one MessagePort of an InspectorApi client. */
export type AppToSession =
  | { type: 'connect' }
  /** Opens a capture file, or several merged by time; the outcome also shows in the status topic. */
  | { type: 'open'; id: number; paths: string[] }
  /** Saves the present capture; the path comes from a dialog, so an existing file is to be replaced. */
  | { type: 'save'; id: number; path: string }
  /** Writes chosen packets, likewise. */
  | { type: 'export'; id: number; path: string; request: ExportRequest }
  | { type: 'cancel-export' }
  /** Opens a TLS key log. */
  | { type: 'open-key-log'; id: number; path: string }
  /** The demo network came or went: HostInfo.demo. Sent right after the start of a session when it runs. */
  | { type: 'demo'; running: boolean }
  /** Captures on the demo network: `xdpeek --demo` opens with packets. A refusal also shows in the status topic. */
  | { type: 'capture-demo'; id: number }
  /** Detach, close the spool, exit 0. */
  | { type: 'shutdown' };

/** session → app. */
export type SessionToApp = { type: 'done'; id: number; error?: ErrorData };
