/** A DevTools-protocol client, flat sessions over one WebSocket: just enough for a browser and its tabs. */
import { EventEmitter } from 'node:events';

// biome-ignore lint/suspicious/noExplicitAny: the protocol's messages are JSON of many shapes
type Json = any;

interface Pending {
  resolve(value: Json): void;
  reject(error: Error): void;
}

/** One target's commands and events ("Page.loadEventFired" → params). The browser itself is the session without an id. */
export class CdpSession extends EventEmitter {
  private readonly connection: CdpConnection;
  private readonly sessionId: string | undefined;

  constructor(connection: CdpConnection, sessionId: string | undefined) {
    super();
    this.connection = connection;
    this.sessionId = sessionId;
  }

  send(method: string, params: Record<string, unknown> = {}): Promise<Json> {
    return this.connection.send(method, params, this.sessionId);
  }
}

export class CdpConnection {
  readonly browser = new CdpSession(this, undefined);
  private readonly sessions = new Map<string, CdpSession>();
  private readonly pending = new Map<number, Pending>();
  private readonly socket: WebSocket;
  private nextId = 1;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener('message', (event) => this.take(JSON.parse(String(event.data))));
    socket.addEventListener('close', () => {
      for (const { reject } of this.pending.values()) reject(new Error('the browser is gone'));
      this.pending.clear();
      this.browser.emit('closed');
    });
  }

  static async open(url: string): Promise<CdpConnection> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', () => reject(new Error(`cannot reach the browser at ${url}`)));
    });
    return new CdpConnection(socket);
  }

  async attach(targetId: string): Promise<CdpSession> {
    const { sessionId } = await this.browser.send('Target.attachToTarget', { targetId, flatten: true });
    const session = new CdpSession(this, sessionId);
    this.sessions.set(sessionId, session);
    return session;
  }

  send(method: string, params: Record<string, unknown>, sessionId: string | undefined): Promise<Json> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      if (this.socket.readyState !== WebSocket.OPEN) return reject(new Error('the browser is gone'));
      this.pending.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
  }

  close(): void {
    this.socket.close();
  }

  private take(message: Json): void {
    if (message.id !== undefined) {
      const pending = this.pending.get(message.id);
      this.pending.delete(message.id);
      if (message.error) pending?.reject(new Error(message.error.message));
      else pending?.resolve(message.result);
      return;
    }
    const session = message.sessionId === undefined ? this.browser : this.sessions.get(message.sessionId);
    session?.emit(message.method, message.params);
  }
}
