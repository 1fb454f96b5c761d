/**
 * A capture file that is being written: whole pcapng blocks appended in order, without blocking the event loop. What waits
 * goes out in one writev. When a write fails, the file is cut back to its last whole block, so that it stays a
 * capture that every reader opens; from then on nothing more is taken, and `failed` says why.
 */

import { constants } from 'node:fs';
import { access, type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorData, XdpeekError } from '../../shared/errors.ts';
import type { Moved, PipedBlocks } from '../privileged/output-pipe.ts';
import { type Cut, wholeBlocks } from './blocks.ts';

interface Piece {
  bytes: Uint8Array;
  packets: number;
  done(written: Written): void;
}

/** What of one `append` is in the file. */
export interface Written {
  /** File offset where it begins. */
  offset: number;
  /** Bytes and packets of it that are in the file; all of them unless writing failed. */
  bytes: number;
  packets: number;
}

export const NOTHING_MOVED: Moved = { bytes: 0, rest: 0, frames: 0, packets: 0, read: new Uint8Array(0), why: '' };

/** IOV_MAX is 1024; a batch this size is far from starving anyone. */
const MAX_PIECES = 256;

export class BlockFile {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #seekable: boolean;
  #waiting: Piece[] = [];
  #writing: Promise<void> | undefined;
  #bytes = 0;
  #failed: XdpeekError | undefined;
  #unpiped = false;

  private constructor(path: string, handle: FileHandle, seekable: boolean) {
    this.path = path;
    this.#handle = handle;
    this.#seekable = seekable;
  }

  /** A new file of the user's alone: 0600, never through a link, never over something that is there (EEXIST). */
  static async create(path: string): Promise<BlockFile> {
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;
    return BlockFile.#open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR);
  }

  /** As `create`, but takes the place of a file that is there (not of a link, not of a folder). */
  static async replace(path: string): Promise<BlockFile> {
    const { O_CREAT, O_NOFOLLOW, O_RDWR, O_TRUNC, O_WRONLY } = constants;
    // Open for reading as well, a pipe would not wait for its reader: what was written before that one came would be lost.
    const isPipe = (await stat(path).catch(() => undefined))?.isFIFO() ?? false;
    return BlockFile.#open(path, isPipe ? O_WRONLY | O_NOFOLLOW : O_CREAT | O_TRUNC | O_NOFOLLOW | O_RDWR);
  }

  /** Rejects, without making anything, where it is plain that no file can be written at `path`. */
  static async mayReplace(path: string): Promise<void> {
    try {
      const there = await stat(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        return undefined;
      });
      if (there?.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
      await access(there ? path : dirname(path), constants.W_OK);
    } catch (error) {
      throw openError(path, error);
    }
  }

