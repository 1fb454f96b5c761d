/**
 * The first `length` bytes of an open file, in pieces; without blocking the event loop. Takes the handle and not its number: a
 * handle that was closed meanwhile fails, where a number might by then be another file.
 */
import type { FileHandle } from 'node:fs/promises';

const PIECE_BYTES = 1 << 20;

export async function* copyOut(handle: FileHandle, length: number): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < length; ) {
    const buffer = new Uint8Array(Math.min(PIECE_BYTES, length - offset));
    const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, offset);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    offset += bytesRead;
  }
}
