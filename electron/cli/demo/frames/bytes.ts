/**
 * Ground for the frame builders: addresses as text → bytes, joining, the Internet checksum. Network byte order
 * everywhere. Builders are for frames that we invent (demo, tests), so a bad address is a programming error and throws.
 */
export type Bytes = Uint8Array<ArrayBuffer>;

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const u16 = (value: number): Bytes => Uint8Array.of((value >>> 8) & 0xff, value & 0xff);

export const u32 = (value: number): Bytes =>
  Uint8Array.of((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);

export const ascii = (text: string): Bytes => Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff);

/** `length` bytes that tell their own offset: a shifted or cut copy is seen at once. */
export const pattern = (length: number): Bytes => Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

/** "02:00:00:00:00:0a" → 6 bytes. */
export function macBytes(text: string): Bytes {
  const parts = text.split(':');
  if (parts.length !== 6 || parts.some((part) => !/^[0-9a-f]{1,2}$/i.test(part))) throw new Error(`bad MAC: ${text}`);
  return Uint8Array.from(parts, (part) => Number.parseInt(part, 16));
}

function ipv4Bytes(text: string): Bytes {
  const parts = text.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255))
    throw new Error(`bad IPv4 address: ${text}`);
  return Uint8Array.from(parts);
}

function ipv6Bytes(text: string): Bytes {
  const [head = '', tail] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const gap = 8 - left.length - right.length;
  const all = [...left, ...new Array<number>(Math.max(gap, 0)).fill(0), ...right];
  if (all.length !== 8 || (tail === undefined && gap !== 0) || all.some((group) => !(group >= 0 && group <= 0xffff)))
    throw new Error(`bad IPv6 address: ${text}`);
  return concat(...all.map(u16));
}

/** 4 or 16 bytes, by the look of the text. */
export const ipBytes = (text: string): Bytes => (text.includes(':') ? ipv6Bytes(text) : ipv4Bytes(text));

/** RFC 1071: one's complement of the one's complement sum; an odd last byte is padded with zero. */
export function internetChecksum(...parts: readonly Uint8Array[]): number {
  const bytes = concat(...parts);
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}
