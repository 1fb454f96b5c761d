/**
 * pcapng blocks (draft-ietf-opsawg-pcapng): section headers in both byte orders, interface descriptions, enhanced, simple
 * and obsolete packet blocks, interface statistics, decryption secrets. Name resolution, custom and unknown blocks are passed over without
 * keeping them. A block is looked at only once it is complete; a broken one ends reading with its offset and the reason.
 */
import type { Secrets } from '../state/secrets.ts';
import type { BlockBuffer } from './block-buffer.ts';
import { FileClock, ticksPerSecond } from './clock.ts';
import * as opt from './options.ts';
import { type CaptureInterface, DIRECTION_NONE, type PacketSink, VERDICT_NONE } from './types.ts';
import { verdictFromOption } from './verdict.ts';

export const BLOCK_SHB = 0x0a0d0d0a;
export const BLOCK_IDB = 1;
export const BLOCK_PB = 2;
export const BLOCK_SPB = 3;
export const BLOCK_ISB = 5;
export const BLOCK_EPB = 6;
export const BLOCK_DSB = 10;
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Secrets type of a decryption secrets block: NSS key log. */
export const SECRETS_TLS = 0x544c534b;
/** Bytes of an enhanced packet block before its packet data. */
export const EPB_HEADER = 28;

/** Longest block that is kept whole; Wireshark's limit too. Blocks that are passed over may be any length. */
export const MAX_BLOCK_BYTES = 16 * 1024 * 1024;
/** A file may declare this many interfaces in all; more is damage (each costs memory). */
const MAX_INTERFACES = 65_535;

export class PcapngReader {
  readonly interfaces: CaptureInterface[] = [];
  readonly clock = new FileClock();
  /** From the latest section header. */
  application: string | undefined;
  #little = true;
  /** `interfaces` index of interface 0 of this section. */
  #sectionBase = 0;
  #lastTimeNs = 0;
  readonly #sink: PacketSink;
  readonly #secrets: Secrets;

  constructor(sink: PacketSink, secrets: Secrets) {
    this.#sink = sink;
    this.#secrets = secrets;
  }

