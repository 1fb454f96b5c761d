/** Key logs named on the command line: read at the start, and again while a capture runs, since programs write into them as they connect. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { Secrets } from '../packets/state/secrets.ts';
import { XdpeekError } from '../shared/errors.ts';
import { quoted, usageError } from './options/usage-error.ts';

const MAX_BYTES = 256 << 20;
const PIECE = 1 << 20;
const LOOK_MS = 250;
const PREFERENCE = 'tls.keylog_file:';

interface Given {
  keylog: readonly string[];
  /** tshark's -o: only its key log is known. */
  preference: readonly string[];
}

interface LogFile {
  name: string;
  fd: number;
  read: number;
  /** The last line, when it is half written. */
  rest: Buffer;
}

export class KeyLogs {
  readonly secrets = new Secrets();
  readonly #files: LogFile[] = [];
  #lookedMs = performance.now();

  /** Throws when a file cannot be read. */
  constructor({ keylog, preference }: Given) {
    for (const name of [...keylog, ...preference.map(fromPreference)]) {
      this.#files.push({ name, fd: open(name), read: 0, rest: Buffer.alloc(0) });
      this.#take(this.#files.at(-1)!);
    }
  }

  /** Takes what was written since. Costs nothing when asked often. */
  refresh(): void {
    const now = performance.now();
    if (now - this.#lookedMs < LOOK_MS) return;
    this.#lookedMs = now;
    for (const file of this.#files) this.#take(file);
  }

  close(): void {
    for (const { fd } of this.#files.splice(0)) closeSync(fd);
  }

  #take(file: LogFile): void {
    const { size } = fstatSync(file.fd);
    if (size > MAX_BYTES) throw cannot(file.name, 'it is larger than 256 MiB', 'Name the file that SSLKEYLOGFILE had.');
    if (size < file.read) file.read = 0; // begun anew
    while (file.read < size) {
      const piece = Buffer.alloc(Math.min(PIECE, size - file.read));
      const count = readSync(file.fd, piece, 0, piece.length, file.read);
      if (count === 0) return;
      file.read += count;
      const bytes = Buffer.concat([file.rest, piece.subarray(0, count)]);
      // The last line may be half written; a file that ends without a line end is whole all the same.
      const end = bytes.lastIndexOf(10) + 1;
      this.secrets.add(bytes);
      file.rest = bytes.subarray(end, end + 4096);
    }
  }
}

function fromPreference(text: string): string {
  if (text.startsWith(PREFERENCE) && text.length > PREFERENCE.length) return text.slice(PREFERENCE.length);
  throw usageError(`-o knows no preference ${quoted(text)}`, `It takes ${PREFERENCE}FILE, as tshark does.`);
}

function open(name: string): number {
  try {
    const fd = openSync(name, 'r');
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
  return new XdpeekError({ code: 'EINVAL', message: `cannot read the key log ${name}: ${why}`, hint });
}
