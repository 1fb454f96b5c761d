/**
 * The one window: sandboxed page from app://xdpeek, in the place it had last time, with the theme's background from the
 * first frame on. Holds no data; everything the page shows comes over its port.
 */
import { BrowserWindow, nativeTheme, screen } from 'electron';
import { START_URL } from './origin.ts';
import { MIN_HEIGHT, MIN_WIDTH, type SettingsFile, visibleBounds } from './settings.ts';

/** The page's own lowest surface (renderer/ui/tokens.css, --surface-0). */
const BACKGROUND = { light: '#ffffff', dark: '#0f1216' } as const;

export function backgroundColor(): string {
  return nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light;
}

export function createMainWindow(preload: string, settings: SettingsFile, devTools: boolean): BrowserWindow {
  const areas = screen.getAllDisplays().map((display) => display.workArea);
  const bounds = visibleBounds(settings.current.bounds, areas) ?? { width: 1440, height: 900 };
  const window = new BrowserWindow({
    ...bounds,
    minWidth: MIN_WIDTH,
    minHeight: MIN_HEIGHT,
    show: false,
    title: 'xdpeek',
    backgroundColor: backgroundColor(),
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      devTools,
    },
  });
  if (settings.current.maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => settings.save({ bounds: window.getNormalBounds(), maximized: window.isMaximized() }));
  void window.loadURL(START_URL);
  return window;
}
