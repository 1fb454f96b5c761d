/**
 * A file descriptor (standard output) with back-pressure. Text collects into large writes that happen off the event loop,
 * so a paused reader never keeps signals or a capture waiting; a slow one makes `write` wait, so callers can stay bounded; one
 * that goes away (`| head`) ends the command quietly; a full disk is an error like any other. What is written stays in order.
 */
import { write as writeFd } from 'node:fs';
import { Socket } from 'node:net';
import { isatty, WriteStream } from 'node:tty';
import { promisify } from 'node:util';
import { XdpeekError } from '../../shared/errors.ts';

/** UTF-16 units that collect before a write. */
const CHUNK = 64 * 1024;

const writeOnce = promisify(writeFd);

export class Output {
  readonly isTerminal: boolean;
  private readonly fd: number;
  private readonly onGone: () => void;
  private text = '';
  /** Resolves when everything handed over before is written, or rejects with why not. */
  private last: Promise<void> = Promise.resolve();
  private gone = false;
  /** Somebody made the pipe or terminal non-blocking: this one waits until it takes more. */
  private stream: Socket | undefined;

  /** @param onGone called once when the reader has closed its end. */
  constructor(fd: number, onGone: () => void) {
    this.fd = fd;
    this.isTerminal = isatty(fd);
    this.onGone = onGone;
  }

  /** Nobody reads any more: stop making output. */
  get closed(): boolean {
    return this.gone;
  }

  /** Adds text; on a terminal it shows at once. Resolves when more should come. */
  write(text: string): Promise<void> {
    this.text += text;
    return this.text.length >= CHUNK || this.isTerminal ? this.flush() : this.last;
  }

  /** Bytes as they are, behind the text written so far; they must stay unchanged until it resolves. */
  writeBytes(bytes: Uint8Array): Promise<void> {
    void this.flush();
    return this.hand(bytes);
  }

  /** Everything written so far has left. */
  flush(): Promise<void> {
    const { text } = this;
    this.text = '';
    return text === '' ? this.last : this.hand(Buffer.from(text, 'utf8'));
  }

  private hand(bytes: Uint8Array): Promise<void> {
    this.last = this.last.then(() => this.push(bytes));
    this.last.catch(() => {}); // whoever waits hears it; nobody may be waiting just now
    return this.last;
  }

  private async push(bytes: Uint8Array): Promise<void> {
    try {
      let at = 0;
      while (at < bytes.length && !this.gone && !this.stream) {
        try {
          at += (await writeOnce(this.fd, bytes, at, bytes.length - at)).bytesWritten;
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
          this.stream = streamOf(this.fd);
        }
      }
      if (at < bytes.length && this.stream && !this.gone) await drained(this.stream, bytes.subarray(at));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw writeFailed(error as NodeJS.ErrnoException);
      this.gone = true;
      this.onGone();
    }
  }
}

function streamOf(fd: number): Socket {
  const stream = isatty(fd) ? new WriteStream(fd) : new Socket({ fd, readable: false, writable: true });
  return stream.on('error', () => {}); // whoever writes hears it
}

/** Resolves when the system has it all. */
const drained = (stream: Socket, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => stream.write(bytes, (error) => (error ? reject(error) : resolve())));

function writeFailed(error: NodeJS.ErrnoException): XdpeekError {
  const full = error.code === 'ENOSPC' || error.code === 'EDQUOT';
  const why = full ? 'no space left' : error.message;
  return new XdpeekError({
    code: error.code ?? 'EIO',
    message: `standard output cannot be written: ${why}`,
    hint: full ? 'Free some space, or write somewhere else.' : 'Check where the output goes.',
  });
}
