/**
 * A ByteSource over an open file: one read-ahead window, because rows are asked for in runs, which is short behind a jump and grows as a run goes on.
 * Reads are synchronous and small; what was just captured or opened is in the page cache.
 */
import { readSync } from 'node:fs';
import type { ByteSource } from '../../packets/store/byte-source.ts';

const WINDOW_BYTES = 256 * 1024;
const FIRST_BYTES = 8 * 1024;
/** A run leaves out what lies between packets, and now and then a packet. */
const RUN_GAP_BYTES = 4096;

export class FileBytes implements ByteSource {
  readonly fd: number;
  readonly #window = new Uint8Array(WINDOW_BYTES);
  #start = 0;
  #fill = 0;
  #ahead = FIRST_BYTES;

  constructor(fd: number) {
    this.fd = fd;
  }

  read(offset: number, length: number): Uint8Array {
    if (length > WINDOW_BYTES) return this.#direct(offset, length);
    if (offset < this.#start || offset + length > this.#start + this.#fill) {
      const goesOn = offset >= this.#start && offset <= this.#start + this.#fill + RUN_GAP_BYTES;
      this.#ahead = goesOn ? Math.min(WINDOW_BYTES, 4 * this.#ahead) : FIRST_BYTES;
      this.#start = offset;
      this.#fill = this.#readFully(this.#window.subarray(0, Math.max(length, this.#ahead)), offset);
    }
    const from = offset - this.#start;
    return this.#window.subarray(from, Math.min(from + length, this.#fill));
  }

  #direct(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, this.#readFully(bytes, offset));
  }

  #readFully(into: Uint8Array, offset: number): number {
    let fill = 0;
    while (fill < into.byteLength) {
      const got = readSync(this.fd, into, fill, into.byteLength - fill, offset + fill);
      if (got === 0) break;
      fill += got;
    }
    return fill;
  }
}
