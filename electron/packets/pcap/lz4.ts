/**
 * LZ4 frames (lz4_Frame_format.md, lz4_Block_format.md): a decoder fed with pieces of any size that hands out blocks. Memory is one block (4 MiB at
 * most) and the 64 KiB that a block may refer back to. Checksums are passed over.
 */
const MAGIC = 0x184d2204;
const SKIPPABLE = 0x184d2a50;
const HISTORY = 65_536;

export class Lz4Decoder {
  #input = new Uint8Array(0);
  #history = new Uint8Array(0);
  #frame: { blockMax: number; independent: boolean; blockChecksum: boolean; contentChecksum: boolean } | undefined;
  #skip = 0;
  /** A frame or block is not whole. */
  get pending(): boolean {
    return this.#input.length > 0 || this.#frame !== undefined || this.#skip > 0;
  }

  /** Throws Error with what is wrong. */
  *push(piece: Uint8Array): Generator<Uint8Array> {
    const joined = new Uint8Array(this.#input.length + piece.length);
    joined.set(this.#input);
    joined.set(piece, this.#input.length);
    this.#input = joined;
    for (;;) {
      if (this.#skip > 0) {
        const size = Math.min(this.#skip, this.#input.length);
        this.#take(size);
        this.#skip -= size;
        if (this.#skip > 0) return;
      }
      if (!this.#frame) {
        if (!this.#header()) return;
        continue;
      }
      const block = this.#block();
      if (!block) return;
      if (block.length > 0) yield block;
    }
  }

  #take(size: number): Uint8Array {
    const taken = this.#input.subarray(0, size);
    this.#input = this.#input.subarray(size);
    return taken;
  }

  #u32(at: number): number {
    const b = this.#input;
    return (b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24)) >>> 0;
  }

  #header(): boolean {
    if (this.#input.length < 7) return false;
    const magic = this.#u32(0);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      if (this.#input.length < 8) return false;
      this.#skip = this.#u32(4);
      this.#take(8);
      return true;
    }
    if (magic !== MAGIC) throw new Error('what follows is no LZ4 frame');
    const flags = this.#input[4]!;
    const blockCode = (this.#input[5]! >> 4) & 7;
    if (flags >> 6 !== 1 || blockCode < 4) throw new Error('its LZ4 header is not known');
    const size = 7 + (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0);
    if (this.#input.length < size) return false;
    this.#take(size);
    this.#history = new Uint8Array(0);
    this.#frame = {
      blockMax: 1 << (8 + 2 * blockCode),
      independent: (flags & 0x20) !== 0,
      blockChecksum: (flags & 0x10) !== 0,
      contentChecksum: (flags & 4) !== 0,
    };
    return true;
  }

  /** The next block; empty at the end of a frame; undefined while it is not whole. */
  #block(): Uint8Array | undefined {
    const frame = this.#frame!;
    if (this.#input.length < 4) return undefined;
    const word = this.#u32(0);
    if (word === 0) {
      this.#take(4);
      this.#skip = frame.contentChecksum ? 4 : 0;
      this.#frame = undefined;
      return new Uint8Array(0);
    }
    const size = word & 0x7fffffff;
    if (size > frame.blockMax) throw new Error('an LZ4 block is longer than its frame allows');
    const total = 4 + size + (frame.blockChecksum ? 4 : 0);
    if (this.#input.length < total) return undefined;
    const stored = this.#take(total).subarray(4, 4 + size);
    const block = word >>> 31 ? stored.slice() : unpackBlock(stored, this.#history, frame.blockMax);
    if (!frame.independent) this.#remember(block);
    return block;
  }

  #remember(block: Uint8Array): void {
    if (block.length >= HISTORY) {
      this.#history = block.slice(-HISTORY);
      return;
    }
    const kept = this.#history.subarray(Math.max(0, this.#history.length + block.length - HISTORY));
    const next = new Uint8Array(kept.length + block.length);
    next.set(kept);
    next.set(block, kept.length);
    this.#history = next;
  }
}

function unpackBlock(source: Uint8Array, history: Uint8Array, limit: number): Uint8Array {
  const out = new Uint8Array(history.length + limit);
  out.set(history);
  let to = history.length;
  let at = 0;
  const length = (nibble: number): number => {
    let total = nibble;
    if (nibble === 15)
      for (let byte = 255; byte === 255; total += byte) {
        if (at >= source.length) throw new Error('an LZ4 block is cut short');
        byte = source[at++]!;
      }
    return total;
  };
  while (at < source.length) {
    const token = source[at++]!;
    const literals = length(token >> 4);
    if (at + literals > source.length || to + literals > out.length) throw new Error('an LZ4 block is damaged');
    out.set(source.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    if (at >= source.length) break;
    const distance = source[at]! | (source[at + 1]! << 8);
    at += 2;
    const match = length(token & 15) + 4;
    if (distance === 0 || distance > to || to + match > out.length) throw new Error('an LZ4 block is damaged');
    if (distance >= match) out.copyWithin(to, to - distance, to - distance + match);
    else for (let i = 0; i < match; i++) out[to + i] = out[to - distance + i]!;
    to += match;
  }
  return out.slice(history.length, to);
}
