/** BrowserWindow: the life of a tab as a window. What only a desktop shows (focus, hide) is kept as state. */
import { EventEmitter } from 'node:events';
import type Electron from 'electron';
import { strict } from './strict.ts';
import { WebContents } from './web-contents.ts';

type Implemented =
  | 'loadURL'
  | 'show'
  | 'hide'
  | 'focus'
  | 'close'
  | 'isMinimized'
  | 'restore'
  | 'maximize'
  | 'isMaximized'
  | 'getNormalBounds'
  | 'setBackgroundColor'
  | 'getBackgroundColor'
  | 'isVisible'
  | 'isDestroyed'
  | 'id';

const windows = new Set<BrowserWindow>();
/** Set by app.ts: what every new webContents and the last closed window mean to the app. */
export const lifecycle = { created: (_contents: WebContents) => {}, allClosed: () => {} };
let nextId = 1;

export class BrowserWindow extends EventEmitter implements Pick<Electron.BrowserWindow, Implemented> {
  readonly id = nextId++;
  readonly webContents: WebContents;
  private visible: boolean;
  private maximized = false;
  private closed = false;
  private background: string;
  private readonly bounds: Electron.Rectangle;
  private readonly self: BrowserWindow;

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super();
    const {
      x = 0,
      y = 0,
      width = 800,
      height = 600,
      show = true,
      backgroundColor = '#ffffff',
      webPreferences: web = {},
    } = options;
    if (web.sandbox === false || web.contextIsolation === false || web.nodeIntegration || web.webSecurity === false)
      throw new Error('electron stand-in: only sandboxed, isolated pages are there');
    this.bounds = { x, y, width, height };
    this.visible = show;
    this.background = backgroundColor;
    this.webContents = new WebContents(web.preload, { width, height });
    this.self = strict<BrowserWindow>('BrowserWindow', this);
    windows.add(this.self);
    this.webContents.once('did-finish-load', () => this.emit('ready-to-show'));
    this.webContents.on('-close', () => this.close());
    this.webContents.on('-gone', () => this.finish());
    lifecycle.created(this.webContents);
    // biome-ignore lint/correctness/noConstructorReturn: the strict view is what everybody holds
    return this.self;
  }

  static getAllWindows(): BrowserWindow[] {
    return [...windows];
  }

  static fromWebContents(contents: unknown): BrowserWindow | null {
    return [...windows].find((window) => window.webContents === contents) ?? null;
  }

  loadURL(url: string): Promise<void> {
    return this.webContents.loadURL(url);
  }

  close(): void {
    if (this.closed) return;
    let prevented = false;
    this.emit('close', {
      preventDefault: () => {
        prevented = true;
      },
    });
    if (prevented) return;
    void this.webContents.destroy().then(() => this.finish());
  }

  private finish(): void {
    if (this.closed) return;
    this.closed = true;
    windows.delete(this.self);
    void this.webContents.destroy();
    this.emit('closed');
    if (windows.size === 0) lifecycle.allClosed();
  }

  show(): void {
    this.visible = true;
  }
  hide(): void {
    this.visible = false;
  }
  focus(): void {}
  restore(): void {}
  isMinimized(): boolean {
    return false;
  }
  isVisible(): boolean {
    return this.visible;
  }
  isDestroyed(): boolean {
    return this.closed;
  }
  maximize(): void {
    this.maximized = true;
  }
  isMaximized(): boolean {
    return this.maximized;
  }
  getNormalBounds(): Electron.Rectangle {
    return this.bounds;
  }
  setBackgroundColor(color: string): void {
    this.background = color;
  }
  getBackgroundColor(): string {
    return this.background;
  }
}

export const webContents = strict('webContents', {
  fromDevToolsTargetId: (targetId: string) =>
    [...windows].map((window) => window.webContents).find((contents) => contents.targetId === targetId),
});
