/** What a cipher suite does to records, read off its name. Suites that are not understood are not decrypted. */
import type { Hash } from '../../crypto/kdf.ts';
import { CIPHER_SUITES } from '../../names/tls-suites.ts';
import type { Platform } from '../../platform.ts';

export type AeadName = Parameters<Platform['openAead']>[0];

export interface AeadSuite {
  kind: 'aead';
  cipher: AeadName;
  keyLength: number;
  tagLength: number;
  /** Of the PRF or of HKDF. */
  hash: Hash;
}

export interface CbcSuite {
  kind: 'cbc';
  cipher: 'aes-128-cbc' | 'aes-256-cbc';
  keyLength: number;
  mac: 'sha1' | 'sha256' | 'sha384';
  macLength: number;
  hash: Hash;
}

const NAME = /_(?:(?:WITH_)?AES_(128|256)_(GCM|CCM_8|CCM|CBC)|(CHACHA20_POLY1305))(?:_(SHA|SHA256|SHA384))?$/;
const MAC_LENGTH = { sha1: 20, sha256: 32, sha384: 48 } as const;

export function suiteOf(number: number | undefined): AeadSuite | CbcSuite | undefined {
  const found = NAME.exec(CIPHER_SUITES[number ?? -1] ?? '');
  if (!found) return undefined;
  const [, bits, mode, chacha, mac] = found;
  const hash: Hash = mac === 'SHA384' ? 'sha384' : 'sha256';
  if (chacha) return { kind: 'aead', cipher: 'chacha20-poly1305', keyLength: 32, tagLength: 16, hash };
  const keyLength = Number(bits) / 8;
  const size = bits as '128' | '256';
  if (mode !== 'CBC')
    return {
      kind: 'aead',
      cipher: mode === 'GCM' ? `aes-${size}-gcm` : `aes-${size}-ccm`,
      keyLength,
      tagLength: mode === 'CCM_8' ? 8 : 16,
      hash,
    };
  const name = mac === 'SHA' ? 'sha1' : mac === 'SHA384' ? 'sha384' : 'sha256';
  return { kind: 'cbc', cipher: `aes-${size}-cbc`, keyLength, mac: name, macLength: MAC_LENGTH[name], hash };
}
