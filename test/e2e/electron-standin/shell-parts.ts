/** What needs a desktop: dialogs, menus, theme, screens, permissions. Recorded, so that specs can look at and drive them. */
import { EventEmitter } from 'node:events';
import type Electron from 'electron';
import { privilegedSchemes, protocols } from './browser.ts';
import { strict } from './strict.ts';

/** Specs answer by replacing a method through app.evaluate(({ dialog }) => …), as with the real Electron; unasked, all are dismissed. */
export const dialog = strict('dialog', {
  showOpenDialog: async () => ({ canceled: true, filePaths: [] as string[] }),
  showSaveDialog: async () => ({ canceled: true, filePath: '' }),
  showMessageBox: async (_window: unknown, options: Electron.MessageBoxOptions) => ({
    response: options.cancelId ?? 0,
    checkboxChecked: false,
  }),
  showErrorBox: (title: string, content: string) => void process.stderr.write(`[error box] ${title}: ${content}\n`),
});

interface MenuItem extends Electron.MenuItemConstructorOptions {
  menu: RecordedMenu | undefined;
}
interface RecordedMenu {
  items: MenuItem[];
  getMenuItemById(id: string): MenuItem | null;
}

function record(template: Electron.MenuItemConstructorOptions[]): RecordedMenu {
  const items = template.map(
    (item): MenuItem => ({
      ...item,
      menu: Array.isArray(item.submenu) ? record(item.submenu) : undefined,
    }),
  );
  return {
    items,
    getMenuItemById: (id) =>
      items.find((item) => item.id === id) ??
      items.map((item) => item.menu?.getMenuItemById(id)).find((found) => found) ??
      null,
  };
}

let applicationMenu: RecordedMenu | null = null;
export const Menu = strict('Menu', {
  buildFromTemplate: (template: Electron.MenuItemConstructorOptions[]) => record(template),
  setApplicationMenu: (menu: RecordedMenu | null) => {
    applicationMenu = menu;
  },
  getApplicationMenu: () => applicationMenu,
});

class NativeTheme extends EventEmitter implements Pick<Electron.NativeTheme, 'themeSource' | 'shouldUseDarkColors'> {
  private source: Electron.NativeTheme['themeSource'] = 'system';
  get themeSource(): Electron.NativeTheme['themeSource'] {
    return this.source;
  }
  set themeSource(source) {
    this.source = source;
    this.emit('updated');
  }
  get shouldUseDarkColors(): boolean {
    return this.source === 'dark';
  }
}
export const nativeTheme = strict('nativeTheme', new NativeTheme());

const DISPLAY = { x: 0, y: 0, width: 1920, height: 1080 };
export const screen = strict('screen', { getAllDisplays: () => [{ bounds: DISPLAY, workArea: DISPLAY }] });

export const shell = strict('shell', {
  openExternal: async (url: string) => void process.stderr.write(`[open external] ${url}\n`),
});

/** Made, never looked at: what it shows is the desktop's. */
export const nativeImage = strict('nativeImage', {
  createFromBitmap: (bytes: Buffer, { width, height }: { width: number; height: number }) => {
    if (bytes.length !== width * height * 4) throw new Error('electron stand-in: a bitmap has 4 bytes a pixel');
    return strict('NativeImage', { isEmpty: () => false, getSize: () => ({ width, height }) });
  },
});

export const protocol = strict('protocol', {
  registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]): void {
    for (const { scheme } of schemes) privilegedSchemes.add(scheme);
  },
  handle(scheme: string, handler: (request: Request) => Response | Promise<Response>): void {
    if (!privilegedSchemes.has(scheme))
      throw new Error(`electron stand-in: ${scheme} was not registered as privileged`);
    protocols.set(scheme, handler);
  },
});

/** Headless Chromium grants nothing that the app could be asked about; the handlers are kept for specs to call. */
export const session = strict('session', {
  defaultSession: strict('defaultSession', {
    permissionRequestHandler: null as unknown,
    permissionCheckHandler: null as unknown,
    devicePermissionHandler: null as unknown,
    setPermissionRequestHandler(handler: unknown): void {
      this.permissionRequestHandler = handler;
    },
    setPermissionCheckHandler(handler: unknown): void {
      this.permissionCheckHandler = handler;
    },
    setDevicePermissionHandler(handler: unknown): void {
      this.devicePermissionHandler = handler;
    },
  }),
});
