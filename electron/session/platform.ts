/** What dissection may use of Node: unpacking and ciphers (packets/dissect/platform.ts). Import it once, for its effect. */
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';
import { type Platform, setPlatform } from '../packets/dissect/platform.ts';

const attempt = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch {
    return undefined; // damaged, cut off, or the wrong key
  }
};

const platform: Platform = {
  inflate(encoding, bytes, limit) {
    const options = { maxOutputLength: limit };
    return attempt(() => {
      if (encoding === 'gzip' || encoding === 'x-gzip') return gunzipSync(bytes, options);
      if (encoding === 'br') return brotliDecompressSync(bytes, options);
      if (encoding === 'zstd') return zstdDecompressSync(bytes, options);
      if (encoding !== 'deflate') return undefined;
      // Servers disagree about what "deflate" is (RFC 9110 §8.4.1.2).
      return attempt(() => inflateSync(bytes, options)) ?? inflateRawSync(bytes, options);
    });
  },
  inflateRaw: (bytes, limit, before) =>
    attempt(() =>
      inflateRawSync(bytes, {
        maxOutputLength: limit,
        finishFlush: constants.Z_SYNC_FLUSH,
        ...(before.length > 0 && { dictionary: before }),
      }),
    ),
  hash: (algorithm, bytes) => createHash(algorithm).update(bytes).digest(),
  hmac: (algorithm, key, bytes) => createHmac(algorithm, key).update(bytes).digest(),
  openAead: (cipher, key, nonce, additional, bytes, tagLength) =>
    attempt(() => {
      const length = bytes.length - tagLength;
      const options = { authTagLength: tagLength } as const;
      const open = createDecipheriv(cipher as 'aes-128-ccm', key, nonce, options);
      open.setAuthTag(bytes.subarray(length));
      open.setAAD(additional, { plaintextLength: length });
      const plain = open.update(bytes.subarray(0, length));
      open.final();
      return plain;
    }),
  openCbc: (cipher, key, iv, bytes) =>
    attempt(() => {
      const open = createDecipheriv(cipher, key, iv).setAutoPadding(false);
      return Buffer.concat([open.update(bytes), open.final()]);
    }),
  aesBlock(key, block) {
    const cipher = createCipheriv(key.length === 32 ? 'aes-256-ecb' : 'aes-128-ecb', key, null).setAutoPadding(false);
    return cipher.update(block);
  },
  chachaStream: (key, counterAndNonce, length) =>
    createCipheriv('chacha20', key, counterAndNonce).update(new Uint8Array(length)),
};

setPlatform(platform);
