/**
 * Copies a pcapng stream block by block, leaving out the packets that are not wanted: everything else (interfaces, names, secrets, custom blocks,
 * what a later version may add) goes on as it came, byte for byte.
 */
import { BlockBuffer } from './block-buffer.ts';
import { BLOCK_EPB, BLOCK_PB, BLOCK_SHB, BLOCK_SPB } from './pcapng-reader.ts';

/** Longest block that is held whole; a longer one ends the copy. */
const MAX_BLOCK = 64 << 20;
const PACKETS = new Set([BLOCK_EPB, BLOCK_SPB, BLOCK_PB]);

export class BlockCopier {
  readonly #buffer = new BlockBuffer();
  #little = true;

  /** @param wanted asked once for each packet, in order */
  *push(piece: Uint8Array, wanted: () => boolean): Generator<Uint8Array> {
    const buffer = this.#buffer;
    buffer.push(piece);
    while (buffer.available >= 12) {
      const { view, at } = buffer;
      let type = view.getUint32(at, this.#little);
      if (view.getUint32(at, true) === BLOCK_SHB) {
        type = BLOCK_SHB;
        this.#little = view.getUint32(at + 8, true) === 0x1a2b3c4d;
      }
      const length = view.getUint32(at + 4, this.#little);
      if (length < 12 || length % 4 !== 0 || length > MAX_BLOCK || buffer.available < length) return;
      if (!PACKETS.has(type) || wanted()) yield buffer.bytes.slice(at, at + length);
      buffer.at += length;
    }
  }
}
