/**
 * MessagePortMain and MessageChannelMain. A port that was transferred lives elsewhere (a page, a utility process): what is
 * posted to its peer goes over a link, and what comes from the link goes to its peer. Both ends may be transferred.
 */
import { EventEmitter } from 'node:events';
import type Electron from 'electron';
import { strict } from './strict.ts';

/** Where a transferred port lives. */
export interface PortLink {
  message(port: number, data: unknown): void;
  closed(port: number): void;
}

export class MessagePortMain
  extends EventEmitter
  implements Pick<Electron.MessagePortMain, 'postMessage' | 'start' | 'close'>
{
  peer!: MessagePortMain;
  private remote: { link: PortLink; id: number } | undefined = undefined;
  private started = false;
  private gone = false;
  private queue: unknown[] = [];

  constructor() {
    super();
    // biome-ignore lint/correctness/noConstructorReturn: the strict view is the port that everybody holds
    return strict('MessagePortMain', this);
  }

  postMessage(message: unknown, transfer: Electron.MessagePortMain[] = []): void {
    if (transfer.length > 0) throw new Error('electron stand-in: ports do not travel over ports here');
    this.peer.accept(structuredClone(message));
  }

  start(): void {
    this.started = true;
    for (const data of this.queue.splice(0)) this.accept(data);
  }

  close(): void {
    if (this.gone) return;
    this.gone = true;
    this.peer.end();
  }

  /** Moves this end to the other side of `link`, where it is called `id`. */
  transfer(link: PortLink, id: number): void {
    this.remote = { link, id };
    for (const data of this.queue.splice(0)) link.message(id, data);
  }

  /** A message for this end. */
  accept(data: unknown): void {
    if (this.gone) return;
    if (this.remote) this.remote.link.message(this.remote.id, data);
    else if (this.started) this.emit('message', { data, ports: [] });
    else this.queue.push(data);
  }

  /** The other end is gone. */
  end(): void {
    if (this.gone) return;
    this.gone = true;
    if (this.remote) this.remote.link.closed(this.remote.id);
    else this.emit('close');
  }
}

export class MessageChannelMain {
  readonly port1 = new MessagePortMain();
  readonly port2 = new MessagePortMain();

  constructor() {
    this.port1.peer = this.port2;
    this.port2.peer = this.port1;
  }
}

/** The ports that live on the other side of one link, by their number there. */
export class PortTable {
  private readonly ports = new Map<number, MessagePortMain>();
  private readonly link: PortLink;
  private nextId = 1;

  constructor(link: PortLink) {
    this.link = link;
  }

  transfer(port: Electron.MessagePortMain): number {
    const id = this.nextId++;
    const own = port as unknown as MessagePortMain;
    this.ports.set(id, own);
    own.transfer(this.link, id);
    return id;
  }

  message(id: number, data: unknown): void {
    this.ports.get(id)?.peer.accept(data);
  }

  closed(id: number): void {
    const port = this.ports.get(id);
    this.ports.delete(id);
    port?.close();
  }

  /** The other side is gone: page navigated or closed, process ended. */
  closeAll(): void {
    for (const id of [...this.ports.keys()]) this.closed(id);
  }
}
