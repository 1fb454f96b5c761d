/**
 * Compressed captures (gzip, zstd, LZ4) as the bytes they hold: told by their first bytes, unpacked as they are read, with memory that does not
 * grow. A file that would unpack to far more than captures do is a trap and ends with a message.
 */
import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { CaptureParser } from '../../packets/pcap/capture-parser.ts';
import { isSkippable, Lz4Decoder } from '../../packets/pcap/lz4.ts';
import { XdpeekError } from '../../shared/errors.ts';

export type Packing = 'gzip' | 'zstd' | 'lz4';

/** Bytes that a file may unpack to: so many times its own, and always this much. */
const MAX_RATIO = 100;
const ALWAYS = 256 << 20;
/** Enough to look past what pzstd and others put in front of a frame. */
const MAGIC_BYTES = 64;
/** What zlib had ready when it meets damage is lost, so it hands out little at once. */
const CHUNK_BYTES = 1 << 15;
/** Codes of errors that say something of the packed data. */
const UNPACKING = new Set(['EBADMSG', 'EFBIG']);

/** @param head the file's first 4 bytes at least */
export function packingOf(head: Uint8Array): Packing | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  let at = 0;
  let skipped = false;
  while (at + 4 <= head.length) {
    const magic = view.getUint32(at, true);
    if ((magic & 0xffff) === 0x8b1f && !skipped) return 'gzip';
    if (magic === 0xfd2fb528) return 'zstd';
    if (magic === 0x184d2204 || magic === 0x184c2102) return 'lz4';
    if (!isSkippable(magic)) return undefined;
    skipped = true;
    if (at + 8 > head.length) break;
    at += 8 + view.getUint32(at + 4, true);
  }
  return skipped ? 'zstd' : undefined; // both know such frames; zstd's tools write them
}

/** The pieces as they are, or unpacked. Rejects after everything that could be unpacked was handed out. */
export async function* unpacked(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = pieces[Symbol.asyncIterator]();
  let head = await source.next();
  while (!head.done && head.value.length < MAGIC_BYTES && mayBePacked(head.value)) {
    const more = await source.next();
    if (more.done) break;
    head = { done: false, value: Buffer.concat([head.value, more.value]) };
  }
  if (head.done) return;
  const packing = packingOf(head.value);
  const rest = { [Symbol.asyncIterator]: () => source };
  if (!packing) {
    yield head.value;
    yield* rest;
    return;
  }
  const meter = new Meter();
  const whole = meter.packed(head.value, rest);
  yield* meter.plain(packing === 'lz4' ? lz4(whole) : zlib(packing, whole), packing);
}

/** The pieces of `unpacked`; when they end in damage or in a trap, the parser that takes them is told, as of damage in the capture itself. */
export async function* untilDamage(
  pieces: AsyncIterable<Uint8Array>,
  parser: CaptureParser,
): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces;
  } catch (error) {
    if (!isUnpacking(error)) throw error;
    parser.fail(error.message);
  }
}

/** It says something of the packed data, not of the disk. */
export function isUnpacking(error: unknown): error is XdpeekError {
  return error instanceof XdpeekError && UNPACKING.has(error.code);
}

/** More is needed to tell: captures are not kept waiting. */
function mayBePacked(head: Uint8Array): boolean {
  return head.length < 4 || packingOf(head) !== undefined;
}

/** Counts both sides. */
class Meter {
  #packed = 0;
  #plain = 0;

  async *packed(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    this.#packed += head.length;
    yield head.slice();
    for await (const piece of rest) {
      this.#packed += piece.length;
      yield piece.slice(); // lent only until the next is asked for, and zlib reads ahead
    }
  }

  async *plain(pieces: AsyncIterable<Uint8Array>, packing: Packing): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of pieces) {
        this.#plain += piece.length;
        if (this.#plain > ALWAYS && this.#plain > this.#packed * MAX_RATIO)
          throw new XdpeekError({
            code: 'EFBIG',
            message: `the file unpacks to more than ${MAX_RATIO} times its size: this is no capture`,
            hint: 'Unpack it with the tool of its format if you trust it.',
          });
        yield piece;
      }
    } catch (error) {
      if (error instanceof XdpeekError) throw error;
      throw new XdpeekError({
        code: 'EBADMSG',
        message: `its ${packing} data is damaged or cut short after ${this.#plain} bytes: ${(error as Error).message}`,
        hint: 'The packets before that are good.',
      });
    }
  }
}

async function* zlib(packing: 'gzip' | 'zstd', bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream =
    packing === 'gzip' ? createGunzip({ chunkSize: CHUNK_BYTES }) : createZstdDecompress({ chunkSize: CHUNK_BYTES });
  const source = Readable.from(bytes, { objectMode: false });
  source.on('error', (error) => stream.destroy(error));
  yield* source.pipe(stream) as AsyncIterable<Uint8Array>;
}

async function* lz4(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = new Lz4Decoder();
  for await (const piece of bytes) yield* decoder.push(piece);
  if (decoder.pending) throw new Error('it ends in the middle of a frame');
}
