/** Keys of LPM tries as people write prefixes: 10.0.0.0/8, fd00::/8, and 10.0.0.1 for the address alone. The kernel's key is a length (u32) and the bytes in network order. */
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { ipv4Text, ipv6Text } from '../../../packets/dissect/text.ts';
import { XdpeekError } from '../../../shared/errors.ts';

const PREFIX = /^([0-9a-fA-F:.]+)\/(\d{1,3})$/;

export const isPrefix = (text: string): boolean => PREFIX.test(text.trim()) || isIP(text.trim()) !== 0;

export function prefixText(key: Uint8Array): string {
  const length = new DataView(key.buffer, key.byteOffset).getUint32(0, true);
  const data = key.subarray(4);
  const address =
    data.length === 4
      ? ipv4Text(data, 0)
      : data.length === 16
        ? ipv6Text(data, 0)
        : [...data].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${address}/${length}`;
}

/** @returns the whole key of `keyBytes` bytes */
export function prefixKey(text: string, keyBytes: number): Uint8Array {
  const [, address = '', digits = String(8 * (keyBytes - 4))] = PREFIX.exec(text.trim()) ?? ['', text.trim()];
  const data = isIPv4(address) ? v4(address) : isIPv6(address) ? v6(address) : hexBytes(address, keyBytes - 4);
  const length = Number(digits);
  if (!data || data.length !== keyBytes - 4)
    throw new XdpeekError({
      code: 'EINVAL',
      message: `"${text}" is no prefix of this map`,
      hint: `Its keys have ${keyBytes - 4} bytes of data${keyBytes === 8 ? ', as in 10.0.0.0/8' : keyBytes === 20 ? ', as in fd00::/8' : ''}.`,
    });
  if (length > 8 * data.length)
    throw new XdpeekError({
      code: 'EINVAL',
      message: `/${length} is longer than the ${8 * data.length} bits of the key`,
    });
  const key = new Uint8Array(keyBytes);
  new DataView(key.buffer).setUint32(0, length, true);
  key.set(data, 4);
  return key;
}

const v4 = (text: string): Uint8Array => Uint8Array.from(text.split('.').map(Number));

function hexBytes(text: string, length: number): Uint8Array | undefined {
  if (!/^([0-9a-fA-F]{2})+$/.test(text) || text.length !== 2 * length) return undefined;
  return new Uint8Array(Buffer.from(text, 'hex'));
}

function v6(text: string): Uint8Array {
  // An IPv4 address at the end stands for two groups.
  const plain = text.replace(/\d+\.\d+\.\d+\.\d+$/, (quad) => {
    const [a, b, c, d] = v4(quad) as unknown as [number, number, number, number];
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = '', tail] = plain.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const first = groups(head);
  const last = tail === undefined ? [] : groups(tail);
  const all = [...first, ...Array<number>(Math.max(0, 8 - first.length - last.length)).fill(0), ...last];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
