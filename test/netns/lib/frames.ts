/** The frame builders for tests: the demo's own, plus one-liners for the frames that ground-truth tests send by the thousand. */
import {
  type Bytes,
  concat,
  ETHERTYPE,
  type EthernetHeader,
  ethernet,
  ipv4,
  ipv6,
  PROTOCOL,
  u32,
  udp,
  type VlanTag,
} from '../../../electron/cli/demo/frames/index.ts';

export * from '../../../electron/cli/demo/frames/index.ts';

/** One end of a link: what a frame needs to name it. */
export interface Endpoint {
  mac: string;
  ipv4: string;
  ipv6: string;
}

export interface UdpFrameOptions {
  family?: 4 | 6;
  sourcePort?: number;
  destinationPort?: number;
  tags?: readonly VlanTag[];
  ttl?: number;
}

/** The IP packet alone (raw-IP links), UDP with `payload` inside. */
export function udpPacket(from: Endpoint, to: Endpoint, payload: Uint8Array, options: UdpFrameOptions = {}): Bytes {
  const { family = 4, sourcePort = 40000, destinationPort = 9, ttl = 64 } = options;
  const ends = family === 4 ? { source: from.ipv4, destination: to.ipv4 } : { source: from.ipv6, destination: to.ipv6 };
  const segment = udp(ends, { sourcePort, destinationPort }, payload);
  return family === 4
    ? ipv4({ ...ends, protocol: PROTOCOL.udp, ttl }, segment)
    : ipv6({ ...ends, nextHeader: PROTOCOL.udp, hopLimit: ttl }, segment);
}

/** A whole Ethernet frame around `udpPacket`. */
export function udpFrame(from: Endpoint, to: Endpoint, payload: Uint8Array, options: UdpFrameOptions = {}): Bytes {
  const type = (options.family ?? 4) === 4 ? ETHERTYPE.ipv4 : ETHERTYPE.ipv6;
  const header: EthernetHeader = {
    source: from.mac,
    destination: to.mac,
    type,
    ...(options.tags && { tags: options.tags }),
  };
  return ethernet(header, udpPacket(from, to, payload, options));
}

/** `count` different frames: the payload starts with the frame's number (u32), `payloadLength` bytes in all (≥ 4). */
export function numberedFrames(
  from: Endpoint,
  to: Endpoint,
  count: number,
  payloadLength = 22,
  options: UdpFrameOptions = {},
): Bytes[] {
  return Array.from({ length: count }, (_, i) => {
    const filler = new Uint8Array(payloadLength - 4).fill(i & 0xff);
    return udpFrame(from, to, concat(u32(i), filler), options);
  });
}
