/** First module of a utility process: makes process.parentPort out of the fork's IPC channel, then runs the real module. */
import { EventEmitter } from 'node:events';
import { pathToFileURL } from 'node:url';
import type Electron from 'electron';
import { MessageChannelMain, type MessagePortMain } from './ports.ts';
import { strict } from './strict.ts';
import type { FromUtility, ToUtility } from './utility.ts';

const tell = (message: FromUtility) => process.send?.(message);

/** Ports given to this process: `inner` of each channel is relayed, the other is what the module gets. */
const inner = new Map<number, MessagePortMain>();

class ParentPort extends EventEmitter implements Pick<Electron.ParentPort, 'postMessage'> {
  private queue: { data: unknown; ports: MessagePortMain[] }[] | undefined = [];

  /** Like Electron's, messages wait until somebody listens. */
  override on(event: string, listener: (...args: unknown[]) => void): this {
    super.on(event, listener);
    if (event === 'message') {
      const waiting = this.queue ?? [];
      this.queue = undefined;
      for (const message of waiting) this.emit('message', message);
    }
    return this;
  }

  postMessage(message: unknown): void {
    tell({ kind: 'message', data: message });
  }

  take(message: { data: unknown; ports: MessagePortMain[] }): void {
    if (this.queue) this.queue.push(message);
    else this.emit('message', message);
  }
}

const parentPort = new ParentPort();
Object.defineProperty(process, 'parentPort', { value: strict('process.parentPort', parentPort) });

process.on('message', (message: ToUtility) => {
  if (message.kind === 'message') parentPort.take({ data: message.data, ports: message.ports.map(receive) });
  else if (message.kind === 'port') inner.get(message.port)?.postMessage(message.data);
  else closeInner(message.port);
});
process.on('disconnect', () => process.exit(0));

function receive(id: number): MessagePortMain {
  const { port1, port2 } = new MessageChannelMain();
  inner.set(id, port1);
  port1.on('message', ({ data }) => tell({ kind: 'port', port: id, data }));
  port1.once('close', () => {
    inner.delete(id);
    tell({ kind: 'port-closed', port: id });
  });
  port1.start();
  return port2;
}

function closeInner(id: number): void {
  const port = inner.get(id);
  inner.delete(id);
  port?.close();
}

const [modulePath = '', ...args] = process.argv.slice(2);
process.argv = [process.execPath, modulePath, ...args];
await import(pathToFileURL(modulePath).href);
