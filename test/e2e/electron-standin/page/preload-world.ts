/** The `electron` module of a sandboxed preload: contextBridge, ipcRenderer, webUtils; in an isolated world of the page. */
import type Electron from 'electron';
import { decode, encode, FILE_TOKEN, type FromPage, type ToPage } from '../codec.ts';
import { strict } from '../strict.ts';
import {
  CALL,
  CALLBACK,
  type Call,
  type Callback,
  type Described,
  dispatch,
  EXPOSE,
  type Expose,
  listen,
  REPLY,
  type Reply,
  SETTLE,
  type Settle,
} from './bridge-messages.ts';

type Listener = (event: Electron.IpcRendererEvent, ...args: unknown[]) => void;
type AnyFunction = (...args: unknown[]) => unknown;

declare global {
  /** DevTools binding of this world. */
  function __standinSend(text: string): void;
  var __standinReceive: (text: string) => void;
  var __standinFiles: Record<string, File>;
}

const tell = (message: FromPage) => globalThis.__standinSend(encode(message));

// ---- ipcRenderer

const listeners = new Map<string, Listener[]>();
const invocations = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
const ports = new Map<number, MessagePort>();
let nextId = 1;

globalThis.__standinReceive = (text) => {
  const message = decode(text) as ToPage;
  if (message.kind === 'reply') settle(message);
  else if (message.kind === 'event') {
    const event = { ports: message.ports.map(adopt) } as unknown as Electron.IpcRendererEvent;
    for (const listener of [...(listeners.get(message.channel) ?? [])]) listener(event, ...message.args);
  } else if (message.kind === 'port') ports.get(message.port)?.postMessage(message.data);
  else {
    ports.get(message.port)?.close();
    ports.delete(message.port);
  }
};

function settle({ id, value, error }: Extract<ToPage, { kind: 'reply' }>): void {
  const waiting = invocations.get(id);
  invocations.delete(id);
  if (error === undefined) waiting?.resolve(value);
  else waiting?.reject(new Error(error));
}

/** A real MessagePort for the page, relayed to the main process. */
function adopt(id: number): MessagePort {
  const { port1, port2 } = new MessageChannel();
  ports.set(id, port1);
  port1.onmessage = (event) => tell({ kind: 'port', port: id, data: event.data });
  port1.addEventListener('close', () => {
    if (ports.delete(id)) tell({ kind: 'port-closed', port: id });
  });
  return port2;
}

type IpcRenderer = Pick<Electron.IpcRenderer, 'invoke' | 'send' | 'on' | 'off'>;

export const ipcRenderer: IpcRenderer = strict<IpcRenderer>('ipcRenderer', {
  invoke: (channel: string, ...args: unknown[]) =>
    new Promise((resolve, reject) => {
      const id = nextId++;
      invocations.set(id, { resolve, reject });
      tell({ kind: 'invoke', id, channel, args });
    }),
  send: (channel: string, ...args: unknown[]) => tell({ kind: 'send', channel, args }),
  on(channel: string, listener: Listener) {
    listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
    return ipcRenderer as unknown as Electron.IpcRenderer;
  },
  off(channel: string, listener: Listener) {
    listeners.set(
      channel,
      (listeners.get(channel) ?? []).filter((other) => other !== listener),
    );
    return ipcRenderer as unknown as Electron.IpcRenderer;
  },
});

// ---- webUtils

globalThis.__standinFiles = {};

export const webUtils = strict('webUtils', {
  getPathForFile(file: File): string {
    const key = `f${nextId++}`;
    globalThis.__standinFiles[key] = file;
    return FILE_TOKEN + key;
  },
} satisfies Electron.WebUtils);

// ---- contextBridge

const functions: AnyFunction[] = [];
let nextPromise = 1;

function portray(value: unknown): Described {
  if (typeof value === 'function') return { $function: functions.push(value as AnyFunction) - 1 };
  if (value instanceof Promise) {
    const promise = nextPromise++;
    value.then(
      (result) => dispatch<Settle>(SETTLE, { promise, ok: true, result: portray(result) }),
      (error) => dispatch<Settle>(SETTLE, { promise, ok: false, message: messageOf(error) }),
    );
    return { $promise: promise };
  }
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return { $object: Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, portray(entry)])) };
  return { $value: value };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

listen<Call>(CALL, ({ target, args }) => {
  const revived = args.map((arg) =>
    '$callback' in arg
      ? (...values: unknown[]) => dispatch<Callback>(CALLBACK, { callback: arg.$callback, args: values })
      : arg.$value,
  );
  try {
    dispatch<Reply>(REPLY, { ok: true, result: portray(functions[target]?.(...revived)) });
  } catch (error) {
    dispatch<Reply>(REPLY, { ok: false, message: messageOf(error) });
  }
});

export const contextBridge = strict('contextBridge', {
  exposeInMainWorld: (key: string, api: unknown) => dispatch<Expose>(EXPOSE, { key, api: portray(api) }),
} satisfies Pick<Electron.ContextBridge, 'exposeInMainWorld'>);
