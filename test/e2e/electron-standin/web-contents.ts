/**
 * One tab of the browser: its preload, its messages to and from main, its requests (answered by the app's protocol
 * handlers; everything else is refused, this browser reaches no network), its navigations and pop-ups (asked of the app).
 */
import { EventEmitter } from 'node:events';
import type Electron from 'electron';
import { browser, protocols } from './browser.ts';
import type { CdpSession } from './cdp.ts';
import { decode, encode, FILE_TOKEN, type FromPage, PRELOAD_WORLD, type ToPage } from './codec.ts';
import { invoke, ipcMain } from './ipc.ts';
import { fromBrowser, isMapped, toBrowser } from './origins.ts';
import { pageScripts } from './page-scripts.ts';
import { PortTable } from './ports.ts';
import { strict } from './strict.ts';

const OPEN_BINDING = '__standinOpen';
/**
 * window.open of a page whose pop-ups are denied: asks, and gives null. A target that Chromium makes and we close again would now and then
 * take its opener along: Playwright lets new targets wait for it, and both share the renderer's thread.
 */
const DENIED_OPEN = `{
  const ask = globalThis.${OPEN_BINDING};
  delete globalThis.${OPEN_BINDING};
  globalThis.open = (url = '') => (ask(new URL(url, location.href).href), null);
}`;

type OpenHandler = Parameters<Electron.WebContents['setWindowOpenHandler']>[0];
type Implemented =
  | 'startDrag'
  | 'send'
  | 'postMessage'
  | 'setWindowOpenHandler'
  | 'isDestroyed'
  | 'close'
  | 'getURL'
  | 'loadURL';

export class WebContents extends EventEmitter implements Pick<Electron.WebContents, Implemented> {
  targetId = '';
  private cdp!: CdpSession;
  private context: number | undefined = undefined;
  private url = 'about:blank';
  private destroyed = false;
  private openHandler: OpenHandler = () => ({ action: 'allow' });
  private outbox: ToPage[] = [];
  private readonly ready: Promise<void>;
  private readonly ports = new PortTable({
    message: (port, data) => this.tell({ kind: 'port', port, data }),
    closed: (port) => this.tell({ kind: 'port-closed', port }),
  });

  constructor(preload: string | undefined, size: { width: number; height: number }) {
    super();
    const self = strict<WebContents>('webContents', this);
    this.ready = this.open(preload, size, self);
    this.ready.catch((error) => process.stderr.write(`electron stand-in: ${error.stack}\n`));
    // biome-ignore lint/correctness/noConstructorReturn: the strict view is what everybody holds
    return self;
  }

  send(channel: string, ...args: unknown[]): void {
    this.tell({ kind: 'event', channel, args, ports: [] });
  }

  postMessage(channel: string, message: unknown, transfer: Electron.MessagePortMain[] = []): void {
    this.tell({ kind: 'event', channel, args: [message], ports: transfer.map((port) => this.ports.transfer(port)) });
  }

  /** What was dragged out last, for specs; no desktop takes it. As Electron, it wants a file and an icon. */
  dragged: Electron.Item | undefined = undefined;
  startDrag(item: Electron.Item): void {
    if (!item.file || !item.icon || (typeof item.icon !== 'string' && item.icon.isEmpty()))
      throw new Error("electron stand-in: Must specify either 'file' or 'files' option, and a non-empty 'icon'");
    this.dragged = item;
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler;
  }

  isDestroyed(): boolean {
    return this.destroyed;
  }

  getURL(): string {
    return fromBrowser(this.url);
  }

  close(): void {
    this.emit('-close');
  }

  async loadURL(url: string): Promise<void> {
    await this.ready;
    const { errorText } = await this.cdp.send('Page.navigate', { url: toBrowser(url, new Set(protocols.keys())) });
    if (errorText) throw new Error(`${errorText} loading '${url}'`);
  }

  /** Ends the tab. */
  async destroy(): Promise<void> {
    if (this.destroyed) return;
    this.destroyed = true;
    this.ports.closeAll();
    await this.ready;
    const { connection } = await browser;
    await connection.browser.send('Target.closeTarget', { targetId: this.targetId }).catch(() => {});
    this.emit('destroyed');
  }

