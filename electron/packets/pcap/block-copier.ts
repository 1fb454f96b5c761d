/**
 * Copies a pcapng stream block by block, leaving out the packets that are not wanted and giving others another comment: everything else
 * (interfaces, names, secrets, custom blocks, what a later version may add) goes on as it came, byte for byte. What was put there for the original file
 * alone goes only where the copy is that file again.
 */
import { BlockBuffer } from './block-buffer.ts';
import { type PacketComment, withComment } from './comment.ts';
import { isLocalBlock, withoutLocalOptions } from './local-parts.ts';
import { BLOCK_EPB, BLOCK_PB, BLOCK_SHB, BLOCK_SPB, BYTE_ORDER_MAGIC } from './pcapng-reader.ts';

/** Longest packet block that is held whole; a longer one ends the copy. Other blocks are passed on in parts when they are long. */
const MAX_BLOCK = 64 << 20;
const PART = 1 << 20;
const PACKETS = new Set([BLOCK_EPB, BLOCK_SPB, BLOCK_PB]);

/** What becomes of a packet: it goes, it stays as it is, it stays with this comment. */
export type Fate = boolean | PacketComment;

export class BlockCopier {
  readonly #buffer = new BlockBuffer();
  #little = true;
  /** Bytes of a long block that are still to come. */
  #passing = 0;
  readonly #local: boolean;

  /** @param local custom blocks and options that are not to be copied go along: nothing is changed */
  constructor(local: boolean) {
    this.#local = local;
  }

  /** @param fate asked once for each packet, in order */
  *push(piece: Uint8Array, fate: () => Fate): Generator<Uint8Array> {
    const buffer = this.#buffer;
    buffer.push(piece);
    if (this.#passing > 0) {
      yield this.#part();
      if (this.#passing > 0) return;
    }
    // Blocks that stay and stand beside each other go as one.
    let from = buffer.at;
    while (this.#passing === 0 && buffer.missing === 0 && buffer.available >= 12) {
      const { view, at } = buffer;
      let type = view.getUint32(at, this.#little);
      if (view.getUint32(at, true) === BLOCK_SHB) {
        type = BLOCK_SHB;
        this.#little = view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC;
      }
      const length = view.getUint32(at + 4, this.#little);
      const isPacket = PACKETS.has(type);
      if (length < 12 || length % 4 !== 0 || (isPacket && length > MAX_BLOCK)) break;
      if (!this.#local && isLocalBlock(type)) {
        if (at > from) yield buffer.bytes.slice(from, at);
        buffer.skip(length);
        from = buffer.at;
        continue;
      }
      if (buffer.available < length) {
        if (!isPacket && length > PART) this.#passing = length;
        break;
      }
      const what = isPacket ? fate() : true;
      const block = buffer.bytes.subarray(at, at + length);
      const made = what === false ? undefined : this.#block(block, what);
      buffer.at += length;
      if (made === block) continue;
      if (at > from) yield buffer.bytes.slice(from, at);
      if (made) yield made.slice();
      from = buffer.at;
    }
    if (buffer.at > from) yield buffer.bytes.slice(from, buffer.at);
    if (this.#passing > 0) yield this.#part();
  }

  /** The same block, or what it becomes. */
  #block(block: Uint8Array, what: true | PacketComment): Uint8Array {
    const own = this.#local ? block : withoutLocalOptions(block, this.#little);
    return what === true ? own : withComment(own, this.#little, what);
  }

  #part(): Uint8Array {
    const { bytes, at, available } = this.#buffer;
    const part = bytes.slice(at, at + Math.min(this.#passing, available));
    this.#buffer.at += part.length;
    this.#passing -= part.length;
    return part;
  }
}
