/**
 * Packets that are dragged out of the window: written into a file of the user's alone (0600, in a folder of its own, 0700), which the desktop then
 * carries. The receiver copies it when it is dropped, so files stay for a while; all go with the app, and what a crash left goes at the next start.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { nativeImage, type WebContents } from 'electron';
import { XdpeekError } from '../shared/errors.ts';
import type { ExportRequest } from '../shared/export.ts';
import type { SessionProcess } from './session-process.ts';

/** A drag is over when the button is up: what takes longer cannot be dragged. */
const PATIENCE_MS = 2000;
const KEPT_MS = 10 * 60_000;

export class DragOut {
  readonly #folder: string;
  readonly #session: SessionProcess;
  readonly #made: { folder: string; atMs: number }[] = [];

  /** @param folder of this app alone; what is in it is removed */
  constructor(folder: string, session: SessionProcess) {
    this.#folder = folder;
    this.#session = session;
    this.clear();
  }

  async start(contents: WebContents, request: ExportRequest, name: string): Promise<void> {
    this.#removeOld();
    // The file has the name that people see, so each gets a folder.
    const folder = join(this.#folder, randomBytes(9).toString('base64url'));
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(this.#folder, 0o700);
    this.#made.push({ folder, atMs: Date.now() });
    const file = join(folder, name);
    const timer = setTimeout(() => this.#session.cancelExport(), PATIENCE_MS);
    try {
      await this.#session.export(file, request);
    } catch (error) {
      if ((error as { code?: string }).code !== 'CANCELLED') throw error;
      throw new XdpeekError({
        code: 'E2BIG',
        message: 'this is too much to be dragged',
        hint: 'Use Export packets… (Ctrl+Shift+E).',
      });
    } finally {
      clearTimeout(timer);
    }
    contents.startDrag({ file, icon: icon() });
  }

  clear(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #removeOld(): void {
    while (this.#made[0] && Date.now() - this.#made[0].atMs > KEPT_MS) {
      const { folder } = this.#made.shift()!;
      if (statSync(folder, { throwIfNoEntry: false })) rmSync(folder, { recursive: true, force: true });
    }
  }
}

const SIZE = 32;

/** A sheet with lines: what hangs at the pointer. BGRA. */
function icon(): Electron.NativeImage {
  const pixels = Buffer.alloc(SIZE * SIZE * 4);
  for (let y = 2; y < SIZE - 2; y++)
    for (let x = 6; x < SIZE - 6; x++) {
      const edge = y === 2 || y === SIZE - 3 || x === 6 || x === SIZE - 7;
      const line = y % 5 === 3 && y > 6 && y < SIZE - 6 && x > 9 && x < SIZE - 10;
      pixels.writeUInt32LE(edge ? 0xff5a6572 : line ? 0xff2f6fed : 0xffffffff, (y * SIZE + x) * 4);
    }
  return nativeImage.createFromBitmap(pixels, { width: SIZE, height: SIZE });
}
