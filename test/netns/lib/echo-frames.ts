/** Echo requests as `ping` sends them, of any size, with tags. */
import {
  type Bytes,
  concat,
  type Endpoint,
  ETHERTYPE,
  echo,
  ethernet,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  PROTOCOL,
  pattern,
  type VlanTag,
} from './frames.ts';

export interface EchoOptions {
  family?: 4 | 6;
  sequence?: number;
  payload?: number;
  tags?: readonly VlanTag[];
  /** ICMP type: the request's if not given. */
  type?: number;
}

export function echoFrame(from: Endpoint, to: Endpoint, options: EchoOptions = {}): Bytes {
  const { family = 4, sequence = 1, payload = 56, tags } = options;
  const link = { source: from.mac, destination: to.mac, ...(tags && { tags }) };
  const rest = echo(0x7777, sequence);
  if (family === 4) {
    const message = icmp({ type: options.type ?? 8, rest }, pattern(payload));
    const ends = { source: from.ipv4, destination: to.ipv4 };
    return ethernet({ ...link, type: ETHERTYPE.ipv4 }, ipv4({ ...ends, protocol: PROTOCOL.icmp }, message));
  }
  const ends = { source: from.ipv6, destination: to.ipv6 };
  const message = icmpv6(ends, { type: options.type ?? 128, rest }, pattern(payload));
  return ethernet({ ...link, type: ETHERTYPE.ipv6 }, ipv6({ ...ends, nextHeader: PROTOCOL.icmpv6 }, message));
}

/** What a stack would answer: everything the other way round. */
export function replyTo(from: Endpoint, to: Endpoint, options: EchoOptions = {}): Bytes {
  return echoFrame(to, from, { ...options, type: (options.family ?? 4) === 4 ? 0 : 129 });
}

/** With zeros up to the least that Ethernet sends. */
export const padded = (frame: Bytes): Bytes =>
  frame.length >= 60 ? frame : concat(frame, new Uint8Array(60 - frame.length));
