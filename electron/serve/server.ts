/**
 * `xdpeek serve`: the window over HTTP and WebSocket, on loopback only. Listens on 127.0.0.1 and, where there is IPv6, on ::1
 * with the same port. Owns the sockets, the keys and the uploads; the session belongs to the caller.
 */
import { createServer, type Server } from 'node:http';
import { basename } from 'node:path';
import { errorData, XdpeekError } from '../shared/errors.ts';
import { Access, type Role } from './access.ts';
import type { ServedBackend } from './backend.ts';
import { RecentFiles } from './recent.ts';
import { answer, type Site } from './routes.ts';
import { staticFiles } from './static-files.ts';
import { UPLOAD_MAX_BYTES, Uploads } from './upload.ts';
import { webSocketHost } from './websocket.ts';

export interface ServeOptions {
  readonly backend: ServedBackend;
  /** Folder of the built renderer. */
  readonly rendererDir: string;
  /** Folder of the user's own that uploads may lie in. */
  readonly uploadDir: string;
  /** 0 = any free one. */
  readonly port: number;
  /** A link was just used: its token is worthless now. */
  readonly onEntered?: () => void;
  /** Of one upload, and of all that can be opened again. */
  readonly uploadMaxBytes?: number;
  /** Files that the backend was given before: they can be opened again. */
  readonly opened?: readonly string[];
}

export interface Served {
  readonly port: number;
  /** The addresses that are listened on. */
  readonly addresses: readonly string[];
  /** A link with a new token that works once; an owner's unless a role is named. */
  newLink(role?: Role): string;
  /** Closes every connection, removes uploads. */
  close(): Promise<void>;
}

const CONNECTIONS_MAX = 128;
/** Slow clients: whole headers within this, and an upload within that. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 3_600_000;

export async function serve(options: ServeOptions): Promise<Served> {
  const access = new Access();
  const { backend, onEntered = () => {}, uploadMaxBytes = UPLOAD_MAX_BYTES, opened = [] } = options;
  const recent = new RecentFiles(uploadMaxBytes);
  await recent.add(opened.map((path) => ({ path, name: basename(path), uploaded: false })));
  const uploads = new Uploads(options.uploadDir, recent, uploadMaxBytes);
  const site: Site = { access, backend, files: staticFiles(options.rendererDir), uploads, recent, onEntered };
  const sockets = webSocketHost(access, backend);
  const make = (): Server => {
    const server = createServer({ headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS }, (request, response) => {
      answer(site, request, response).catch((error) => {
        process.stderr.write(`xdpeek serve: ${errorData(error).message}\n`);
        if (response.headersSent) response.destroy();
        else response.writeHead(500).end();
      });
    });
    server.maxConnections = CONNECTIONS_MAX;
    sockets.attach(server);
    return server;
  };
  const servers = await listenOnLoopback(make, options.port);
  const port = portOf(servers[0]!);
  return {
    port,
    addresses: servers.map((_, at) => (at === 0 ? '127.0.0.1' : '::1')),
    newLink: (role) => `http://127.0.0.1:${port}/?token=${access.newToken(role)}`,
    async close() {
      sockets.close();
      await Promise.all(servers.map(closeServer));
      await uploads.removeAll();
    },
  };
}

async function listenOnLoopback(make: () => Server, port: number): Promise<Server[]> {
  const v4 = await listen(make(), '127.0.0.1', port);
  try {
    return [v4, await listen(make(), '::1', portOf(v4))];
  } catch {
    return [v4]; // No IPv6 here, or somebody else has that port on it: the printed link is IPv4's.
  }
}

function listen(server: Server, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenFailed(error, port)));
    server.listen({ host, port, exclusive: true }, () => resolve(server));
  });
}

function listenFailed(error: NodeJS.ErrnoException, port: number): XdpeekError {
  const busy = error.code === 'EADDRINUSE';
  const denied = error.code === 'EACCES';
  const why = busy ? 'something else listens there' : denied ? 'ports below 1024 need root' : error.message;
  return new XdpeekError({
    code: error.code ?? 'EIO',
    message: `cannot listen on 127.0.0.1 port ${port}: ${why}`,
    hint: 'Choose another --port, or leave it out to get a free one.',
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 500).unref();
  });
}
