/**
 * The Internet checksum (RFC 1071) and the pseudo-headers of TCP, UDP and ICMPv6 (RFC 9293 §3.1, RFC 8200 §8.1). Statuses carry
 * Wireshark's numbers. `partial` is ours: the field holds only the pseudo-header's sum, as the stack leaves it for the network
 * card to finish, which is what captures on veth and on the sending side usually see.
 */
import { u16 } from './bytes.ts';
import type { Dissection, Layer } from './dissection.ts';

export const CHECKSUM_STATUS = { bad: 0, good: 1, unverified: 2, absent: 3 } as const;
export const STATUS_NAMES: Record<number, string> = { 0: 'Bad', 1: 'Good', 2: 'Unverified', 3: 'Not present' };

export interface ChecksumCheck {
  status: 'good' | 'bad' | 'unverified' | 'partial';
  /** What the field should hold; undefined when unverified. */
  expected?: number;
}

/** One's complement sum of 16-bit words, not yet folded; an odd last byte counts as its word's high byte. */
export function sumWords(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  let at = start;
  for (; at + 1 < end; at += 2) sum += u16(bytes, at);
  return at < end ? sum + (bytes[at]! << 8) : sum;
}

function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return folded;
}

/** Compares the field at `field` with the sum over [start, end) plus `extra`. */
export function checkSum(bytes: Uint8Array, start: number, end: number, field: number, extra = 0): ChecksumCheck {
  if (end > bytes.length) return { status: 'unverified' };
  const sum = fold(sumWords(bytes, start, end) + extra);
  // As Wireshark does: the right value is what is there, corrected by what the sum is off.
  const expected = ~fold(sum + (~u16(bytes, field) & 0xffff)) & 0xffff;
  return { status: sum === 0xffff ? 'good' : 'bad', expected };
}

/** The IPv4 or IPv6 layer that carries `layer`, and whether it carries only a fragment of it. */
export function carrier(layer: Layer): { network: Layer; fragment: boolean; routing: Layer | undefined } | undefined {
  let fragment = false;
  let routing: Layer | undefined;
  for (let at = layer.below; at; at = at.below) {
    const { name } = at.protocol;
    if (name === 'ipv6.fraghdr') fragment = true;
    else if (name === 'ipv6.routing') routing = at;
    else if (name === 'ip' || name === 'ipv6') return { network: at, fragment, routing };
    else if (!name.startsWith('ipv6.') && name !== 'ah') return undefined;
  }
  return undefined;
}

/** @param length of the transport data unit as its own header or IP states it. */
export function transportCheck(
  d: Dissection,
  layer: Layer,
  protocol: number,
  length: number,
  field: number,
): ChecksumCheck {
  const { bytes } = d;
  const end = layer.start + length;
  const under = carrier(layer);
  if (!under || end > bytes.length) return { status: 'unverified' };
  const { network, routing } = under;
  const joined = network.source !== layer.source;
  if (under.fragment && !joined) return { status: 'unverified' };
  let pseudo = protocol + length;
  if (network.protocol.name === 'ip') {
    if (!joined && (u16(bytes, network.start + 6) & 0x3fff) !== 0) return { status: 'unverified' };
    pseudo += sumWords(bytes, network.start + 12, network.start + 20);
  } else {
    const last = routing && finalDestination(bytes, routing);
    const destination = last ?? network.start + 24;
    pseudo += sumWords(bytes, network.start + 8, network.start + 24) + sumWords(bytes, destination, destination + 16);
  }
  const check = checkSum(bytes, layer.start, end, field, pseudo);
  if (check.status === 'bad' && u16(bytes, field) === fold(pseudo)) return { ...check, status: 'partial' };
  return check;
}

/**
 * Offset of the address that the checksum is made with while a routing header has segments left (RFC 8200 §8.1): the last of its
 * list, the first for segment routing (RFC 8754 lists them backwards). Undefined: the IPv6 header's own.
 */
export function finalDestination(bytes: Uint8Array, routing: Layer): number | undefined {
  const segmentsLeft = bytes[routing.start + 3]!;
  const type = bytes[routing.start + 2]!;
  const addresses = bytes[routing.start + 1]! >> 1;
  if (segmentsLeft === 0 || addresses === 0 || (type !== 0 && type !== 2 && type !== 4)) return undefined;
  const at = routing.start + 8 + (type === 4 ? 0 : 16 * (addresses - 1));
  return at + 16 <= bytes.length ? at : undefined;
}
