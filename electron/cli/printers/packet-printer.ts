/**
 * How `read` and `dump` turn packets into text, by their options: which packets (-Y) and in what form. Every packet is dissected, also those that
 * are not printed: what follows may depend on it.
 */
import { type Summary, summarize } from '../../packets/dissect/index.ts';
import type { DisplayFilter } from '../../packets/filter/index.ts';
import type { Feed } from '../feed.ts';
import { fieldsFormat } from '../fields-format.ts';
import { packetJson } from '../output/packet-json.ts';
import { packetLine } from '../output/packet-line.ts';
import type { FeedPacket } from '../packet-feed.ts';
import type { Collector } from '../statistics/collector.ts';
import { frameClock, needsOptions } from './frame-info.ts';
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
  /** Display filter. */
  readonly filter?: DisplayFilter;
  /** See every packet that the filter lets through. */
  readonly statistics?: readonly Collector[];
  /** Nothing is printed. */
  readonly quiet?: boolean;
}

/** '' for a packet that the filter leaves out. */
export async function packetPrinter(options: PrintOptions, feed: Feed): Promise<PacketPrinter> {
  const { filter, statistics = [], quiet = false } = options;
  const asked = [...options.field, ...(filter?.fields ?? []), ...statistics.flatMap(({ fields }) => [...fields])];
  const wantsOptions = options.verbose || needsOptions(asked);
  const clock = frameClock(feed, wantsOptions);
  const printer = await bare(options, feed, clock.info);
  return {
    head: quiet ? '' : printer.head,
    packet(packet) {
      const d = feed.dissect(packet);
      if (filter && !filter.test(d, clock.info(packet))) return '';
      for (const statistic of statistics) statistic.see(d, clock.info(packet));
      const text = quiet ? '' : printer.packet(packet);
      clock.shown(packet);
      return text;
    },
  };
}

async function bare(
  options: PrintOptions,
  feed: Feed,
  info: ReturnType<typeof frameClock>['info'],
): Promise<PacketPrinter> {
  const format = fieldsFormat(options.format);
  if (options.field.length > 0 && !options.quiet) {
    const { fieldsPrinter } = await import('./fields-printer.ts');
    return fieldsPrinter(options.field, options.type === 'json' ? 'json' : format, feed, info);
  }
  if (options.verbose) {
    const { detailPrinter } = await import('./detail-printer.ts');
    return detailPrinter(options, feed, info);
  }
  const interfaceName = (id: number): string | undefined => feed.interfaces[id]?.name;
  const summary = (packet: FeedPacket): Summary => summarize(feed.dissect(packet));
  if (options.type === 'json')
    return {
      head: '',
      packet: (packet) =>
        packetJson(packet, summary(packet), { hex: options.hex, baseNs: feed.baseNs ?? 0n, interfaceName }),
    };
  const note = pairNotes(feed);
  return {
    head: '',
    packet(packet) {
      const several = packet.number >= feed.severalFrom;
      const pair = note(packet);
      const extra = { ...(several ? { interfaceName } : {}), ...(pair && { pair }) };
      return packetLine(packet, summary(packet), { hex: options.hex, ...extra });
    },
  };
}
