/** Addresses as keys: IPv4 by its bytes, then IPv6, then those of Ethernet, then what is shown in their place. */

import { u32 } from '../dissect/bytes.ts';
import { ipv4Of, ipv6Of } from '../filter/literal.ts';
import type { PlainPacket } from '../filter/plain-packet.ts';
import { bytesText, type Dictionary } from './dictionary.ts';
import type { Keys } from './keys.ts';

/** Upper words. Of an Ethernet address they have its first two bytes too. */
const IPV6 = 1;
const ETHERNET = 0x8000_0000;
const OTHER = 0xffff_ffff;
const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;

/** Whether a key's lower word is a number of the dictionary. */
export const isWord = (high: number) => high === IPV6 || high === OTHER;

export function setPlainAddress(keys: Keys, at: number, words: Dictionary, packet: PlainPacket, side: 0 | 1): void {
  const { bytes, network } = packet;
  if (packet.six) {
    const from = network + 8 + 16 * side;
    keys.set(at, words.id(bytesText(bytes.subarray(from, from + 16))), IPV6);
    return;
  }
  const from = network + 12 + 4 * side;
  keys.set(at, u32(bytes, from));
}

/** @param text as the list shows it; '' = none */
export function setAddress(keys: Keys, at: number, words: Dictionary, text: string): void {
  if (text === '') return;
  const four = ipv4Of(text);
  const six = text.includes(':') ? ipv6Of(text) : undefined;
  if (four !== undefined) keys.set(at, four);
  else if (six) keys.set(at, words.id(bytesText(six)), IPV6);
  else if (MAC.test(text)) {
    const digits = text.replaceAll(':', '');
    const [first, rest] = [digits.slice(0, 4), digits.slice(4)].map((part) => Number.parseInt(part, 16));
    keys.set(at, rest!, (ETHERNET | first!) >>> 0);
  } else keys.set(at, words.id(text), OTHER);
}
