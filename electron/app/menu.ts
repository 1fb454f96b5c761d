/**
 * The native menu: every command of electron/shared/commands.ts with its key, plus the window's own roles. Items send
 * command ids to the page, which gives them their meaning; nothing is done here.
 */
import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { RecentFile } from '../shared/api.ts';
import { MENU_COMMANDS, type MenuCommand } from '../shared/commands.ts';

const SEPARATOR: MenuItemConstructorOptions = { type: 'separator' };
const CLIPBOARD: MenuItemConstructorOptions[] = [
  { role: 'cut' },
  { role: 'copy' },
  { role: 'paste' },
  { role: 'selectAll' },
];

/** Roles (handled by Electron) that follow our own items in a menu of that name. */
function roles(devTools: boolean): Readonly<Record<string, MenuItemConstructorOptions[]>> {
  const view: MenuItemConstructorOptions[] = [
    { role: 'resetZoom', accelerator: 'Ctrl+Alt+0' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { role: 'togglefullscreen' },
  ];
  return {
    Edit: [{ role: 'undo' }, { role: 'redo' }, SEPARATOR, ...CLIPBOARD],
    File: [{ role: 'quit' }],
    View: devTools ? [...view, SEPARATOR, { role: 'reload' }, { role: 'toggleDevTools' }] : view,
  };
}

/** Files that were opened before, in the File menu. */
export interface RecentMenu {
  files: readonly RecentFile[];
  open(token: string): void;
  clear(): void;
}

function recentMenu({ files, open, clear }: RecentMenu): MenuItemConstructorOptions {
  const items = files.map(({ token, name }): MenuItemConstructorOptions => ({ label: name, click: () => open(token) }));
  const last: MenuItemConstructorOptions = { label: 'Forget These', click: clear };
  return { id: 'file.recent', label: 'Open Recent', enabled: files.length > 0, submenu: [...items, SEPARATOR, last] };
}

export function installMenu(send: (command: string) => void, devTools: boolean, recent: RecentMenu): void {
  const after = roles(devTools);
  const menus = Object.entries(MENU_COMMANDS).map(([label, commands]): MenuItemConstructorOptions => {
    const own = commands.map((command) => item(command, send));
    if (label === 'File') own.splice(1, 0, recentMenu(recent));
    const more = after[label];
    return { label: `&${label}`, submenu: more ? [...own, SEPARATOR, ...more] : own };
  });
  Menu.setApplicationMenu(Menu.buildFromTemplate(menus));
}

/** The page handles keys itself (they must work in the browser too), so the menu only shows them. */
function item({ id, label, accelerator }: MenuCommand, send: (command: string) => void): MenuItemConstructorOptions {
  const shown = accelerator === undefined ? {} : { accelerator, registerAccelerator: false };
  return { id, label, ...shown, click: () => send(id) };
}
