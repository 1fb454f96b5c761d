/** Some packets out of the middle of a capture file, without reading what is before them. */
import type { FileHandle } from 'node:fs/promises';
import { CaptureParser } from '../../packets/pcap/capture-parser.ts';
import { FILE_HEADER } from '../../packets/pcap/pcap-variant.ts';
import { BLOCK_EPB } from '../../packets/pcap/pcapng-reader.ts';
import type { PacketSink } from '../../packets/pcap/types.ts';

/** Bytes of a sample. */
export const SAMPLE_BYTES = 256 << 10;
/** Records that follow each other as they should: they are no accident. */
const ENOUGH = 12;
/** Places that are tried. */
const MOST_TRIES = 4096;
/** Of a packet's block, up to its bytes. */
const EPB_HEADER = 28;

/** Counts, and remembers where the first one was. */
class First implements PacketSink {
  packets = 0;
  offset = 0;

  packet(offset: number): void {
    if (this.packets++ === 0) this.offset = offset;
  }
}

function parse(bytes: Uint8Array): { found: First; parser: CaptureParser } {
  const found = new First();
  const parser = new CaptureParser(found);
  parser.push(bytes);
  return { found, parser };
}

/** What a capture file begins with, up to its first packet's record; undefined where that is of an unusual kind. */
function headOf(start: Uint8Array): Uint8Array | undefined {
  const { found, parser } = parse(start);
  if (found.packets === 0) return undefined;
  if (parser.format === 'pcap') return start.subarray(0, FILE_HEADER);
  const at = found.offset - EPB_HEADER;
  const { buffer, byteOffset } = start;
  const type = new DataView(buffer, byteOffset + at).getUint32(0, true);
  return type === BLOCK_EPB ? start.subarray(0, at) : undefined;
}

export class Sampler {
  readonly #file: FileHandle;
  readonly #head: Uint8Array;

  static async open(file: FileHandle): Promise<Sampler | undefined> {
    const head = headOf(await read(file, 0));
    return head && new Sampler(file, head);
  }

  private constructor(file: FileHandle, head: Uint8Array) {
    this.#file = file;
    this.#head = head;
  }

  /** A small capture of packets from about `offset` on; undefined where none were found. */
  async at(offset: number): Promise<Uint8Array | undefined> {
    const head = this.#head;
    const memory = await read(this.#file, offset - (offset % 4), head.length);
    // Blocks of pcapng begin at fours, records of pcap anywhere.
    const step = head.length === FILE_HEADER ? 1 : 4;
    for (let at = 0; at < Math.min(memory.length - head.length, MOST_TRIES * step); at += step) {
      memory.set(head, at); // over what was tried already
      const sample = memory.subarray(at);
      const { found, parser } = parse(sample);
      if (found.packets >= ENOUGH && !parser.damage) return sample;
    }
    return undefined;
  }
}

/** @param room bytes that are left free in front */
async function read(file: FileHandle, offset: number, room = 0): Promise<Uint8Array> {
  const bytes = new Uint8Array(room + SAMPLE_BYTES);
  const { bytesRead } = await file.read(bytes, room, SAMPLE_BYTES, offset);
  return bytes.subarray(0, room + bytesRead);
}
