/** One packet as one JSON object a line: the packet list's columns, exact time, and the bytes when asked for. */
import type { Summary } from '../../packets/dissect/index.ts';
import type { FeedPacket } from '../packet-feed.ts';
import { jsonLine } from './json-line.ts';
import { directionOf, epochSeconds, verdictOf } from './packet-line.ts';

export interface PacketJsonOptions {
  readonly hex: boolean;
  /** Epoch ns of the first packet. */
  readonly baseNs: bigint;
  readonly interfaceName: (id: number) => string | undefined;
}

export function packetJson(
  packet: FeedPacket,
  summary: Summary,
  { hex, baseNs, interfaceName }: PacketJsonOptions,
): string {
  const { source, destination, protocol, info } = summary;
  return jsonLine({
    number: packet.number,
    time: epochSeconds(baseNs + BigInt(Math.round(packet.timeNs))),
    interface: interfaceName(packet.interfaceId),
    verdict: verdictOf(packet),
    direction: directionOf(packet),
    source,
    destination,
    protocol,
    length: packet.wireLen,
    captured: packet.bytes.length,
    info,
    ...(hex ? { hex: Buffer.from(packet.bytes).toString('hex') } : {}),
  });
}
