/**
 * Frames as nearly all are: Ethernet, perhaps VLAN tags, IPv4 or IPv6 without extension headers, all bytes there, nothing that contradicts itself. Where
 * the headers lie is found without making anything; whatever else a frame is, it is not plain and is dissected.
 */
import { u16 } from '../dissect/bytes.ts';

export const ETHERNET = 1;
const TYPE = 12;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const MAX_TAGS = 4;

export class PlainFrame {
  /** Offset of the sender's address; the receiver's is behind it. */
  addresses = 0;
  /** Bytes of an address. */
  size: 4 | 16 = 4;
  /** IP protocol. */
  protocol = 0;
  /** What the network header carries, [start, end). */
  start = 0;
  end = 0;

  /** Whether [start, end) is a plain frame; then the offsets are those of it. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start + TYPE;
    if (at + 2 + IPV4_HEADER > end) return false;
    let type = u16(bytes, at);
    for (let tags = 0; (type === 0x8100 || type === 0x88a8) && tags < MAX_TAGS; tags++) {
      at += 4;
      if (at + 2 + IPV4_HEADER > end) return false;
      type = u16(bytes, at);
    }
    if (type === IPV4) return this.#four(bytes, at + 2, end);
    return type === IPV6 && this.#six(bytes, at + 2, end);
  }

  #four(bytes: Uint8Array, at: number, end: number): boolean {
    const header = (bytes[at]! & 0x0f) * 4;
    const total = u16(bytes, at + 2);
    if (bytes[at]! >> 4 !== 4 || header < IPV4_HEADER || total < header || at + total > end) return false;
    if ((u16(bytes, at + 6) & 0x3fff) !== 0) return false;
    this.addresses = at + 12;
    this.size = 4;
    this.protocol = bytes[at + 9]!;
    this.start = at + header;
    this.end = at + total;
    return true;
  }

  #six(bytes: Uint8Array, at: number, end: number): boolean {
    const length = u16(bytes, at + 4);
    if (at + IPV6_HEADER > end || bytes[at]! >> 4 !== 6 || length === 0 || at + IPV6_HEADER + length > end)
      return false;
    this.addresses = at + 8;
    this.size = 16;
    this.protocol = bytes[at + 6]!;
    this.start = at + IPV6_HEADER;
    this.end = at + IPV6_HEADER + length;
    return true;
  }
}
