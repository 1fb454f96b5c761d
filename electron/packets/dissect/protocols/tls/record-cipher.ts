/**
 * One direction's record protection: records in their order → what they hold. A record that does not open (lost records before it, wrong secrets)
 * leaves the numbers as they are.
 */
import { concat, expandLabel, prf } from '../../crypto/kdf.ts';
import type { Platform } from '../../platform.ts';
import { type AeadSuite, type CbcSuite, suiteOf } from './suites.ts';

const TLS11 = 0x0302;

export interface Opened {
  plain: Uint8Array;
  /** Content type: TLS 1.3 has it inside. */
  type: number;
}

export interface RecordCipher {
  /** Number of the next record. */
  sequence: number;
  /** @param header the record's five bytes, @param body what it says is its length */
  open(header: Uint8Array, body: Uint8Array): Opened | undefined;
  /** Another one that goes on from the same record. */
  copy(): RecordCipher;
}

function numberBytes(sequence: number): Uint8Array {
  const bytes = new Uint8Array(8);
  for (let i = 7, left = sequence; i >= 0; i--, left = Math.floor(left / 256)) bytes[i] = left % 256;
  return bytes;
}

/** The static IV with the number in its last eight bytes. */
export function mixed(iv: Uint8Array, sequence: number): Uint8Array {
  const nonce = iv.slice();
  const number = numberBytes(sequence);
  for (let i = 0; i < 8; i++) nonce[nonce.length - 8 + i]! ^= number[i]!;
  return nonce;
}

/** TLS 1.3 (RFC 8446 §5.2). */
export class ModernCipher implements RecordCipher {
  readonly #platform: Platform;
  readonly #suite: AeadSuite;
  #secret: Uint8Array;
  #key!: Uint8Array;
  #iv!: Uint8Array;
  sequence = 0;

  constructor(platform: Platform, suite: AeadSuite, secret: Uint8Array) {
    this.#platform = platform;
    this.#suite = suite;
    this.#secret = secret;
    this.#derive();
  }

  copy(): ModernCipher {
    const copy = new ModernCipher(this.#platform, this.#suite, this.#secret);
    copy.sequence = this.sequence;
    return copy;
  }

  /** After a KeyUpdate of this direction. */
  update(): void {
    this.#secret = expandLabel(this.#platform, this.#suite.hash, this.#secret, 'traffic upd', this.#secret.length);
    this.#derive();
  }

  open(header: Uint8Array, body: Uint8Array): Opened | undefined {
    const { cipher, tagLength } = this.#suite;
    if (body.length <= tagLength) return undefined;
    const nonce = mixed(this.#iv, this.sequence);
    const inner = this.#platform.openAead(cipher, this.#key, nonce, header, body, tagLength);
    if (!inner) return undefined;
    this.sequence++;
    let end = inner.length;
    while (end > 0 && inner[end - 1] === 0) end--;
    return end === 0 ? undefined : { plain: inner.subarray(0, end - 1), type: inner[end - 1]! };
  }

  #derive(): void {
    const { hash, keyLength } = this.#suite;
    this.#key = expandLabel(this.#platform, hash, this.#secret, 'key', keyLength);
    this.#iv = expandLabel(this.#platform, hash, this.#secret, 'iv', 12);
    this.sequence = 0;
  }
}

/** GCM, CCM (RFC 5288, RFC 6655: a part of the nonce in the record) and ChaCha20-Poly1305 (RFC 7905) in TLS 1.2. */
class AeadCipher implements RecordCipher {
  readonly #platform: Platform;
  readonly #suite: AeadSuite;
  readonly #key: Uint8Array;
  readonly #iv: Uint8Array;
  sequence = 0;

  constructor(platform: Platform, suite: AeadSuite, key: Uint8Array, iv: Uint8Array) {
    this.#platform = platform;
    this.#suite = suite;
    this.#key = key;
    this.#iv = iv;
  }

