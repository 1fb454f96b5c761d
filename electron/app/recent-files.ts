/**
 * Capture files that were opened, the last one first: kept in the settings by path, known to pages by a token and a name. What is gone from the disk
 * is left out, and what cannot be opened any more is forgotten.
 */
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { RecentFile } from '../shared/api.ts';
import { XdpeekError } from '../shared/errors.ts';
import { RECENT_KEPT, type SettingsFile } from './settings.ts';

export class RecentFiles {
  readonly #settings: SettingsFile;
  readonly #tokens = new Map<string, string>();
  /** The list is another one now. */
  onChange: () => void = () => {};

  constructor(settings: SettingsFile) {
    this.#settings = settings;
  }

  add(paths: readonly string[]): void {
    const openedMs = Date.now();
    const others = this.#settings.current.recent.filter(({ path }) => !paths.includes(path));
    this.#keep([...paths.map((path) => ({ path, openedMs })), ...others].slice(0, RECENT_KEPT));
  }

  list(): RecentFile[] {
    return this.#settings.current.recent.flatMap(({ path, openedMs }) => {
      const found = statSync(path, { throwIfNoEntry: false });
      if (!found?.isFile()) return [];
      return [{ token: this.#tokenOf(path), name: basename(path), sizeBytes: found.size, openedMs }];
    });
  }

  /** Throws when there is no such file any more. */
  pathOf(token: string): string {
    const { recent } = this.#settings.current;
    const entry = recent.find(({ path }) => this.#tokens.get(path) === token);
    if (entry && statSync(entry.path, { throwIfNoEntry: false })) return entry.path;
    if (entry) this.#keep(recent.filter((other) => other !== entry));
    throw new XdpeekError({ code: 'ENOENT', message: 'this file is not there any more', hint: 'Open it with Ctrl+O.' });
  }

  clear(): void {
    this.#keep([]);
  }

  #keep(recent: { path: string; openedMs: number }[]): void {
    this.#settings.save({ recent });
    this.onChange();
  }

  #tokenOf(path: string): string {
    const token = this.#tokens.get(path) ?? randomUUID();
    this.#tokens.set(path, token);
    return token;
  }
}
