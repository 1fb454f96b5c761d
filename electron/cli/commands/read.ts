/**
 * `xdpeek read`: a capture file as text, fields or JSON. The file is read in pieces and printed as it goes: memory does not
 * grow with it. Damage at the end is said after everything good was printed, with exit status 1.
 */

import type { Damage } from '../../packets/pcap/types.ts';
import { untilDamage } from '../../session/files/unpack.ts';
import { XdpeekError } from '../../shared/errors.ts';
import { captureFiles, refuseDamages } from '../capture-file.ts';
import { decodeAs } from '../decode-as.ts';
import { displayFilter } from '../display-filter.ts';
import { KeyLogs } from '../key-log.ts';
import type { Invocation } from '../options/spec.ts';
import { usageError } from '../options/usage-error.ts';
import { PacketFeed } from '../packet-feed.ts';
import { packetPrinter } from '../printers/packet-printer.ts';
import { isOfPairs, printInThreads } from '../read-threads/threads.ts';
import type { Context } from '../start.ts';
import type { Collector } from '../statistics/collector.ts';
import type { read } from '../table.ts';

export async function run({ options, operands }: Invocation<typeof read>, { out, stop }: Context): Promise<number> {
  if (options.field.length > 0 && options.type === 'text') throw usageError('-e needs -T fields or -T json');
  if (options.field.length === 0 && options.type === 'fields' && !options.quiet)
    throw usageError('-T fields needs at least one -e FIELD');
  const keyLogs = new KeyLogs(options);
  keyLogs.close();
  /** Packets that need not be printed again: threads did. */
  let silent = 0;
  const feed = new PacketFeed(decodeAs(options), keyLogs.secrets);
  const filter = displayFilter(options['display-filter']);
  const statistics = await collectors(options.statistic);
  const printer = await packetPrinter({ ...options, statistics, ...(filter && { filter }) }, feed);
  const limit = options.count ?? Number.POSITIVE_INFINITY;
  await out.write(printer.head);
  const whole = options.type === 'text' && !options.verbose && !options.quiet && options.count === undefined;
  const alone = operands.length === 1 && statistics.length === 0;
  const told =
    [...options['decode-as'], ...options['enable-heuristic'], ...options.keylog, ...options.preference].length > 0;
  if (whole && alone && !told && (!filter || isOfPairs(filter))) {
    const done = await printInThreads(operands[0]!, { filter, hex: options.hex }, out, stop);
    if (done && !done.again) return stop.aborted ? 0 : refuseDamage(operands[0]!, done.damage, done.packets);
    silent = done?.packets ?? 0;
  }
  let printed = 0;
  let handed: Promise<void> = Promise.resolve();
  const input = captureFiles(operands, stop);
  for await (const piece of untilDamage(input.pieces, feed.parser)) {
    feed.push(piece);
    let text = '';
    for (let i = 0; i < feed.count && printed < limit; i++, printed++) {
      const line = printer.packet(feed.at(i));
      if (printed >= silent) text += line;
    }
    // At the end of each piece, so that a pipe which pauses has been shown all it gave.
    void out.write(text).catch(() => {}); // flush tells
    const before = handed;
    handed = out.flush();
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

/** @param printed packets in front of the damage */
function refuseDamage(name: string, damage: Damage | undefined, printed: number): 0 {
  if (!damage) return 0;
  throw new XdpeekError({
    code: 'EBADMSG',
    message: `${name} is damaged at byte ${damage.offset}: ${damage.reason}`,
    hint: printed > 0 ? `The ${printed} packets before it are good.` : 'Check that it is a pcapng or pcap file.',
  });
}

async function collectors(texts: readonly string[]): Promise<readonly Collector[]> {
  if (texts.length === 0) return [];
  const { collector } = await import('../statistics/collector.ts');
  return texts.map(collector);
}
