/** What samples are made of: two ends, frames around a payload, bytes written as hexadecimal. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import type { Sample } from './samples.ts';

export const A = { mac: '02:00:00:00:00:0a', ipv4: '10.0.0.1', ipv6: 'fd00::1' };
export const B = { mac: '02:00:00:00:00:0b', ipv4: '10.0.0.2', ipv6: 'fd00::2' };
export const AB = { source: A.ipv4, destination: B.ipv4 };
export const BA = { source: B.ipv4, destination: A.ipv4 };
export const AB6 = { source: A.ipv6, destination: B.ipv6 };
export const BA6 = { source: B.ipv6, destination: A.ipv6 };

/** Hexadecimal digits, anything else between them ignored. */
export const raw = (text: string) =>
  Uint8Array.from(text.match(/[0-9a-f]{2}/gi) ?? [], (two) => Number.parseInt(two, 16));
export const eth = (type: number, payload: Uint8Array, destination = B.mac) =>
  f.ethernet({ source: A.mac, destination, type }, payload);
export const llc = (payload: Uint8Array, destination: string) =>
  f.concat(f.macBytes(destination), f.macBytes(A.mac), f.u16(payload.length), payload);
export const ip4 = (protocol: number, payload: Uint8Array, more: Partial<f.Ipv4Header> = {}) =>
  eth(0x0800, f.ipv4({ ...AB, protocol, identification: 0x1234, ...more }, payload));
export const udp4 = (sourcePort: number, destinationPort: number, payload: Uint8Array, ends = AB) =>
  eth(0x0800, f.ipv4({ ...ends, protocol: 17 }, f.udp(ends, { sourcePort, destinationPort }, payload)));
export const ip6 = (nextHeader: number, payload: Uint8Array, more: Partial<f.Ipv6Header> = {}) =>
  eth(0x86dd, f.ipv6({ ...AB6, nextHeader, ...more }, payload));
export const udp6 = (sourcePort: number, destinationPort: number, payload: Uint8Array, ends = AB6) =>
  eth(0x86dd, f.ipv6({ ...ends, nextHeader: 17 }, f.udp(ends, { sourcePort, destinationPort }, payload)));
/** With its Internet checksum put at `at`. */
export const summed = (bytes: Uint8Array, at: number) => {
  const copy = bytes.slice();
  copy.set(f.u16(f.internetChecksum(copy)), at);
  return copy;
};
export const list = (...frames: Uint8Array[]): Sample => ({ linkType: 1, frames: frames.map((bytes) => ({ bytes })) });
export const on = (linkType: number, ...frames: Uint8Array[]): Sample => ({
  linkType,
  frames: frames.map((bytes) => ({ bytes })),
});
