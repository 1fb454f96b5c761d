/** FrameInfo for printers: what the capture knows about a packet besides its bytes. Packets must come in order (time delta). */
import type { FrameInfo } from '../../packets/dissect/frame.ts';
import { readPacketOptions } from '../../packets/pcap/packet-options.ts';
import type { FeedPacket, PacketFeed } from '../packet-feed.ts';

/** @param withOptions also reads the packet's pcapng options (queue, verdict, comments), which costs a second look. */
export function frameInfos(feed: PacketFeed, withOptions: boolean): (packet: FeedPacket) => FrameInfo {
  let lastNs: number | undefined;
  return ({ number, timeNs, interfaceId, offset, bytes }) => {
    const { name, description } = feed.parser.interfaces[interfaceId] ?? {};
    const options = withOptions ? readPacketOptions(feed, offset, bytes.length) : undefined;
    const deltaNs = timeNs - (lastNs ?? timeNs);
    lastNs = timeNs;
    return {
      number,
      epochNs: (feed.parser.baseNs ?? 0n) + BigInt(Math.round(timeNs)),
      timeNs,
      deltaNs,
      interfaceId,
      ...(name === undefined ? {} : { interfaceName: name }),
      ...(description === undefined ? {} : { interfaceDescription: description }),
      ...(options ? { options } : {}),
    };
  };
}
