/**
 * A ByteSource over an open file: one read-ahead window, because rows are asked for in runs. Reads are synchronous and small;
 * what was just captured or opened is in the page cache.
 */
import { readSync } from 'node:fs';
import type { ByteSource } from '../../packets/store/byte-source.ts';

const WINDOW_BYTES = 256 * 1024;

export class FileBytes implements ByteSource {
  readonly fd: number;
  readonly #window = new Uint8Array(WINDOW_BYTES);
  #start = 0;
  #fill = 0;

  constructor(fd: number) {
    this.fd = fd;
  }

  read(offset: number, length: number): Uint8Array {
    if (length > WINDOW_BYTES) return this.#direct(offset, length);
    if (offset < this.#start || offset + length > this.#start + this.#fill) {
      this.#start = offset;
      this.#fill = this.#readFully(this.#window, offset);
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
