/** Records as producers compress them: gzip, Snappy (by itself or in the blocks of its Java stream), LZ4 frames, Zstandard. */
import { Lz4Decoder } from '../../../pcap/lz4.ts';
import { u32 } from '../../bytes.ts';
import { getPlatform } from '../../platform.ts';

/** Of a batch: brokers take a megabyte unless they are told otherwise. */
const MAX_UNPACKED = 16 << 20;
const STREAM_MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0];
const STREAM_HEAD = 16;

/** @param codec as a batch's attributes have it. Undefined when it is not known, damaged or too large. */
export function unpack(codec: number, bytes: Uint8Array): Uint8Array | undefined {
  if (codec === 1) return getPlatform()?.inflate('gzip', bytes, MAX_UNPACKED);
  if (codec === 2) return snappyStream(bytes);
  if (codec === 3) return lz4(bytes);
  return codec === 4 ? getPlatform()?.inflate('zstd', bytes, MAX_UNPACKED) : undefined;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function lz4(bytes: Uint8Array): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for (const part of new Lz4Decoder().push(bytes)) {
      size += part.length;
      if (size > MAX_UNPACKED) return undefined;
      parts.push(part);
    }
  } catch {
    return undefined; // damaged
  }
  return parts.length > 0 ? joined(parts) : undefined;
}

function snappyStream(bytes: Uint8Array): Uint8Array | undefined {
  if (!STREAM_MAGIC.every((byte, i) => bytes[i] === byte)) return snappy(bytes, MAX_UNPACKED);
  const parts: Uint8Array[] = [];
  let room = MAX_UNPACKED;
  for (let at = STREAM_HEAD; at + 4 <= bytes.length; ) {
    const size = u32(bytes, at);
    at += 4;
    if (at + size > bytes.length) return undefined;
    const part = snappy(bytes.subarray(at, at + size), room);
    if (!part) return undefined;
    room -= part.length;
    parts.push(part);
    at += size;
  }
  return joined(parts);
}

/** Snappy's block format: the length, then pieces that are copied from the input or from what was unpacked already. */
function snappy(bytes: Uint8Array, room: number): Uint8Array | undefined {
  let at = 0;
  let size = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    if (byte === undefined || shift > 28) return undefined;
    size += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  if (size > room) return undefined;
  const out = new Uint8Array(size);
  let fill = 0;
  while (at < bytes.length) {
    const tag = bytes[at++]!;
    const kind = tag & 3;
    if (kind === 0) {
      let length = (tag >> 2) + 1;
      if (length > 60) {
        const width = length - 60;
        length = 1;
        for (let i = 0; i < width; i++) length += (bytes[at + i] ?? 0) * 256 ** i;
        at += width;
      }
      if (at + length > bytes.length || fill + length > size) return undefined;
      out.set(bytes.subarray(at, at + length), fill);
      at += length;
      fill += length;
      continue;
    }
    const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const width = kind === 1 ? 1 : kind === 2 ? 2 : 4;
    let back = kind === 1 ? (tag >> 5) * 256 : 0;
    for (let i = 0; i < width; i++) back += (bytes[at + i] ?? 0) * 256 ** i;
    at += width;
    if (back === 0 || back > fill || fill + length > size) return undefined;
    // Copies may overlap what they make.
    for (let i = 0; i < length; i++, fill++) out[fill] = out[fill - back]!;
  }
  return fill === size ? out : undefined;
}
