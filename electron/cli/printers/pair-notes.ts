/** What is said of an observed packet beside its line: on which side of which program, and, after it, what became of its bytes. */
import { changedBytes, observedSide, PairFinder } from '../../packets/pcap/observed.ts';
import { readPacketOptions } from '../../packets/pcap/packet-options.ts';
import type { Feed } from '../feed.ts';
import type { FeedPacket } from '../packet-feed.ts';

export interface PairNote {
  /** "before xdp_nat". */
  side: string;
  /** "packet 1 with bytes 0–11, 26–33 changed"; empty before the program. */
  change: string;
}

export function pairNotes(feed: Feed): (packet: FeedPacket) => PairNote | undefined {
  const pairs = new PairFinder();
  return (packet) => {
    const observed = observedSide(feed.interfaces[packet.interfaceId]?.description);
    if (!observed) return undefined;
    const side = `${observed.side.padEnd(6)} ${observed.program}`;
    const id = readPacketOptions(feed, packet.offset, packet.bytes.length)?.packetId;
    if (id === undefined) return { side, change: '' };
    if (observed.side === 'before') {
      pairs.before(id, packet.number, packet.bytes);
      return { side, change: '' };
    }
    const pair = pairs.after(id);
    return { side, change: pair ? changeText(pair, packet) : '' };
  };
}

function changeText({ number, bytes }: { number: number; bytes: Uint8Array }, after: FeedPacket): string {
  const ranges = changedBytes(bytes, after.bytes).map(([offset, length]) =>
    length <= 1 ? `${offset}` : `${offset}–${offset + length - 1}`,
  );
  const longer = after.bytes.length - bytes.length;
  const size = longer === 0 ? '' : `, ${Math.abs(longer)} bytes ${longer > 0 ? 'longer' : 'shorter'}`;
  return ranges.length === 0
    ? `packet ${number} unchanged`
    : `packet ${number} with bytes ${ranges.join(', ')} changed${size}`;
}