  static async #open(path: string, flags: number): Promise<BlockFile> {
    try {
      const handle = await open(path, flags, 0o600);
      return new BlockFile(path, handle, (await handle.stat()).isFile());
    } catch (error) {
      throw openError(path, error);
    }
  }

  /** For reading what is already in the file. */
  get handle(): FileHandle {
    return this.#handle;
  }
  /** Bytes in the file: always whole blocks. */
  get bytes(): number {
    return this.#bytes;
  }
  get failed(): XdpeekError | undefined {
    return this.#failed;
  }

  /** Resolves once the blocks are in the file, as far as they could be. Never rejects. */
  append(bytes: Uint8Array, packets: number): Promise<Written> {
    if (this.#failed) return Promise.resolve({ offset: this.#bytes, bytes: 0, packets: 0 });
    return new Promise((done) => {
      this.#waiting.push({ bytes, packets, done });
      this.#writing ??= this.#work();
    });
  }

  /**
   * Appends blocks that are still in a pipe, and those of the frames behind them, without their passing through this process. With nothing moved where
   * that cannot be done: append them then. `lost`: packets of what was moved that are not in the file. Never rejects.
   */
  async appendPiped(blocks: PipedBlocks): Promise<Moved & { lost: number }> {
    await this.flush();
    if (this.#failed || !this.#seekable || this.#unpiped) return { ...NOTHING_MOVED, lost: 0 };
    const moving = this.#move(blocks);
    this.#writing = moving.then(() => {
      this.#writing = undefined;
    });
    return moving;
  }

  /** Everything appended is in the file, or `failed` is set. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#handle.close();
  }

  async #move(blocks: PipedBlocks): Promise<Moved & { lost: number }> {
    const offset = this.#bytes;
    const moved = await blocks.into(this.#handle.fd, offset);
    const { bytes, packets, why } = moved;
    if (why === '') {
      this.#bytes += bytes;
      return { ...moved, lost: 0 };
    }
    // Not every file system has a way for it.
    if (why === 'EINVAL' || why === 'ENOSYS') this.#unpiped = true;
    // The end of the pipe is not the file's failure.
    else if (why !== 'EOF') this.#failed = writeError(Object.assign(new Error(why), { code: why }));
    if (bytes === 0) return { ...moved, lost: 0 };
    const kept = await this.#wholeFrom(offset, bytes);
    this.#bytes += kept.bytes;
    await this.#cut();
    return { ...moved, lost: packets - kept.packets };
  }

  /** How much of what was written at `offset` is whole blocks. */
  async #wholeFrom(offset: number, bytes: number): Promise<Cut> {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await this.#handle.read(buffer, 0, bytes, offset).catch(() => ({ bytesRead: 0 }));
    return wholeBlocks(buffer, bytesRead);
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const pieces = this.#waiting.splice(0, MAX_PIECES);
      const total = pieces.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
      const written = await this.#write(pieces.map(({ bytes }) => bytes));
      this.#settle(pieces, written);
      if (written < total) await this.#cut();
    }
    this.#writing = undefined;
  }

  /** Bytes that went out; fewer than given only with `#failed` set. */
  async #write(buffers: Uint8Array[]): Promise<number> {
    const start = this.#bytes;
    let written = 0;
    let rest = buffers;
    try {
      while (rest.length > 0) {
        const position = this.#seekable ? start + written : undefined;
        const { bytesWritten } = await this.#handle.writev(rest, position);
        written += bytesWritten;
        rest = after(rest, bytesWritten);
      }
    } catch (error) {
      this.#failed = writeError(error);
    }
    return written;
  }

  #settle(pieces: Piece[], written: number): void {
    let left = written;
    for (const { bytes, packets, done } of pieces) {
      const offset = this.#bytes;
      if (left >= bytes.byteLength) {
        this.#bytes += bytes.byteLength;
        left -= bytes.byteLength;
        done({ offset, bytes: bytes.byteLength, packets });
      } else {
        const kept = wholeBlocks(bytes, left);
        this.#bytes += kept.bytes;
        left = 0;
        done({ offset, bytes: kept.bytes, packets: kept.packets });
      }
    }
  }

  async #cut(): Promise<void> {
    for (const { done } of this.#waiting.splice(0)) done({ offset: this.#bytes, bytes: 0, packets: 0 });
    if (this.#seekable) await this.#handle.truncate(this.#bytes).catch(() => {});
  }
}

function after(buffers: Uint8Array[], bytes: number): Uint8Array[] {
  let left = bytes;
  for (const [index, buffer] of buffers.entries()) {
    if (left < buffer.byteLength) return [buffer.subarray(left), ...buffers.slice(index + 1)];
    left -= buffer.byteLength;
  }
  return [];
}

function openError(path: string, error: unknown): XdpeekError {
  const { code, message } = errorData(error);
  const tried = `create ${path}`;
  const told: Record<string, [string, string]> = {
    EEXIST: [`${path} is already there`, 'Choose another name, or remove it.'],
    ELOOP: [`${path} is a symbolic link, which xdpeek does not write through`, 'Name the file itself.'],
    EACCES: [`no permission to write ${path}`, 'Choose a folder of your own.'],
    EPERM: [`no permission to write ${path}`, 'Choose a folder of your own.'],
    ENOENT: [`the folder of ${path} does not exist`, 'Make it first, or choose another.'],
    ENOTDIR: [`what should be the folder of ${path} is a file`, 'Choose another.'],
    ENAMETOOLONG: [`the name ${path} is too long`, 'Choose a shorter one.'],
    EISDIR: [`${path} is a folder`, 'Name a file in it.'],
    ENOSPC: [`no space is left for ${path}`, 'Free some space, or choose another disk.'],
    EROFS: [`${path} is on a read-only file system`, 'Choose another folder.'],
  };
  const [text, hint] = told[code] ?? [`${path} cannot be written: ${message}`, undefined];
  return new XdpeekError(hint === undefined ? { code, message: text, tried } : { code, message: text, tried, hint });
}

function writeError(error: unknown): XdpeekError {
  const { code, message } = errorData(error);
  const tried = 'write the capture file';
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    const full =
      code === 'ENOSPC'
        ? 'the disk is full'
        : code === 'EDQUOT'
          ? 'the disk quota is used up'
          : 'the file is too large';
    return new XdpeekError({
      code,
      message: `${full}: the capture file keeps what was written`,
      tried,
      hint: 'Free some space and start again.',
    });
  }
  if (code === 'EPIPE') return new XdpeekError({ code, message: 'the reader of the capture went away', tried });
  return new XdpeekError({ code, message: `writing the capture file failed: ${message}`, tried });
}
