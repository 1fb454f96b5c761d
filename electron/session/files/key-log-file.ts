/** A key log file of the user's: read at once, and again when it has grown, since programs write into it as they connect. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import type { Secrets } from '../../packets/state/secrets.ts';
import { XdpeekError } from '../../shared/errors.ts';

const MAX_BYTES = 256 << 20;
const PIECE = 1 << 20;
/** Longest line that can be a secret, with room. */
const MAX_LINE = 4096;

export class KeyLogFile {
  readonly #fd: number;
  readonly #name: string;
  #read = 0;
  /** The last line, when it is half written. */
  #rest: Buffer = Buffer.alloc(0);

  /** Throws when it cannot be opened. */
  constructor(file: string) {
    this.#name = path.basename(file);
    this.#fd = openLog(file, this.#name);
  }

  /** Adds what was not read yet. Returns the number of secrets in it. */
  take(into: Secrets): number {
    const { size } = fstatSync(this.#fd);
    if (size > MAX_BYTES)
      throw cannot(this.#name, 'it is larger than 256 MiB', 'Name the file that SSLKEYLOGFILE had.');
    if (size < this.#read) this.#read = 0; // begun anew
    let found = 0;
    while (this.#read < size) {
      const piece = Buffer.alloc(Math.min(PIECE, size - this.#read));
      const count = readSync(this.#fd, piece, 0, piece.length, this.#read);
      if (count === 0) break;
      this.#read += count;
      const bytes = Buffer.concat([this.#rest, piece.subarray(0, count)]);
      const end = bytes.lastIndexOf(10) + 1;
      // A file that ends without a line end is whole all the same: a half line is no secret, a whole one may come twice.
      found += into.add(bytes);
      this.#rest = bytes.subarray(end, end + MAX_LINE);
    }
    return found;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function openLog(file: string, name: string): number {
  try {
    const fd = openSync(file, 'r');
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why: Record<string, string> = { ENOENT: 'there is no such file', EACCES: 'you may not read it' };
    throw cannot(name, why[code ?? ''] ?? message, 'Check the name and who owns it.');
  }
  throw cannot(name, 'it is not a file', 'Name a key log, as SSLKEYLOGFILE makes one.');
}

function cannot(name: string, why: string, hint: string): XdpeekError {
  return new XdpeekError({ code: 'EINVAL', message: `the key log ${name} cannot be read: ${why}`, hint });
}