  copy(): AeadCipher {
    const copy = new AeadCipher(this.#platform, this.#suite, this.#key, this.#iv);
    copy.sequence = this.sequence;
    return copy;
  }

  open(header: Uint8Array, body: Uint8Array): Opened | undefined {
    const { cipher, tagLength } = this.#suite;
    const explicit = cipher === 'chacha20-poly1305' ? 0 : 8;
    const length = body.length - explicit - tagLength;
    if (length < 0) return undefined;
    const nonce = explicit ? concat(this.#iv, body.subarray(0, 8)) : mixed(this.#iv, this.sequence);
    const about = concat(numberBytes(this.sequence), header.subarray(0, 3), Uint8Array.of(length >> 8, length & 0xff));
    const plain = this.#platform.openAead(cipher, this.#key, nonce, about, body.subarray(explicit), tagLength);
    if (!plain) return undefined;
    this.sequence++;
    return { plain, type: header[0]! };
  }
}

/** CBC (RFC 5246 §6.2.3.2; RFC 7366 when the MAC is over what is encrypted; TLS 1.0 chains its IVs). */
class CbcCipher implements RecordCipher {
  readonly #platform: Platform;
  readonly #suite: CbcSuite;
  readonly #key: Uint8Array;
  readonly #macKey: Uint8Array;
  readonly #macLast: boolean;
  /** TLS 1.0: the last block of the record before. */
  #chained: Uint8Array | undefined;
  sequence = 0;

  constructor(
    platform: Platform,
    suite: CbcSuite,
    keys: { key: Uint8Array; macKey: Uint8Array; iv: Uint8Array | undefined },
    macLast: boolean,
  ) {
    this.#platform = platform;
    this.#suite = suite;
    this.#key = keys.key;
    this.#macKey = keys.macKey;
    this.#chained = keys.iv;
    this.#macLast = macLast;
  }

  copy(): CbcCipher {
    const keys = { key: this.#key, macKey: this.#macKey, iv: this.#chained };
    const copy = new CbcCipher(this.#platform, this.#suite, keys, this.#macLast);
    copy.sequence = this.sequence;
    return copy;
  }

  open(header: Uint8Array, body: Uint8Array): Opened | undefined {
    const { macLength, cipher } = this.#suite;
    const sealed = this.#macLast ? body.subarray(0, Math.max(0, body.length - macLength)) : body;
    const first = this.#chained ? 0 : 16;
    if (sealed.length < first + 16 || sealed.length % 16 !== 0) return undefined;
    const iv = this.#chained ?? sealed.subarray(0, 16);
    const blocks = this.#platform.openCbc(cipher, this.#key, iv, sealed.subarray(first));
    if (!blocks) return undefined;
    const padding = blocks[blocks.length - 1]!;
    const end = blocks.length - padding - 1;
    const length = this.#macLast ? end : end - macLength;
    if (length < 0) return undefined;
    const plain = blocks.subarray(0, length);
    const [covered, mac] = this.#macLast
      ? [sealed, body.subarray(sealed.length)]
      : [plain, blocks.subarray(length, end)];
    if (!this.#genuine(header, covered, mac)) return undefined;
    this.sequence++;
    if (this.#chained) this.#chained = sealed.slice(-16);
    return { plain, type: header[0]! };
  }

  #genuine(header: Uint8Array, covered: Uint8Array, mac: Uint8Array): boolean {
    const length = Uint8Array.of(covered.length >> 8, covered.length & 0xff);
    const over = concat(numberBytes(this.sequence), header.subarray(0, 3), length, covered);
    const right = this.#platform.hmac(this.#suite.mac, this.#macKey, over);
    return right.length === mac.length && right.every((byte, i) => byte === mac[i]);
  }
}

export interface SessionKeys {
  version: number;
  suite: number | undefined;
  master: Uint8Array;
  clientRandom: Uint8Array;
  serverRandom: Uint8Array;
  /** Negotiated encrypt_then_mac. */
  macLast: boolean;
}

/** TLS 1.0 to 1.2: the direction's keys out of the key block (RFC 5246 §6.3). */
export function classicCipher(platform: Platform, session: SessionKeys, client: boolean): RecordCipher | undefined {
  const suite = suiteOf(session.suite);
  if (!suite) return undefined;
  const { version, master, clientRandom, serverRandom, macLast } = session;
  const macLength = suite.kind === 'cbc' ? suite.macLength : 0;
  const ivLength = suite.kind === 'cbc' ? (version < TLS11 ? 16 : 0) : suite.cipher === 'chacha20-poly1305' ? 12 : 4;
  const size = 2 * (macLength + suite.keyLength + ivLength);
  const seed = concat(serverRandom, clientRandom);
  const block = prf(platform, version, suite.hash, master, 'key expansion', seed, size);
  const turn = client ? 0 : 1;
  const part = (at: number, length: number) => block.subarray(at + turn * length, at + (turn + 1) * length);
  const macKey = part(0, macLength);
  const key = part(2 * macLength, suite.keyLength);
  const iv = part(2 * (macLength + suite.keyLength), ivLength);
  if (suite.kind === 'aead') return new AeadCipher(platform, suite, key, iv);
  return new CbcCipher(platform, suite, { key, macKey, iv: ivLength > 0 ? iv.slice() : undefined }, macLast);
}

/** TLS 1.3. */
export function modernCipher(
  platform: Platform,
  suite: number | undefined,
  secret: Uint8Array | undefined,
): ModernCipher | undefined {
  const found = suiteOf(suite);
  return secret && found?.kind === 'aead' ? new ModernCipher(platform, found, secret) : undefined;
}