  private async open(
    preload: string | undefined,
    size: { width: number; height: number },
    self: WebContents,
  ): Promise<void> {
    const { connection } = await browser;
    const scripts = preload === undefined ? undefined : await pageScripts(preload);
    const root = connection.browser;
    const { targetId } = await root.send('Target.createTarget', { url: 'about:blank', newWindow: true, ...size });
    this.targetId = targetId;
    const cdp = await connection.attach(targetId);
    this.cdp = cdp;
    cdp.on(
      'Runtime.executionContextCreated',
      ({ context }) => context.name === PRELOAD_WORLD && this.flush(context.id),
    );
    cdp.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === OPEN_BINDING) this.opened(payload);
      else void this.take(decode(payload) as FromPage, self);
    });
    cdp.on('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId === undefined) this.url = frame.url;
    });
    cdp.on('Page.frameStartedNavigating', ({ frameId, navigationType }) => {
      if (frameId === targetId && navigationType !== 'sameDocument') this.left();
    });
    cdp.on('Page.loadEventFired', () => this.emit('did-finish-load'));
    cdp.on('Fetch.requestPaused', (event) => void this.request(event));
    cdp.on('Runtime.exceptionThrown', ({ exceptionDetails: d }) =>
      process.stderr.write(`[page] ${d.exception?.description ?? d.text}\n`),
    );
    await cdp.send('Page.enable');
    await cdp.send('Runtime.enable');
    await cdp.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
    await cdp.send('Runtime.addBinding', { name: OPEN_BINDING });
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: DENIED_OPEN });
    if (scripts) {
      await cdp.send('Runtime.addBinding', { name: '__standinSend', executionContextName: PRELOAD_WORLD });
      await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: scripts.mainWorld });
      await cdp.send('Page.addScriptToEvaluateOnNewDocument', {
        source: scripts.preloadWorld,
        worldName: PRELOAD_WORLD,
      });
    }
    root.on('Target.targetCreated', ({ targetInfo }) => {
      if (targetInfo.openerId === targetId) this.popup(targetInfo);
    });
    root.on('Target.targetDestroyed', (event) => event.targetId === targetId && this.emit('-gone'));
    await root.send('Target.setDiscoverTargets', { discover: true });
  }

  /** The old document's world and ports are gone. */
  private left(): void {
    this.context = undefined;
    this.outbox = [];
    this.ports.closeAll();
  }

  private flush(context: number): void {
    this.context = context;
    for (const message of this.outbox.splice(0)) this.tell(message);
  }

  private tell(message: ToPage): void {
    if (this.destroyed) return;
    if (this.context === undefined) {
      this.outbox.push(message);
      return;
    }
    const expression = `__standinReceive(${JSON.stringify(encode(message))})`;
    // A document that just went away takes its messages with it, as in Electron.
    this.cdp.send('Runtime.evaluate', { expression, contextId: this.context }).then(
      ({ exceptionDetails: d }) => d && process.stderr.write(`[preload] ${d.exception?.description ?? d.text}\n`),
      () => {},
    );
  }

  private async take(message: FromPage, self: WebContents): Promise<void> {
    if (message.kind === 'port') return this.ports.message(message.port, message.data);
    if (message.kind === 'port-closed') return this.ports.closed(message.port);
    const event = { sender: self, senderFrame: { url: this.getURL(), parent: null } };
    const { channel } = message;
    const args = message.args.some(isFileToken)
      ? await Promise.all(message.args.map((arg) => this.realPath(arg)))
      : message.args;
    if (message.kind === 'send') {
      ipcMain.emit(channel, event, ...args);
      return;
    }
    try {
      this.tell({ kind: 'reply', id: message.id, value: await invoke(channel, event, args) });
    } catch (error) {
      this.tell({ kind: 'reply', id: message.id, error: `Error invoking remote method '${channel}': ${error}` });
    }
  }

  private async realPath(arg: unknown): Promise<unknown> {
    if (!isFileToken(arg)) return arg;
    const expression = `__standinFiles[${JSON.stringify(arg.slice(FILE_TOKEN.length))}]`;
    const { result } = await this.cdp.send('Runtime.evaluate', { expression, contextId: this.context });
    const { path } = await this.cdp.send('DOM.getFileInfo', { objectId: result.objectId });
    return path;
  }

  private popup({ targetId, url }: { targetId: string; url: string }): void {
    this.opened(url);
    void browser.then(({ connection }) => connection.browser.send('Target.closeTarget', { targetId }).catch(() => {}));
  }

  private opened(url: string): void {
    const { action } = this.openHandler({ url: fromBrowser(url) } as Electron.HandlerDetails);
    if (action !== 'deny') throw new Error('electron stand-in: only denied pop-ups are there');
  }

  private async request({ requestId, request, resourceType, frameId }: RequestPaused): Promise<void> {
    const url = fromBrowser(request.url);
    if (resourceType === 'Document' && frameId === this.targetId && this.url !== 'about:blank' && this.prevented(url))
      return this.fail(requestId, 'Aborted');
    const handler = isMapped(request.url) ? protocols.get(new URL(url).protocol.slice(0, -1)) : undefined;
    if (!handler) return this.fail(requestId, 'BlockedByClient');
    const response = await handler(new Request(url, { method: request.method, headers: request.headers }));
    const body = new Uint8Array(await response.arrayBuffer()).toBase64();
    const responseHeaders = [...response.headers].map(([name, value]) => ({ name, value }));
    await this.cdp
      .send('Fetch.fulfillRequest', { requestId, responseCode: response.status, responseHeaders, body })
      .catch(() => {});
  }

  private prevented(url: string): boolean {
    let prevented = false;
    const details = {
      url,
      isMainFrame: true,
      isSameDocument: false,
      preventDefault: () => {
        prevented = true;
      },
    };
    this.emit('will-navigate', details, url);
    return prevented;
  }

  private async fail(requestId: string, errorReason: string): Promise<void> {
    await this.cdp.send('Fetch.failRequest', { requestId, errorReason }).catch(() => {});
  }
}

interface RequestPaused {
  requestId: string;
  request: { url: string; method: string; headers: Record<string, string> };
  resourceType: string;
  frameId: string;
}

function isFileToken(arg: unknown): arg is string {
  return typeof arg === 'string' && arg.startsWith(FILE_TOKEN);
}
