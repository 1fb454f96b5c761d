/** How TLS and QUIC make keys from secrets: HKDF (RFC 5869, RFC 8446 §7.1), and the PRF of TLS 1.0 to 1.2 (RFC 5246 §5, RFC 2246 §5). */
import { encodeUtf8 } from '../../text/utf8.ts';
import type { Platform } from '../platform.ts';

export type Hash = 'sha256' | 'sha384';
type Mac = 'md5' | 'sha1' | Hash;

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export const hkdfExtract = (p: Platform, hash: Hash, salt: Uint8Array, material: Uint8Array): Uint8Array =>
  p.hmac(hash, salt, material);

/** HKDF-Expand-Label without context. */
export function expandLabel(p: Platform, hash: Hash, secret: Uint8Array, label: string, length: number): Uint8Array {
  const name = encodeUtf8(`tls13 ${label}`);
  const info = concat(Uint8Array.of(length >> 8, length & 0xff, name.length), name, Uint8Array.of(0));
  let block: Uint8Array = new Uint8Array(0);
  let out: Uint8Array = block;
  for (let i = 1; out.length < length; i++) {
    block = p.hmac(hash, secret, concat(block, info, Uint8Array.of(i)));
    out = concat(out, block);
  }
  return out.subarray(0, length);
}

function expand(p: Platform, mac: Mac, secret: Uint8Array, seed: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let a = p.hmac(mac, secret, seed);
  for (let at = 0; at < length; ) {
    const block = p.hmac(mac, secret, concat(a, seed)).subarray(0, length - at);
    out.set(block, at);
    at += block.length;
    a = p.hmac(mac, secret, a);
  }
  return out;
}

/** @param version 0x0301 and 0x0302 mix MD5 and SHA-1; later ones have the suite's hash */
export function prf(
  p: Platform,
  version: number,
  hash: Hash,
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Uint8Array {
  const all = concat(encodeUtf8(label), seed);
  if (version >= 0x0303) return expand(p, hash, secret, all, length);
  const half = (secret.length + 1) >> 1;
  const one = expand(p, 'md5', secret.subarray(0, half), all, length);
  const two = expand(p, 'sha1', secret.subarray(secret.length - half), all, length);
  return one.map((byte, i) => byte ^ two[i]!);
}
