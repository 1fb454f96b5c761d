/** Packet protection of QUIC (RFC 9001 §5, RFC 9369 for version 2): keys from secrets, headers and payloads opened. */
import { expandLabel, type Hash, hkdfExtract } from '../../crypto/kdf.ts';
import { getPlatform, type Platform } from '../../platform.ts';
import { mixed } from '../tls/record-cipher.ts';
import { type AeadSuite, suiteOf } from '../tls/suites.ts';

export const QUIC_V2 = 0x6b3343cf;
const DRAFT_29 = 0xff00001d;
const hexBytes = (text: string) => Uint8Array.from(text.match(/../g)!, (two) => Number.parseInt(two, 16));
const SALT = hexBytes('38762cf7f55934b34d179ae6a4c80cadccbb7f0a');
const SALT_V2 = hexBytes('0dede3def700a6db819381be6e269dcbf9bd2ed9');
const SALT_DRAFT = hexBytes('afbfec289993d24c9e9786f19c6111e04390a899');
const AES_128_GCM = 0x1301;

const prefixOf = (version: number) => (version === QUIC_V2 ? 'quicv2' : 'quic');

/** One direction at one level. */
export class PacketKeys {
  readonly #platform: Platform;
  readonly #suite: AeadSuite;
  readonly #version: number;
  readonly #hp: Uint8Array;
  readonly #key: Uint8Array;
  readonly #iv: Uint8Array;
  readonly #secret: Uint8Array;

  constructor(platform: Platform, suite: AeadSuite, secret: Uint8Array, version: number, hp?: Uint8Array) {
    const prefix = prefixOf(version);
    const of = (label: string, length: number) =>
      expandLabel(platform, suite.hash, secret, `${prefix} ${label}`, length);
    this.#platform = platform;
    this.#suite = suite;
    this.#version = version;
    this.#secret = secret;
    this.#key = of('key', suite.keyLength);
    this.#iv = of('iv', 12);
    this.#hp = hp ?? of('hp', suite.keyLength);
  }

  /** Five bytes to mix into the first byte and the packet number. */
  mask(sample: Uint8Array): Uint8Array {
    return this.#suite.cipher === 'chacha20-poly1305'
      ? this.#platform.chachaStream(this.#hp, sample, 5)
      : this.#platform.aesBlock(this.#hp, sample);
  }

  open(number: number, head: Uint8Array, body: Uint8Array): Uint8Array | undefined {
    const { cipher, tagLength } = this.#suite;
    if (body.length < tagLength) return undefined;
    return this.#platform.openAead(cipher, this.#key, mixed(this.#iv, number), head, body, tagLength);
  }

  /** After a key update; header protection stays. */
  next(): PacketKeys {
    const label = `${prefixOf(this.#version)} ku`;
    const secret = expandLabel(this.#platform, this.#suite.hash, this.#secret, label, this.#secret.length);
    return new PacketKeys(this.#platform, this.#suite, secret, this.#version, this.#hp);
  }
}

/** Both directions' Initial keys, which follow from the id that the client chose. */
export function initialKeys(version: number, id: Uint8Array): { client: PacketKeys; server: PacketKeys } | undefined {
  const platform = getPlatform();
  if (!platform) return undefined;
  const suite = suiteOf(AES_128_GCM) as AeadSuite;
  const salt = version === QUIC_V2 ? SALT_V2 : version === DRAFT_29 ? SALT_DRAFT : SALT;
  const secret = hkdfExtract(platform, 'sha256' satisfies Hash, salt, id);
  const keys = (label: string) =>
    new PacketKeys(platform, suite, expandLabel(platform, suite.hash, secret, label, 32), version);
  return { client: keys('client in'), server: keys('server in') };
}

export function secretKeys(
  suite: number | undefined,
  secret: Uint8Array | undefined,
  version: number,
): PacketKeys | undefined {
  const platform = getPlatform();
  const found = suiteOf(suite);
  return platform && secret && found?.kind === 'aead' ? new PacketKeys(platform, found, secret, version) : undefined;
}

/** The whole number nearest to what is expected (RFC 9000, appendix A.3). */
export function fullNumber(truncated: number, length: number, largest: number): number {
  const window = 2 ** (8 * length);
  const expected = largest + 1;
  const candidate = expected - (expected % window) + truncated;
  if (candidate <= expected - window / 2) return candidate + window;
  return candidate > expected + window / 2 && candidate >= window ? candidate - window : candidate;
}
