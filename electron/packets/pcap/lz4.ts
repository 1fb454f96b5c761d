/**
 * LZ4 frames (lz4_Frame_format.md, lz4_Block_format.md), the old kind too: a decoder fed with pieces of any size that hands out blocks. Memory is
 * one block (8 MiB at most) and the 64 KiB that a block may refer back to, however many blocks and frames there are. Checksums are passed over.
 */
const MAGIC = 0x184d2204;
const OLD_MAGIC = 0x184c2102;
const SKIPPABLE = 0x184d2a50;
const HISTORY = 65_536;
const OLD_BLOCK = 8 << 20;
/** Behind the longest block, so that the history is moved to the front rarely. */
const ROOM = 1 << 18;

interface Frame {
  blockMax: number;
  independent: boolean;
  blockChecksum: boolean;
  contentChecksum: boolean;
  /** Without a header and an end of its own. */
  old: boolean;
}

/** Whether bytes begin with something that may stand between frames and is passed over; zstd has the same. */
export function isSkippable(magic: number): boolean {
  return (magic & 0xfffffff0) >>> 0 === SKIPPABLE;
}

export class Lz4Decoder {
  #input = new Uint8Array(0);
  /** What of `#input` is not used yet. */
  #from = 0;
  #to = 0;
  /** Blocks are unpacked here, one behind the other. */
  #out = new Uint8Array(0);
  #fill = 0;
  /** Where the frame's own bytes begin in `#out`. */
  #start = 0;
  #frame: Frame | undefined;
  #skip = 0;

  /** A frame or block is not whole. */
  get pending(): boolean {
    return this.#left > 0 || (this.#frame !== undefined && !this.#frame.old) || this.#skip > 0;
  }

