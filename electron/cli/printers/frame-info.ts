/** FrameInfo for printers and filters: what the capture knows about a packet besides its bytes. Packets must come in order. */
import type { FrameInfo } from '../../packets/dissect/frame.ts';
import { readPacketOptions } from '../../packets/pcap/packet-options.ts';
import type { Feed } from '../feed.ts';
import type { FeedPacket } from '../packet-feed.ts';

/** frame.* fields that need no look at the packet's options. */
const PLAIN_FRAME =
  /^frame\.(number|len|cap_len|time|time_epoch|time_delta|time_delta_displayed|time_relative|protocols|interface_(id|name|description))$/;

export type FrameInfos = (packet: FeedPacket) => FrameInfo;

/** Whether any of these fields is in a packet's options, which cost a second look at it. */
export function needsOptions(fields: Iterable<string>): boolean {
  for (const name of fields) if (/^(frame\.|_ws\.expert)/.test(name) && !PLAIN_FRAME.test(name)) return true;
  return false;
}

export interface FrameClock {
  info: FrameInfos;
  /** The packet was shown: the next one's frame.time_delta_displayed counts from it. */
  shown(packet: FeedPacket): void;
}

/** @param withOptions also reads the packet's pcapng options (queue, verdict, comments). */
export function frameClock(feed: Feed, withOptions: boolean): FrameClock {
  let lastNs: number | undefined;
  let shownNs: number | undefined;
  let made: FrameInfo | undefined;
  const make = ({ number, timeNs, interfaceId, offset, bytes }: FeedPacket): FrameInfo => {
    const { name, description } = feed.interfaces[interfaceId] ?? {};
    const options = withOptions ? readPacketOptions(feed, offset, bytes.length) : undefined;
    const deltaNs = timeNs - (lastNs ?? timeNs);
    lastNs = timeNs;
    return {
      number,
      epochNs: (feed.baseNs ?? 0n) + BigInt(Math.round(timeNs)),
      timeNs,
      deltaNs,
      deltaShownNs: timeNs - (shownNs ?? timeNs),
      interfaceId,
      ...(name === undefined ? {} : { interfaceName: name }),
      ...(description === undefined ? {} : { interfaceDescription: description }),
      ...(options ? { options } : {}),
    };
  };
  return {
    info: (packet) => {
      if (made?.number !== packet.number) made = make(packet);
      return made;
    },
    shown: ({ timeNs }) => {
      shownNs = timeNs;
    },
  };
}
