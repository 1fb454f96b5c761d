/**
 * What dissection needs and this folder cannot have, because it may not use Node: unpacking and ciphers. Whoever runs it (session, command line)
 * provides them once; without them such bytes stay as they are.
 */
export interface Platform {
  /** `gzip`, `deflate`, `br`, `zstd`. Undefined when it cannot be unpacked, or would grow past `limit` bytes. */
  inflate(encoding: string, bytes: Uint8Array, limit: number): Uint8Array | undefined;
  /** A raw DEFLATE stream up to a flush, after what was unpacked before it. As `inflate`. */
  inflateRaw(bytes: Uint8Array, limit: number, before: Uint8Array): Uint8Array | undefined;
  hash(algorithm: 'md5' | 'sha1' | 'sha256' | 'sha384', bytes: Uint8Array): Uint8Array;
  hmac(algorithm: 'md5' | 'sha1' | 'sha256' | 'sha384', key: Uint8Array, bytes: Uint8Array): Uint8Array;
  /** Undefined when the tag is wrong. `tagLength` bytes at the end of `bytes`. */
  openAead(
    cipher: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305' | 'aes-128-ccm' | 'aes-256-ccm',
    key: Uint8Array,
    nonce: Uint8Array,
    additional: Uint8Array,
    bytes: Uint8Array,
    tagLength: number,
  ): Uint8Array | undefined;
  /** CBC without padding removed. */
  openCbc(
    cipher: 'aes-128-cbc' | 'aes-256-cbc',
    key: Uint8Array,
    iv: Uint8Array,
    bytes: Uint8Array,
  ): Uint8Array | undefined;
  /** One block. */
  aesBlock(key: Uint8Array, block: Uint8Array): Uint8Array;
  /** The ChaCha20 key stream (RFC 8439) for a 16-byte counter and nonce. */
  chachaStream(key: Uint8Array, counterAndNonce: Uint8Array, length: number): Uint8Array;
}

/** A body that unpacks to more stays packed. */
const MAX_INFLATED = 64 << 20;

let platform: Platform | undefined;

export function setPlatform(provided: Platform): void {
  platform = provided;
}
export function getPlatform(): Platform | undefined {
  return platform;
}

export function inflate(encoding: string, bytes: Uint8Array): Uint8Array | undefined {
  return platform?.inflate(encoding, bytes, MAX_INFLATED);
}

export function inflateRaw(bytes: Uint8Array, before: Uint8Array): Uint8Array | undefined {
  return platform?.inflateRaw(bytes, MAX_INFLATED, before);
}
