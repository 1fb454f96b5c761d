/**
 * Secrets of TLS and QUIC sessions, by the client's random number: lines of NSS key log files, from a capture's Decryption Secrets Blocks or from a
 * file of the user's. Bounded: the oldest line goes when there are too many.
 */
import { decodeUtf8 } from '../text/utf8.ts';
import { forgetOldest } from './oldest.ts';

/** A master secret has 48 bytes, a traffic secret as many as its hash: a line that is half written is none. */
const LINE = /^([A-Z][A-Z0-9_]{2,60}) ([0-9a-f]{64}) ([0-9a-f]{96}|[0-9a-f]{64})$/i;
const MAX_LINES = 500_000;

export class Secrets {
  /** Changes when lines came. */
  version = 0;
  readonly #lines = new Map<string, string>();

  get count(): number {
    return this.#lines.size;
  }

  /** Lines that are no secrets (comments, other kinds of keys) are passed over. Returns how many were secrets. */
  add(log: Uint8Array | string): number {
    const text = typeof log === 'string' ? log : decodeUtf8(log);
    let found = 0;
    for (const line of text.split(/\r?\n/)) {
      const [, label, random, secret] = LINE.exec(line.trim()) ?? [];
      if (secret === undefined) continue;
      found++;
      this.#put(`${label!.toUpperCase()} ${random!.toLowerCase()}`, secret);
    }
    if (found > 0) this.version++;
    return found;
  }

  addAll(other: Secrets): void {
    for (const [key, secret] of other.#lines) this.#put(key, secret);
    if (other.count > 0) this.version++;
  }

  #put(key: string, secret: string): void {
    forgetOldest(this.#lines, MAX_LINES);
    this.#lines.set(key, secret);
  }

  /** @param label as in the file: CLIENT_RANDOM, SERVER_TRAFFIC_SECRET_0… */
  get(label: string, clientRandom: Uint8Array): Uint8Array | undefined {
    if (this.#lines.size === 0) return undefined;
    let random = '';
    for (const byte of clientRandom) random += byte.toString(16).padStart(2, '0');
    const secret = this.#lines.get(`${label} ${random}`);
    if (secret === undefined) return undefined;
    const bytes = new Uint8Array(secret.length / 2);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(secret.slice(2 * i, 2 * i + 2), 16);
    return bytes;
  }
}