  /** Reads every complete block. Returns why reading must end, or undefined. */
  read(buffer: BlockBuffer): string | undefined {
    while (buffer.missing === 0 && buffer.available >= 12) {
      const { view, at } = buffer;
      const type = view.getUint32(at, this.#little);
      if (type === BLOCK_SHB) {
        // A palindrome: the byte order of everything after it, its own length included, is in its body.
        const magic = view.getUint32(at + 8, true);
        if (magic !== BYTE_ORDER_MAGIC && magic !== 0x4d3c2b1a) return 'a section header has no valid byte-order magic';
        this.#little = magic === BYTE_ORDER_MAGIC;
      }
      const length = view.getUint32(at + 4, this.#little);
      if (length < 12 || length % 4 !== 0) return `a block states an impossible length (${length} bytes)`;
      if (!KEPT.has(type)) {
        buffer.skip(length);
        continue;
      }
      if (length > MAX_BLOCK_BYTES) return `a block states an absurd length (${length} bytes)`;
      if (buffer.available < length) return undefined;
      if (view.getUint32(at + length - 4, this.#little) !== length)
        return "a block's two length fields differ; what follows cannot be trusted";
      const problem = this.#block(type, view, at, length, buffer.base);
      if (problem) return problem;
      buffer.at += length;
    }
    return undefined;
  }

  #block(type: number, view: DataView, at: number, length: number, base: number): string | undefined {
    switch (type) {
      case BLOCK_EPB:
        return this.#enhanced(view, at, length, base);
      case BLOCK_SPB:
        return this.#simple(view, at, length, base);
      case BLOCK_PB:
        return this.#obsolete(view, at, length, base);
      case BLOCK_IDB:
        return this.#description(view, at, length);
      case BLOCK_ISB:
        return this.#statistics(view, at, length);
      case BLOCK_DSB:
        return this.#decryption(view, at, length);
      default:
        return this.#section(view, at, length);
    }
  }

  #section(view: DataView, at: number, length: number): string | undefined {
    if (length < 28) return 'a section header is too short';
    const major = view.getUint16(at + 12, this.#little);
    if (major !== 1) return `pcapng version ${major} is not known (only version 1 is)`;
    this.#sectionBase = this.interfaces.length;
    opt.walkOptions(view, at + 24, at + length - 4, this.#little, (code, offset, size) => {
      if (code === opt.SHB_APPLICATION) this.application = opt.optionText(view, offset, size);
    });
    return undefined;
  }

  #description(view: DataView, at: number, length: number): string | undefined {
    if (length < 20) return 'an interface description is too short';
    if (this.interfaces.length >= MAX_INTERFACES) return `more than ${MAX_INTERFACES} interfaces are described`;
    const little = this.#little;
    const item: CaptureInterface = {
      id: this.interfaces.length,
      linkType: view.getUint16(at + 8, little),
      snaplen: view.getUint32(at + 12, little),
      ticksPerSecond: 1_000_000n,
      offsetSeconds: 0n,
    };
    opt.walkOptions(view, at + 16, at + length - 4, little, (code, offset, size) => {
      const text = () => opt.optionText(view, offset, size);
      if (code === opt.IF_NAME) item.name = text();
      else if (code === opt.IF_DESCRIPTION) item.description = text();
      else if (code === opt.IF_OS) item.os = text();
      else if (code === opt.IF_HARDWARE) item.hardware = text();
      else if (code === opt.IF_FILTER && size > 1 && view.getUint8(offset) === 0)
        item.filter = opt.optionText(view, offset + 1, size - 1);
      else if (code === opt.IF_TSRESOL && size >= 1) item.ticksPerSecond = ticksPerSecond(view.getUint8(offset));
      else if (code === opt.IF_TSOFFSET && size >= 8) item.offsetSeconds = view.getBigInt64(offset, little);
    });
    this.interfaces.push(item);
    return undefined;
  }

  #enhanced(view: DataView, at: number, length: number, base: number): string | undefined {
    const little = this.#little;
    if (length < EPB_HEADER + 4) return 'an enhanced packet block is too short';
    const on = this.interfaces[this.#sectionBase + view.getUint32(at + 8, little)];
    if (!on) return 'a packet names an interface that its section does not describe';
    const capLen = view.getUint32(at + 20, little);
    const data = at + EPB_HEADER;
    const end = at + length - 4;
    if (capLen > end - data) return `a packet of ${capLen} bytes does not fit in its block`;
    const timeNs = this.#time(on, view, at + 12);
    let verdict = VERDICT_NONE;
    let direction = DIRECTION_NONE;
    let option = data + ((capLen + 3) & ~3);
    while (option + 4 <= end) {
      const code = view.getUint16(option, little);
      const size = view.getUint16(option + 2, little);
      if (code === opt.OPT_END || option + 4 + size > end) break;
      if (code === opt.EPB_FLAGS && size === 4) direction = directionOf(view.getUint32(option + 4, little));
      else if (code === opt.EPB_VERDICT && size === 9) verdict = verdictFromOption(view, option + 4, little);
      option += 4 + ((size + 3) & ~3);
    }
    this.#sink.packet(base + data, capLen, view.getUint32(at + 24, little), on.id, timeNs, verdict, direction);
    return undefined;
  }

  #time(on: CaptureInterface, view: DataView, at: number): number {
    this.#lastTimeNs = this.clock.relativeNs(
      on,
      view.getUint32(at, this.#little),
      view.getUint32(at + 4, this.#little),
    );
    return this.#lastTimeNs;
  }

  /** No time (the previous packet's stands in), no interface id (always 0), no captured length: it follows from the block and the snaplen. */
  #simple(view: DataView, at: number, length: number, base: number): string | undefined {
    const on = this.interfaces[this.#sectionBase];
    if (length < 16) return 'a simple packet block is too short';
    if (!on) return 'a simple packet block comes before any interface description';
    const wireLen = view.getUint32(at + 8, this.#little);
    const capLen = Math.min(wireLen, length - 16, on.snaplen || length);
    this.#sink.packet(base + at + 12, capLen, wireLen, on.id, this.#lastTimeNs, VERDICT_NONE, DIRECTION_NONE);
    return undefined;
  }

  #obsolete(view: DataView, at: number, length: number, base: number): string | undefined {
    const little = this.#little;
    if (length < EPB_HEADER + 4) return 'a packet block is too short';
    const on = this.interfaces[this.#sectionBase + view.getUint16(at + 8, little)];
    if (!on) return 'a packet names an interface that its section does not describe';
    const capLen = view.getUint32(at + 20, little);
    const data = at + EPB_HEADER;
    const end = at + length - 4;
    if (capLen > end - data) return `a packet of ${capLen} bytes does not fit in its block`;
    const timeNs = this.#time(on, view, at + 12);
    let direction = DIRECTION_NONE;
    opt.walkOptions(view, data + ((capLen + 3) & ~3), end, little, (code, offset, size) => {
      if (code === opt.EPB_FLAGS && size === 4) direction = directionOf(view.getUint32(offset, little));
    });
    const wireLen = view.getUint32(at + 24, little);
    this.#sink.packet(base + data, capLen, wireLen, on.id, timeNs, VERDICT_NONE, direction);
    return undefined;
  }

  #statistics(view: DataView, at: number, length: number): string | undefined {
    if (length < 24) return 'an interface statistics block is too short';
    const on = this.interfaces[this.#sectionBase + view.getUint32(at + 8, this.#little)];
    if (!on) return undefined; // says nothing about any packet: ignoring it loses nothing
    const statistics: NonNullable<CaptureInterface['statistics']> = {};
    opt.walkOptions(view, at + 20, at + length - 4, this.#little, (code, offset, size) => {
      if (code === opt.OPT_COMMENT) statistics.comment = opt.optionText(view, offset, size);
      const key = COUNTERS[code];
      if (key && size === 8) statistics[key] = view.getBigUint64(offset, this.#little).toString();
    });
    on.statistics = statistics;
    return undefined;
  }

  #decryption(view: DataView, at: number, length: number): string | undefined {
    if (length < 20) return 'a decryption secrets block is too short';
    const size = view.getUint32(at + 12, this.#little);
    if (size > length - 20) return `secrets of ${size} bytes do not fit in their block`;
    if (view.getUint32(at + 8, this.#little) === SECRETS_TLS)
      this.#secrets.add(new Uint8Array(view.buffer, view.byteOffset + at + 16, size));
    return undefined;
  }
}

const KEPT = new Set([BLOCK_DSB, BLOCK_SHB, BLOCK_IDB, BLOCK_PB, BLOCK_SPB, BLOCK_ISB, BLOCK_EPB]);

const COUNTERS: Record<number, 'received' | 'dropped' | 'osDropped' | 'delivered'> = {
  [opt.ISB_IFRECV]: 'received',
  [opt.ISB_IFDROP]: 'dropped',
  [opt.ISB_OSDROP]: 'osDropped',
  [opt.ISB_USRDELIV]: 'delivered',
};

/** Low two bits of epb_flags: 1 inbound, 2 outbound; 3 is reserved. */
function directionOf(flags: number): number {
  const bits = flags & 3;
  return bits === 3 ? DIRECTION_NONE : bits;
}
