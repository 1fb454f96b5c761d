/**
 * `xdpeek convert`: a capture, or several merged by time, into another file: other format, fewer packets, compressed or not. pcapng stays as it was, block by block, but for the packets
 * that are left out. The new file appears whole or not at all.
 */
import { BlockCopier } from '../../packets/pcap/block-copier.ts';
import { VERDICT_NONE } from '../../packets/pcap/types.ts';
import {
  enhancedPacket,
  interfaceDescription,
  pcapHeader,
  pcapRecord,
  sectionHeader,
} from '../../packets/pcap/writer.ts';
import { formatOf, packed } from '../../session/files/pack.ts';
import { saveFile } from '../../session/files/save.ts';
import { untilDamage } from '../../session/files/unpack.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { ExportFormat } from '../../shared/export.ts';
import { captureFiles, refuseDamages } from '../capture-file.ts';
import { decodeAs } from '../decode-as.ts';
import { displayFilter } from '../display-filter.ts';
import { KeyLogs } from '../key-log.ts';
import type { Invocation } from '../options/spec.ts';
import { usageError } from '../options/usage-error.ts';
import type { Output } from '../output/output.ts';
import { grouped, plural } from '../output/units.ts';
import { type FeedPacket, PacketFeed } from '../packet-feed.ts';
import { frameClock, needsOptions } from '../printers/frame-info.ts';
import { refuseDamage } from '../read-damage.ts';
import type { Context } from '../start.ts';
import type { convert } from '../table.ts';

type Options = Invocation<typeof convert>['options'];

export async function run({ options, operands }: Invocation<typeof convert>, { out, stop }: Context): Promise<number> {
  const inputs = operands.slice(0, -1);
  const output = operands.at(-1)!;
  if (output === '-' && out.isTerminal)
    throw usageError('this would write binary data to this terminal', 'Pipe it on, or name a file.');
  const { pieces, damages, leftOut } = captureFiles(inputs, stop);
  const conversion = new Conversion(options, options.format ?? formatOf(output));
  const bytes = packed(wholeOrNone(conversion.bytes(pieces)), output);
  if (output === '-') await saveOutput(out, bytes);
  else await saveFile(output, bytes);
  if (out.closed) return 0;
  process.stderr.write(`${plural(conversion.written, 'packet')} of ${grouped(conversion.read)} written to ${output}\n`);
  for (const line of leftOut) process.stderr.write(`${line}\n`);
  const { damage } = conversion.feed.parser;
  if (stop.aborted || conversion.done) return 0;
  refuseDamages(damages);
  if (!damage) return 0;
  throw new XdpeekError({
    code: 'EBADMSG',
    message: `${inputs[0]} is damaged at byte ${damage.offset}: ${damage.reason}`,
    hint: 'What was written is what came before that.',
  });

  /** What cannot be read at all, and files that were stopped at, leave an older file as it was. A stream that was stopped has ended. */
  async function* wholeOrNone(made: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    yield* made;
    if (stop.aborted && !out.closed && !inputs.includes('-'))
      throw new XdpeekError({ code: 'CANCELLED', message: `stopped before the end: ${output} was not written` });
    if (conversion.read === 0) refuseDamage(inputs[0]!, conversion.feed.parser.damage, 0);
  }
}

async function saveOutput(out: Output, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of bytes) {
    await out.writeBytes(piece);
    if (out.closed) return;
  }
}

class Conversion {
  read = 0;
  written = 0;
  readonly feed: PacketFeed;
  readonly #format: ExportFormat;
  readonly #limit: number;
  readonly #filter: ReturnType<typeof displayFilter>;
  readonly #clock: ReturnType<typeof frameClock>;
  readonly #copier: BlockCopier;
  #linkType: number | undefined;
  #headed = false;
  #interfaces = 0;

  constructor(options: Options, format: ExportFormat) {
    const keyLogs = new KeyLogs(options);
    keyLogs.close();
    this.feed = new PacketFeed(decodeAs(options), keyLogs.secrets);
    this.#format = format;
    this.#limit = options.count ?? Number.POSITIVE_INFINITY;
    this.#filter = displayFilter(options['display-filter']);
    this.#copier = new BlockCopier(!this.#filter && options.count === undefined);
    this.#clock = frameClock(this.feed, needsOptions(this.#filter?.fields ?? []));
  }

  /** No more packets are wanted. */
  get done(): boolean {
    return this.read >= this.#limit;
  }

  async *bytes(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const { feed } = this;
    for await (const piece of untilDamage(pieces, feed.parser)) {
      feed.push(piece);
      const verdicts: boolean[] = [];
      for (let i = 0; i < feed.count; i++) verdicts.push(this.#wants(feed.at(i)));
      if (this.#format === 'pcapng' && feed.parser.format === 'pcapng') {
        let next = 0;
        yield* this.#copier.push(piece, () => verdicts[next++] ?? false);
      } else for (let i = 0; i < feed.count; i++) if (verdicts[i]) yield this.#packet(feed.at(i));
      if (feed.parser.damage || this.done) break;
    }
    if (!this.done) feed.parser.end();
    if (!this.#headed && (this.#format !== 'pcapng' || feed.parser.format !== 'pcapng'))
      yield this.#head(feed.parser.interfaces[0]?.linkType ?? 1);
  }

  #wants(packet: FeedPacket): boolean {
    if (this.done) return false;
    this.read++;
    const wanted = !this.#filter || this.#filter.test(this.feed.dissect(packet), this.#clock.info(packet));
    if (!wanted) return false;
    this.#clock.shown(packet);
    this.written++;
    return true;
  }

  #head(linkType: number): Uint8Array {
    this.#headed = true;
    this.#linkType = linkType;
    if (this.#format === 'pcapng') return sectionHeader({ application: 'xdpeek convert' });
    return pcapHeader(linkType, undefined, this.#format === 'pcap-ns');
  }

  #packet(packet: FeedPacket): Uint8Array {
    const { bytes, wireLen, linkType, interfaceId, verdict, direction } = packet;
    const parts: Uint8Array[] = this.#headed ? [] : [this.#head(linkType)];
    const epochNs = (this.feed.parser.baseNs ?? 0n) + BigInt(Math.round(packet.timeNs));
    if (this.#format !== 'pcapng') {
      if (linkType !== this.#linkType)
        throw new XdpeekError({
          code: 'EINVAL',
          message: 'the capture has interfaces of several link types, and a pcap file holds one',
          hint: 'Write pcapng, or choose the packets of one interface: -Y "frame.interface_id == 0".',
        });
      parts.push(pcapRecord(epochNs, wireLen, bytes, this.#format === 'pcap-ns'));
    } else {
      const { interfaces } = this.feed.parser;
      for (; this.#interfaces <= interfaceId; this.#interfaces++)
        parts.push(interfaceDescription({ linkType: interfaces[this.#interfaces]!.linkType }));
      parts.push(
        enhancedPacket({
          interfaceId,
          bytes,
          wireLen,
          epochNs,
          ...(direction !== 0 && { direction }),
          ...(verdict !== VERDICT_NONE && { xdpVerdict: verdict }),
        }),
      );
    }
    return Buffer.concat(parts);
  }
}
