/**
 * Classic pcap: µs and ns magics, both byte orders, and Kuznetzov's variant (24-byte record headers with an interface
 * index, protocol and packet type).  Draft: draft-ietf-opsawg-pcap.
 */
import type { BlockBuffer } from './block-buffer.ts';
import { FileClock } from './clock.ts';
import {
  type CaptureInterface,
  DIRECTION_IN,
  DIRECTION_NONE,
  DIRECTION_OUT,
  type PacketSink,
  VERDICT_NONE,
} from './types.ts';

export const MAGIC_US = 0xa1b2c3d4;
export const MAGIC_NS = 0xa1b23c4d;
export const MAGIC_KUZNETZOV = 0xa1b2cd34;
export const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const KUZNETZOV_RECORD_HEADER = 24;
/** if_packet.h's PACKET_OUTGOING. */
const PACKET_OUTGOING = 4;
/** A record longer than this is damage unless the file's own snaplen allows it. */
const MAX_RECORD_BYTES = 262_144;
const MAX_SNAPLEN = 128 * 1024 * 1024;

/** Byte order and variant of the first four bytes, or undefined when they are not a pcap magic. */
export function pcapVariant(view: DataView, at: number): { little: boolean; magic: number } | undefined {
  for (const little of [true, false]) {
    const magic = view.getUint32(at, little);
    if (magic === MAGIC_US || magic === MAGIC_NS || magic === MAGIC_KUZNETZOV) return { little, magic };
  }
  return undefined;
}

export class PcapReader {
  readonly interfaces: CaptureInterface[] = [];
  readonly clock = new FileClock();
  readonly #sink: PacketSink;
  #little = true;
  #header = RECORD_HEADER;
  #limit = MAX_RECORD_BYTES;
  #nsPerUnit = 1000;

  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  read(buffer: BlockBuffer): string | undefined {
    if (this.interfaces.length === 0) {
      if (buffer.available < FILE_HEADER) return undefined;
      const problem = this.#fileHeader(buffer.view, buffer.at);
      if (problem) return problem;
      buffer.skip(FILE_HEADER);
    }
    const little = this.#little;
    const header = this.#header;
    while (buffer.missing === 0 && buffer.available >= header) {
      const { view, at } = buffer;
      const capLen = view.getUint32(at + 8, little);
      if (capLen > this.#limit) return `a packet record states an absurd length (${capLen} bytes)`;
      // A record that is cut off by the end of the file is not delivered: its bytes are not there.
      if (buffer.available < header + capLen) return undefined;
      const fractionNs = view.getUint32(at + 4, little) * this.#nsPerUnit;
      const timeNs = this.clock.relativeOfSeconds(view.getUint32(at, little), fractionNs);
      let direction = DIRECTION_NONE;
      if (header === KUZNETZOV_RECORD_HEADER)
        direction = view.getUint8(at + 22) === PACKET_OUTGOING ? DIRECTION_OUT : DIRECTION_IN;
      const wireLen = view.getUint32(at + 12, little);
      this.#sink.packet(buffer.fileOffset + header, capLen, wireLen, 0, timeNs, VERDICT_NONE, direction);
      buffer.skip(header + capLen);
    }
    return undefined;
  }

  #fileHeader(view: DataView, at: number): string | undefined {
    const variant = pcapVariant(view, at);
    if (!variant) return 'not a pcap file header';
    this.#little = variant.little;
    const major = view.getUint16(at + 4, variant.little);
    if (major !== 2) return `pcap version ${major} is not known (only version 2 is)`;
    this.#nsPerUnit = variant.magic === MAGIC_NS ? 1 : 1000;
    if (variant.magic === MAGIC_KUZNETZOV) this.#header = KUZNETZOV_RECORD_HEADER;
    const snaplen = view.getUint32(at + 16, variant.little);
    this.#limit = Math.max(MAX_RECORD_BYTES, Math.min(snaplen, MAX_SNAPLEN));
    this.interfaces.push({
      id: 0,
      linkType: view.getUint32(at + 20, variant.little) & 0xffff, // the high bits say FCS length
      snaplen,
      ticksPerSecond: BigInt(1_000_000_000 / this.#nsPerUnit),
      offsetSeconds: 0n,
    });
    return undefined;
  }
}
