/**
 * What the app itself remembers between runs: the window's place, the files opened last and the theme (so that the first frame has the right
 * background). One small JSON file in the user's data folder; anything unreadable or out of range counts as absent.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { THEMES, type Theme } from '../shared/ipc.ts';

export interface Bounds {
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface Settings {
  theme: Theme;
  maximized: boolean;
  bounds?: Bounds;
  /** Captures that were opened, the last one first. */
  recent: { path: string; openedMs: number }[];
}

export const RECENT_KEPT = 10;
export const MIN_WIDTH = 800;
export const MIN_HEIGHT = 520;
const DEFAULTS: Settings = { theme: 'system', maximized: false, recent: [] };

export function parseSettings(text: string): Settings {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return { ...DEFAULTS, recent: [] };
  }
  if (typeof raw !== 'object' || raw === null) return { ...DEFAULTS, recent: [] };
  const { theme, maximized, bounds, recent } = raw as Record<string, unknown>;
  const settings: Settings = {
    theme: THEMES.find((name) => name === theme) ?? DEFAULTS.theme,
    maximized: maximized === true,
    recent: Array.isArray(recent) ? recent.filter(isRecent).slice(0, RECENT_KEPT) : [],
  };
  if (isBounds(bounds)) settings.bounds = { x: bounds.x, y: bounds.y, width: bounds.width, height: bounds.height };
  return settings;
}

function isRecent(value: unknown): value is Settings['recent'][number] {
  const { path, openedMs } = (value ?? {}) as Record<string, unknown>;
  return typeof path === 'string' && isAbsolute(path) && path.length <= 4096 && Number.isSafeInteger(openedMs);
}

function isBounds(value: unknown): value is Bounds {
  if (typeof value !== 'object' || value === null) return false;
  const { x, y, width, height } = value as Record<string, unknown>;
  const whole = [x, y, width, height].every((n) => Number.isSafeInteger(n) && Math.abs(n as number) < 100_000);
  return whole && (width as number) >= MIN_WIDTH && (height as number) >= MIN_HEIGHT;
}

/** Drops bounds that no display shows any more (a screen was unplugged): a grabbable part of the title bar must be visible. */
export function visibleBounds(bounds: Bounds | undefined, displays: readonly Bounds[]): Bounds | undefined {
  if (bounds === undefined) return undefined;
  const shown = displays.some(
    (d) =>
      bounds.x + bounds.width > d.x + 80 &&
      bounds.x < d.x + d.width - 80 &&
      bounds.y >= d.y &&
      bounds.y < d.y + d.height - 40,
  );
  return shown ? bounds : undefined;
}

export class SettingsFile {
  readonly current: Settings;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    let text = '';
    try {
      text = readFileSync(path, 'utf8');
    } catch {
      // The first run has none.
    }
    this.current = parseSettings(text);
  }

  /** Best effort: a full disk must not keep the window from closing. */
  save(change: Partial<Settings>): void {
    Object.assign(this.current, change);
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      const temporary = `${this.#path}.${process.pid}.new`;
      writeFileSync(temporary, `${JSON.stringify(this.current)}\n`, { mode: 0o600 });
      renameSync(temporary, this.#path);
    } catch (error) {
      console.error(`xdpeek: the window's place was not saved: ${(error as Error).message}`);
    }
  }
}
