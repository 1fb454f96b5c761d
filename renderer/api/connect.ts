/**
 * Finds the backend: in Electron a MessagePort that the preload hands over, in a browser a WebSocket of the page's own origin.
 * The rest of the window sees an InspectorApi and a HostApi and cannot tell which it has.
 */
import type { HostApi, InspectorApi } from '../../electron/shared/api.ts';
import { XdpeekError } from '../../electron/shared/errors.ts';
import { createInspectorClient } from '../../electron/shared/inspector-client.ts';
import { PAGE_PORT, PAGE_READY, PAGE_SESSION_GONE } from '../../electron/shared/ipc.ts';
import { messagePortPipe } from '../../electron/shared/pipes/message-port.ts';
import { webSocketPipe } from '../../electron/shared/pipes/websocket.ts';
import { browserHost } from './browser-host.ts';

declare global {
  interface Window {
    /** Exposed by Electron's preload. */
    readonly xdpeekHost?: HostApi;
  }
}

export interface Backend {
  readonly api: InspectorApi;
  readonly host: HostApi;
}

const PORT_TIMEOUT_MS = 15_000;

/** Connects anew at each call. Rejects with an XdpeekError that says what to do. */
export async function connect(): Promise<Backend> {
  const host = window.xdpeekHost;
  if (host) return { api: createInspectorClient(messagePortPipe(await askForPort())), host };
  return { api: createInspectorClient(webSocketPipe(await openSocket())), host: browserHost };
}

function openSocket(): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(socketUrl());
    socket.addEventListener('open', () => resolve(socket));
    socket.addEventListener('error', () =>
      reject(
        new XdpeekError({
          code: 'UNREACHABLE',
          message: `no xdpeek answers at ${location.host}`,
          hint: 'Start it again with "xdpeek serve" and open the address that it prints: its token is good once.',
        }),
      ),
    );
  });
}

function socketUrl(): string {
  const url = new URL('/ws', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/** A port to a process that died may say nothing: the app says it, and the port is closed for whoever listens to it. */
function watchSession(port: MessagePort): void {
  const onMessage = (event: MessageEvent) => {
    if (event.source !== window || event.data?.type !== PAGE_SESSION_GONE) return;
    removeEventListener('message', onMessage);
    port.dispatchEvent(new Event('close'));
  };
  addEventListener('message', onMessage);
}

function askForPort(): Promise<MessagePort> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      removeEventListener('message', onMessage);
      reject(
        new XdpeekError({
          code: 'TIMEOUT',
          message: `the capture session gave no port within ${PORT_TIMEOUT_MS / 1000} s`,
          hint: 'Connect again; if that fails, quit xdpeek and start it from a terminal to see its messages.',
        }),
      );
    }, PORT_TIMEOUT_MS);
    function onMessage(event: MessageEvent): void {
      const port = event.ports[0];
      if (event.source !== window || event.data?.type !== PAGE_PORT || !port) return;
      clearTimeout(timer);
      removeEventListener('message', onMessage);
      watchSession(port);
      resolve(port);
    }
    addEventListener('message', onMessage);
    postMessage({ type: PAGE_READY }, '/');
  });
}
