/** `xdpeek read` by one thread: any options, any files. */
import type { DisplayFilter } from '../packets/filter/index.ts';
import { ByteText } from '../packets/lines/byte-text.ts';
import { untilDamage } from '../session/files/unpack.ts';
import { captureFiles, PIECE_BYTES, refuseDamages } from './capture-file.ts';
import { decodeAs } from './decode-as.ts';
import { displayFilter, isOfPairs } from './display-filter.ts';
import { KeyLogs } from './key-log.ts';
import type { Invocation } from './options/spec.ts';
import { PacketFeed } from './packet-feed.ts';
import { FilteredLines } from './printers/filtered-lines.ts';
import { LinePrinter } from './printers/line-printer.ts';
import { packetPrinter } from './printers/packet-printer.ts';
import { refuseDamage } from './read-damage.ts';
import type { Context } from './start.ts';
import type { Collector } from './statistics/collector.ts';
import type { read } from './table.ts';

/** @param silent packets that need not be printed again: threads did */
export async function readAlone(
  operands: readonly string[],
  options: Invocation<typeof read>['options'],
  silent: number,
  { out, stop }: Context,
): Promise<number> {
  const keyLogs = new KeyLogs(options);
  keyLogs.close();
  const feed = new PacketFeed(decodeAs(options), keyLogs.secrets);
  const filter = displayFilter(options['display-filter']);
  const statistics = await collectors(options.statistic);
  const printer = await packetPrinter({ ...options, statistics, ...(filter && { filter }) }, feed);
  const limit = options.count ?? Number.POSITIVE_INFINITY;
  await out.write(printer.head);
  const isLines = options.type === 'text' && !options.verbose && !options.hex && !options.quiet;
  const lines = isLines && statistics.length === 0 ? linesOf(feed, filter) : undefined;
  /** By turns: one is being written. */
  const texts: [ByteText, ByteText] = [new ByteText(PIECE_BYTES), new ByteText(PIECE_BYTES)];
  let printed = 0;
  let handed: Promise<void> = Promise.resolve();
  const input = captureFiles(operands, stop);
  for await (const piece of untilDamage(input.pieces, feed.parser)) {
    feed.push(piece);
    texts.reverse();
    const [text] = texts;
    text.length = 0;
    const fits = lines?.fits ?? false;
    for (let i = 0; i < feed.count && printed < limit; i++, printed++) {
      if (fits) lines!.packet(i, text);
      else text.text(printer.packet(feed.at(i)));
      if (printed < silent) text.length = 0;
    }
    // At the end of each piece, so that a pipe which pauses has been shown all it gave.
    const before = handed;
    handed = out.writeBytes(text.bytes.subarray(0, text.length));
    handed.catch(() => {}); // looked at after the next piece
    await before;
    if (printed >= limit || feed.parser.damage || stop.aborted) break;
  }
  if (printed < limit && !stop.aborted) feed.parser.end();
  for (const statistic of statistics) await out.write(statistic.print(options.type === 'json'));
  await out.flush();
  if (stop.aborted) return 0;
  refuseDamages(input.damages);
  return refuseDamage(operands[0]!, feed.parser.damage, printed);
}

function linesOf(feed: PacketFeed, filter: DisplayFilter | undefined): LinePrinter | undefined {
  if (!filter) return new LinePrinter(feed, false);
  return isOfPairs(filter) ? new FilteredLines(feed, false, filter) : undefined;
}

async function collectors(texts: readonly string[]): Promise<readonly Collector[]> {
  if (texts.length === 0) return [];
  const { collector } = await import('./statistics/collector.ts');
  return texts.map(collector);
}
