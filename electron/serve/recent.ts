/**
 * Captures that this server has opened, the last one first: uploads, and the files that it was started with. Pages know them by a token and a name, never
 * by a path. Nothing outlives the server: what another one showed is no matter of this one's pages. Uploads are kept on the disk as long as they are listed
 * or shown, so many and so large as is agreed.
 */
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { RecentFile } from '../shared/api.ts';
import { XdpeekError } from '../shared/errors.ts';

const KEPT = 10;

export interface OpenedFile {
  readonly path: string;
  /** As it is shown. */
  readonly name: string;
  /** It came by upload, and goes when nobody needs it. */
  readonly uploaded: boolean;
}

interface Entry extends OpenedFile {
  readonly token: string;
  readonly openedMs: number;
}

export class RecentFiles {
  readonly #maxBytes: number;
  #entries: Entry[] = [];
  #shown: readonly OpenedFile[] = [];

  /** @param maxBytes of all uploads that are listed; the one that is shown stays in any case */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** These are shown now. */
  async add(files: readonly OpenedFile[]): Promise<void> {
    const openedMs = Date.now();
    const before = [...this.#entries, ...this.#shown];
    const known = (path: string) => this.#entries.find((entry) => entry.path === path)?.token;
    const added = files.map((file) => ({ ...file, openedMs, token: known(file.path) ?? randomUUID() }));
    const others = this.#entries.filter((entry) => !files.some((file) => isSame(file, entry)));
    this.#entries = this.#bounded([...added, ...others]);
    this.#shown = files;
    await this.#sweep(before);
  }

  list(): RecentFile[] {
    return this.#entries.flatMap(({ token, name, path, openedMs }) => {
      const sizeBytes = sizeOf(path);
      return sizeBytes === undefined ? [] : [{ token, name, sizeBytes, openedMs }];
    });
  }

  /** Throws when there is no such file any more. */
  of(token: string): OpenedFile {
    const found = this.#entries.find((entry) => entry.token === token);
    if (found && sizeOf(found.path) !== undefined) return found;
    this.#entries = this.#entries.filter((entry) => entry !== found);
    throw new XdpeekError({ code: 'ENOENT', message: 'this file is not there any more', hint: 'Open it again.' });
  }

  async forget(): Promise<void> {
    const before = this.#entries.splice(0);
    await this.#sweep(before);
  }

  #bounded(entries: readonly Entry[]): Entry[] {
    let left = this.#maxBytes;
    return entries.slice(0, KEPT).filter(({ path, uploaded }, at) => {
      if (uploaded) left -= sizeOf(path) ?? 0;
      return at === 0 || !uploaded || left >= 0;
    });
  }

  /** Uploads that are neither listed nor shown are removed. */
  async #sweep(before: readonly OpenedFile[]): Promise<void> {
    const needed = new Set([...this.#entries, ...this.#shown].map(({ path }) => path));
    for (const { path, uploaded } of before) if (uploaded && !needed.has(path)) await rm(path, { force: true });
  }
}

/** The same file, or what was sent before. */
function isSame(a: OpenedFile, b: OpenedFile): boolean {
  if (a.path === b.path) return true;
  return a.uploaded && b.uploaded && a.name === b.name && sizeOf(a.path) === sizeOf(b.path);
}

function sizeOf(path: string): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? found.size : undefined;
}
