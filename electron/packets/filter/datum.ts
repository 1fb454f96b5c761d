/**
 * Values as filters compare them. Numbers and bigints mix; IPv4 addresses are numbers; IPv6, Ethernet, bytes and protocols are bytes; times
 * are ns as bigint.
 */
import type { FieldType } from '../dissect/field.ts';

export type Kind = 'number' | 'boolean' | 'ipv4' | 'ipv6' | 'ether' | 'bytes' | 'string' | 'time' | 'none';
export type Datum = number | bigint | string | Uint8Array;

export const KIND_WORDS: Record<Kind, string> = {
  number: 'a number',
  boolean: 'true or false',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  ether: 'an Ethernet address',
  bytes: 'bytes',
  string: 'text',
  time: 'a time',
  none: 'a value',
};

export function kindOf(type: FieldType | 'protocol'): Kind {
  switch (type) {
    case 'boolean':
    case 'ipv4':
    case 'ipv6':
    case 'ether':
    case 'bytes':
    case 'string':
    case 'none':
      return type;
    case 'protocol':
      return 'bytes';
    case 'relative-time':
    case 'absolute-time':
      return 'time';
    default:
      return 'number';
  }
}

/** Negative, zero or positive, as a before, at or after b. Both of one kind. */
export function order(a: Datum, b: Datum): number {
  if (typeof a === 'object') return typeof b === 'object' ? orderBytes(a, b) : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

export function orderBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

export function same(a: Datum, b: Datum): boolean {
  if (typeof a !== 'object') return a === b || (typeof a !== typeof b && order(a, b) === 0 && typeof b !== 'object'); // 1 and 1n
  if (typeof b !== 'object' || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function contains(hay: Datum, needle: Datum): boolean {
  if (typeof hay === 'string') return typeof needle === 'string' && hay.includes(needle);
  if (typeof hay !== 'object' || typeof needle !== 'object') return false;
  const last = hay.length - needle.length;
  if (needle.length === 0) return true;
  for (let at = hay.indexOf(needle[0]!); at >= 0 && at <= last; at = hay.indexOf(needle[0]!, at + 1)) {
    let i = 1;
    while (i < needle.length && hay[at + i] === needle[i]) i++;
    if (i === needle.length) return true;
  }
  return false;
}
