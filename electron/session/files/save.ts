/** A capture to a file or a stream of the user's. A file appears whole or not at all. */
import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BlockFile } from './block-file.ts';

/** Written beside `file` under a name of its own (0600, O_EXCL), then renamed over it. */
export async function saveFile(file: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}`);
  const out = await BlockFile.create(temporary);
  try {
    for await (const piece of bytes) {
      await out.append(piece, 0);
      if (out.failed) throw out.failed;
    }
    await out.close();
    await rename(temporary, file);
  } catch (error) {
    await out.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
}

export async function saveStream(out: Writable, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  await pipeline(Readable.from(bytes, { objectMode: false }), out);
}
