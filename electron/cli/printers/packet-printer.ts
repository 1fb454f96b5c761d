/** Which printer `read` and `dump` use, by their options. Each turns one packet into text and keeps nothing of it. */
import { fieldsFormat } from '../fields-format.ts';
import { packetJson } from '../output/packet-json.ts';
import { packetLine } from '../output/packet-line.ts';
import type { FeedPacket, PacketFeed } from '../packet-feed.ts';
import { pairNotes } from './pair-notes.ts';

export interface PacketPrinter {
  /** Comes before the first packet. */
  readonly head: string;
  packet(packet: FeedPacket): string;
}

export interface PrintOptions {
  readonly type: 'text' | 'fields' | 'json';
  readonly field: readonly string[];
  readonly format: readonly string[];
  readonly verbose: boolean;
  readonly hex: boolean;
}

export async function packetPrinter(options: PrintOptions, feed: PacketFeed): Promise<PacketPrinter> {
  const format = fieldsFormat(options.format);
  if (options.field.length > 0) {
    const { fieldsPrinter } = await import('./fields-printer.ts');
    return fieldsPrinter(options.field, options.type === 'json' ? 'json' : format, feed);
  }
  if (options.verbose) {
    const { detailPrinter } = await import('./detail-printer.ts');
    return detailPrinter(options, feed);
  }
  const interfaceName = (id: number): string | undefined => feed.parser.interfaces[id]?.name;
  if (options.type === 'json')
    return {
      head: '',
      packet: (packet) => packetJson(packet, { hex: options.hex, baseNs: feed.parser.baseNs ?? 0n, interfaceName }),
    };
  const note = pairNotes(feed);
  return {
    head: '',
    packet(packet) {
      const several = feed.parser.interfaces.length > 1;
      const pair = note(packet);
      return packetLine(packet, { hex: options.hex, ...(several ? { interfaceName } : {}), ...(pair && { pair }) });
    },
  };
}