  /** Throws Error with what is wrong, after what could be unpacked was handed out. */
  *push(piece: Uint8Array): Generator<Uint8Array> {
    this.#append(piece);
    for (;;) {
      if (this.#skip > 0) {
        const size = Math.min(this.#skip, this.#left);
        this.#from += size;
        this.#skip -= size;
        if (this.#skip > 0) return;
      }
      if (this.#frame) {
        if (!(yield* this.#block(this.#frame))) return;
      } else if (!this.#header()) return;
    }
  }

  get #left(): number {
    return this.#to - this.#from;
  }

  #append(piece: Uint8Array): void {
    const left = this.#left;
    if (this.#to + piece.length > this.#input.length) {
      const room = left + piece.length > this.#input.length ? new Uint8Array(2 * (left + piece.length)) : this.#input;
      room.set(this.#input.subarray(this.#from, this.#to)); // set() copes with overlap
      this.#input = room;
      this.#from = 0;
      this.#to = left;
    }
    this.#input.set(piece, this.#to);
    this.#to += piece.length;
  }

  #take(size: number): Uint8Array {
    this.#from += size;
    return this.#input.subarray(this.#from - size, this.#from);
  }

  /** Little-endian, `ahead` bytes from here. */
  #u32(ahead: number): number {
    const b = this.#input;
    const at = this.#from + ahead;
    return (b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24)) >>> 0;
  }

  #header(): boolean {
    if (this.#left < 4) return false;
    const magic = this.#u32(0);
    if (magic === OLD_MAGIC) {
      this.#take(4);
      this.#begin({ blockMax: OLD_BLOCK, independent: true, blockChecksum: false, contentChecksum: false, old: true });
      return true;
    }
    if (this.#left < 7) return false;
    if (isSkippable(magic)) {
      if (this.#left < 8) return false;
      this.#skip = this.#u32(4);
      this.#take(8);
      return true;
    }
    if (magic !== MAGIC) throw new Error('what follows is no LZ4 frame');
    const flags = this.#input[this.#from + 4]!;
    const blockCode = (this.#input[this.#from + 5]! >> 4) & 7;
    if (flags >> 6 !== 1 || blockCode < 4) throw new Error('its LZ4 header is not known');
    const size = 7 + (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0);
    if (this.#left < size) return false;
    this.#take(size);
    this.#begin({
      blockMax: 1 << (8 + 2 * blockCode),
      independent: (flags & 0x20) !== 0,
      blockChecksum: (flags & 0x10) !== 0,
      contentChecksum: (flags & 4) !== 0,
      old: false,
    });
    return true;
  }

  #begin(frame: Frame): void {
    this.#frame = frame;
    const size = HISTORY + frame.blockMax + ROOM;
    if (this.#out.length < size) {
      this.#out = new Uint8Array(size);
      this.#fill = 0;
    }
    this.#start = this.#fill;
  }

  /** The next block. False while it is not whole. */
  *#block(frame: Frame): Generator<Uint8Array, boolean> {
    if (this.#left < 4) return false;
    const word = this.#u32(0);
    if (frame.old ? word === MAGIC || word === OLD_MAGIC || isSkippable(word) : word === 0) {
      if (!frame.old) {
        this.#take(4);
        this.#skip = frame.contentChecksum ? 4 : 0;
      }
      this.#frame = undefined;
      return true;
    }
    const stored = !frame.old && word >>> 31 === 1;
    const size = frame.old ? word : word & 0x7fffffff;
    // What does not shrink grows by a 255th when it is packed all the same.
    if (size > frame.blockMax + (frame.old ? frame.blockMax / 255 + 16 : 0))
      throw new Error('an LZ4 block is longer than its frame allows');
    const total = 4 + size + (frame.blockChecksum ? 4 : 0);
    if (this.#left < total) return false;
    const block = this.#take(total).subarray(4, 4 + size);
    this.#makeRoom(frame.blockMax);
    const from = this.#fill;
    const low = frame.independent ? from : Math.max(this.#start, from - HISTORY);
    let problem: string | undefined;
    if (stored) {
      this.#out.set(block, from);
      this.#fill += size;
    } else {
      const unpacking = unpackBlock(block, this.#out, from, low, from + frame.blockMax);
      this.#fill = unpacking.end;
      problem = unpacking.problem;
    }
    if (this.#fill > from) yield this.#out.slice(from, this.#fill);
    if (problem) throw new Error(problem);
    return true;
  }

  #makeRoom(size: number): void {
    if (this.#fill + size <= this.#out.length) return;
    const kept = Math.min(this.#fill, HISTORY);
    this.#out.copyWithin(0, this.#fill - kept, this.#fill);
    this.#start = Math.max(0, this.#start - (this.#fill - kept));
    this.#fill = kept;
  }
}

/** @param low,limit bytes of `out` that may be referred to begin there; nothing is written from there on */
function unpackBlock(
  source: Uint8Array,
  out: Uint8Array,
  start: number,
  low: number,
  limit: number,
): { end: number; problem?: string } {
  let to = start;
  let at = 0;
  /** -1: cut short. */
  const length = (nibble: number): number => {
    let total = nibble;
    if (nibble === 15)
      for (let byte = 255; byte === 255; total += byte) {
        if (at >= source.length) return -1;
        byte = source[at++]!;
      }
    return total;
  };
  while (at < source.length) {
    const token = source[at++]!;
    const literals = length(token >> 4);
    if (literals < 0) return { end: to, problem: 'an LZ4 block is cut short' };
    if (at + literals > source.length || to + literals > limit) return { end: to, problem: 'an LZ4 block is damaged' };
    out.set(source.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    if (at >= source.length) break;
    if (at + 2 > source.length) return { end: to, problem: 'an LZ4 block is cut short' };
    const distance = source[at]! | (source[at + 1]! << 8);
    at += 2;
    const more = length(token & 15);
    const match = more + 4;
    if (more < 0 || distance === 0 || distance > to - low || to + match > limit)
      return { end: to, problem: 'an LZ4 block is damaged' };
    if (distance >= match) out.copyWithin(to, to - distance, to - distance + match);
    else for (let i = 0; i < match; i++) out[to + i] = out[to - distance + i]!;
    to += match;
  }
  return { end: to };
}
