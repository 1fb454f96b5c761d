/**
 * /ws: the InspectorApi over WebSocket. The handshake is judged like any request (guard.ts, access.ts) before `ws` sees it;
 * what a page sends is bounded, so anything larger ends the connection.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ClientMessage, ServerMessage } from '../shared/backend-messages.ts';
import { type WebSocketLike, webSocketPipe } from '../shared/pipes/websocket.ts';
import { OBJECT_MAX_BYTES } from '../shared/workbench.ts';
import type { Access } from './access.ts';
import type { ServedBackend } from './backend.ts';
import { refuseSocket } from './guard.ts';
import { viewerPipe } from './viewer.ts';

/** Requests of a page are a few hundred bytes; the largest brings an eBPF object file. */
const MESSAGE_MAX_BYTES = OBJECT_MAX_BYTES + 1024 * 1024;
const CLIENTS_MAX = 16;
const GOING_AWAY = 1001;

export interface SocketHost {
  /** Answers the handshakes of a server. */
  attach(server: Server): void;
  /** Tells every page that this is the end. */
  close(): void;
}

export function webSocketHost(access: Access, backend: ServedBackend): SocketHost {
  const host = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_MAX_BYTES, perMessageDeflate: false });

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const refusal = judge(request);
    const role = access.admits(request.headers.cookie);
    if (refusal) {
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    host.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
      const pipe = webSocketPipe<ClientMessage, ServerMessage>(webSocket as unknown as WebSocketLike);
      backend.connect(role === 'owner' ? pipe : viewerPipe(pipe));
    });
  }

  function judge(request: IncomingMessage): string | undefined {
    if (request.url !== '/ws') return '404 Not Found';
    if (refuseSocket(request.headers)) return '403 Forbidden';
    if (!access.admits(request.headers.cookie)) return '401 Unauthorized';
    if (host.clients.size >= CLIENTS_MAX) return '503 Service Unavailable';
    return undefined;
  }

  return {
    attach: (server) => void server.on('upgrade', upgrade),
    close() {
      for (const client of host.clients) client.close(GOING_AWAY, 'xdpeek serve ended');
      host.close();
    },
  };
}
