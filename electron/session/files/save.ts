/** A capture to a file or a stream of the user's. A file appears whole or not at all. */
import { randomBytes } from 'node:crypto';
import { realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ErrorData, errorData, XdpeekError } from '../../shared/errors.ts';
import { BlockFile } from './block-file.ts';

/**
 * Written beside `file`, or beside what it is a link to, under a name of its own (0600, O_EXCL), then renamed over it. A device or a pipe is written to:
 * /dev/null is not ours to replace.
 */
export async function saveFile(named: string, bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
  const file = await realpath(named).catch(() => named);
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory()) throw notSaved(named, { code: 'EISDIR', message: 'it is a folder' });
  const temporary =
    there && !there.isFile()
      ? undefined
      : path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}`);
  const opened = temporary === undefined ? BlockFile.replace(file) : BlockFile.create(temporary);
  const out = await opened.catch((error) => {
    throw notSaved(named, errorData(error));
  });
  try {
    for await (const piece of bytes) {
      await out.append(piece, 0);
      if (out.failed) throw notSaved(named, errorData(out.failed));
    }
    // What a name stands for must survive a crash before the old file is let go.
    if (temporary !== undefined) await out.handle.sync();
    await out.close();
    if (out.failed) throw notSaved(named, errorData(out.failed));
    if (temporary !== undefined) await rename(temporary, file);
  } catch (error) {
    await out.close().catch(() => {});
    if (temporary !== undefined) await rm(temporary, { force: true });
    throw error instanceof XdpeekError || !isSystemError(error) ? error : notSaved(named, errorData(error));
  }
}

export async function saveStream(out: Writable, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  await pipeline(Readable.from(bytes, { objectMode: false }), out);
}

const isSystemError = (error: unknown): boolean => typeof (error as NodeJS.ErrnoException | null)?.syscall === 'string';

const WHY: Readonly<Record<string, readonly [why: string, hint: string]>> = {
  ENOSPC: ['the disk is full', 'Free some space, or choose another disk.'],
  EDQUOT: ['the disk quota is used up', 'Free some space, or choose another disk.'],
  EFBIG: ['the file system takes no file of this size', 'Choose another disk, or fewer packets.'],
  EACCES: ['no permission to write there', 'Choose a folder of your own.'],
  EPERM: ['no permission to write there', 'Choose a folder of your own.'],
  EROFS: ['the file system is read-only', 'Choose another folder.'],
  ENOENT: ['its folder does not exist', 'Make it first, or choose another.'],
  ENOTDIR: ['its folder does not exist', 'Make it first, or choose another.'],
  EISDIR: ['it is a folder', 'Name a file in it.'],
  ENAMETOOLONG: ['the name is too long', 'Choose a shorter one.'],
  EIO: ['the disk reports an error', 'Choose another disk.'],
};

/** The file that the user named, not the temporary one. */
function notSaved(file: string, { code, message }: ErrorData): XdpeekError {
  const [why, hint] = WHY[code] ?? [message, undefined];
  return new XdpeekError({
    code,
    message: `${path.basename(file)} was not written: ${why}`,
    tried: `write ${file}`,
    ...(hint !== undefined && { hint }),
  });
}
