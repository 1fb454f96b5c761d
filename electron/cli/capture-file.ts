/** A capture file, or standard input, as a sequence of pieces: read ahead by one, so that disk and printing overlap. */
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import type { Damage } from '../packets/pcap/types.ts';
import { merged } from '../session/files/merge.ts';
import { unpacked } from '../session/files/unpack.ts';
import { XdpeekError } from '../shared/errors.ts';
import { usageError } from './options/usage-error.ts';

export const PIECE_BYTES = 1024 * 1024;

/** Bytes of `name` ('-' = standard input) in order, unpacked. A piece stays as it is until the one after the next is asked for. */
export function captureFile(name: string, stop: AbortSignal): AsyncGenerator<Uint8Array> {
  return unpacked(storedBytes(name, stop));
}

export interface CaptureInput {
  readonly pieces: AsyncGenerator<Uint8Array>;
  /** What is wrong with files that were merged, once they were read. */
  readonly damages: readonly string[];
  /** What of them could not go along, once they were read. */
  readonly leftOut: readonly string[];
}

/** One capture as it is, or several merged by time. */
export function captureFiles(names: readonly string[], stop: AbortSignal): CaptureInput {
  if (names.length === 1) return { pieces: captureFile(names[0]!, stop), damages: [], leftOut: [] };
  if (names.filter((name) => name === '-').length > 1) throw usageError("standard input ('-') can be read once");
  const damages: string[] = [];
  const inputs = names.map((name) => ({ name: path.basename(name), pieces: captureFile(name, stop) }));
  const onDamage = (name: string, { offset, reason }: Damage) =>
    void damages.push(`${name} is damaged at byte ${offset}: ${reason}`);
  const leftOut: string[] = [];
  const onLeftOut = (name: string, why: string) => void leftOut.push(`left out of ${name}: ${why}`);
  return { pieces: merged(inputs, { onDamage, onLeftOut }), damages, leftOut };
}

/** Throws what is to be said at the end. */
export function refuseDamages(damages: readonly string[]): void {
  if (damages.length === 0) return;
  throw new XdpeekError({ code: 'EBADMSG', message: damages.join('; '), hint: 'The packets before that are good.' });
}

async function* storedBytes(name: string, stop: AbortSignal): AsyncGenerator<Uint8Array> {
  if (name === '-') {
    yield* standardInput(stop);
    return;
  }
  const file = await openFile(name);
  try {
    const buffers = [Buffer.allocUnsafe(PIECE_BYTES), Buffer.allocUnsafe(PIECE_BYTES), Buffer.allocUnsafe(PIECE_BYTES)];
    let next = read(file, buffers[0]!, name);
    for (let turn = 1; !stop.aborted; turn++) {
      const piece = await next;
      if (piece.length === 0) return;
      next = read(file, buffers[turn % buffers.length]!, name);
      next.catch(() => {}); // looked at when its turn comes
      yield piece;
    }
  } finally {
    await file.close();
  }
}

async function* standardInput(stop: AbortSignal): AsyncGenerator<Uint8Array> {
  if (process.stdin.isTTY)
    throw new XdpeekError({ code: 'EINVAL', message: 'cannot read a capture from the keyboard', hint: 'Pipe one in.' });
  const end = (): void => void process.stdin.destroy();
  stop.addEventListener('abort', end, { once: true });
  try {
    yield* process.stdin as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (!stop.aborted) throw readFailed('standard input', error as NodeJS.ErrnoException);
  } finally {
    stop.removeEventListener('abort', end);
  }
}

async function openFile(name: string): Promise<FileHandle> {
  try {
    const file = await open(name, 'r');
    if (!(await file.stat()).isDirectory()) return file;
    await file.close();
  } catch (error) {
    throw readFailed(name, error as NodeJS.ErrnoException);
  }
  throw new XdpeekError({
    code: 'EISDIR',
    message: `cannot read ${name}: it is a folder`,
    hint: 'Name a capture file.',
  });
}

async function read(file: FileHandle, buffer: Buffer, name: string): Promise<Uint8Array> {
  try {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw readFailed(name, error as NodeJS.ErrnoException);
  }
}

function readFailed(name: string, error: NodeJS.ErrnoException): XdpeekError {
  const why: Record<string, string> = {
    ENOENT: 'there is no such file',
    EACCES: 'you may not read it',
    EISDIR: 'it is a folder',
    ELOOP: 'its links lead in a circle',
    ENAMETOOLONG: 'the name is too long',
  };
  const { code = 'EIO' } = error;
  const hint = code === 'EACCES' ? 'Check who owns it; captures belong to the user who made them.' : 'Check the name.';
  return new XdpeekError({ code, message: `cannot read ${name}: ${why[code] ?? error.message}`, hint });
}
