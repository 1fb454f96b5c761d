/** Bytes that come in pieces: an object file, or code. One upload at a time; what is not whole is never used. */
import { XdpeekError } from '../../shared/errors.ts';
import type { WorkbenchMethods } from '../../shared/workbench.ts';
import { fromBase64 } from './bytes.ts';

export class Uploads {
  #token = 0;
  #bytes = new Uint8Array(0);
  #filled = 0;

  add({ token, offset, size, data }: WorkbenchMethods['upload'][0]): void {
    if (offset === 0) {
      this.#token = token;
      this.#bytes = new Uint8Array(size);
      this.#filled = 0;
    }
    const piece = fromBase64(data);
    const fits = token === this.#token && size === this.#bytes.length && offset === this.#filled;
    if (!fits || piece.length === 0 || offset + piece.length > size)
      throw new XdpeekError({ code: 'USAGE', message: 'upload: the pieces do not follow each other' });
    this.#bytes.set(piece, offset);
    this.#filled += piece.length;
  }

  /** The bytes, which are then forgotten. */
  take(token: number): Uint8Array {
    if (token !== this.#token || this.#filled === 0 || this.#filled !== this.#bytes.length)
      throw new XdpeekError({ code: 'USAGE', message: 'these bytes were not uploaded, or not whole' });
    const bytes = this.#bytes;
    this.#token = 0;
    this.#bytes = new Uint8Array(0);
    this.#filled = 0;
    return bytes;
  }
}
