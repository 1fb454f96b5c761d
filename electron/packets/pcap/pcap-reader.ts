/** Classic pcap in all its variants (pcap-variant.ts), in both byte orders. */
import type { BlockBuffer } from './block-buffer.ts';
import { FileClock } from './clock.ts';
import {
  FILE_HEADER,
  hasPacketType,
  lengthsTurned,
  type PcapVariant,
  pcapVariant,
  recordHeaderOf,
} from './pcap-variant.ts';
import {
  type CaptureInterface,
  DIRECTION_IN,
  DIRECTION_NONE,
  DIRECTION_OUT,
  type PacketSink,
  VERDICT_NONE,
} from './types.ts';

/** if_packet.h's PACKET_OUTGOING. */
const PACKET_OUTGOING = 4;
const PACKET_TYPE_AT = 22;

export class PcapReader {
  readonly interfaces: CaptureInterface[] = [];
  readonly clock = new FileClock();
  readonly #sink: PacketSink;
  #variant: PcapVariant | undefined;
  /** Of a record, once it is known. */
  #header = 0;
  #problem: string | undefined;

  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  read(buffer: BlockBuffer): string | undefined {
    this.#variant ??= this.#fileHeader(buffer);
    const variant = this.#variant;
    if (!variant) return this.#problem;
    const { little, nsPerUnit, limit } = variant;
    const shortest = variant.recordHeaders[0]!;
    while (buffer.missing === 0 && buffer.available >= shortest) {
      const { view, at } = buffer;
      const first = view.getUint32(at + 8, little);
      const second = view.getUint32(at + 12, little);
      const turned = lengthsTurned(variant, first, second);
      const capLen = turned ? second : first;
      const wireLen = turned ? first : second;
      if (this.#header === 0) {
        // Not before the packet is there: the record after it tells most.
        if (capLen <= limit && buffer.available < shortest + capLen) return undefined;
        this.#header = recordHeaderOf(variant, view, at, at + buffer.available);
      }
      const header = this.#header;
      if (capLen > limit) return `a packet record states an absurd length (${capLen} bytes)`;
      // A record that is cut off by the end of the file is not delivered: its bytes are not there.
      if (buffer.available < header + capLen) return undefined;
      const fractionNs = view.getUint32(at + 4, little) * nsPerUnit;
      const timeNs = this.clock.relativeOfSeconds(view.getUint32(at, little), fractionNs);
      let direction = DIRECTION_NONE;
      if (hasPacketType(header))
        direction = view.getUint8(at + PACKET_TYPE_AT) === PACKET_OUTGOING ? DIRECTION_OUT : DIRECTION_IN;
      this.#sink.packet(buffer.fileOffset + header, capLen, wireLen, 0, timeNs, VERDICT_NONE, direction);
      buffer.skip(header + capLen);
    }
    return undefined;
  }

  #fileHeader(buffer: BlockBuffer): PcapVariant | undefined {
    if (buffer.available < FILE_HEADER) return undefined;
    const variant = pcapVariant(buffer.view, buffer.at);
    if (typeof variant === 'string') {
      this.#problem = variant;
      return undefined;
    }
    buffer.skip(variant.fileHeader);
    this.interfaces.push({
      id: 0,
      linkType: variant.linkType,
      snaplen: variant.snaplen,
      ticksPerSecond: BigInt(1_000_000_000 / variant.nsPerUnit),
      offsetSeconds: 0n,
    });
    return variant;
  }
}
