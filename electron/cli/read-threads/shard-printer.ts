/** One thread's share of a capture: it dissects and prints the packets of its own pairs of addresses, piece after piece. */
import { DisplayFilter } from '../../packets/filter/index.ts';
import { ByteText } from '../../packets/lines/byte-text.ts';
import { staysIn } from '../../packets/state/address-pairs.ts';
import { FilteredLines } from '../printers/filtered-lines.ts';
import { LinePrinter } from '../printers/line-printer.ts';
import { type PacketPrinter, packetPrinter } from '../printers/packet-printer.ts';
import type { Lines, News, ReaderData, Slot } from './messages.ts';
import { PieceFeed } from './piece-feed.ts';

const shared = (length: number) => new Uint8Array(new SharedArrayBuffer(length));

export class ShardPrinter {
  readonly #shard: number;
  readonly #shards: number;
  readonly #feed: PieceFeed;
  readonly #printer: PacketPrinter;
  /** For lines of packets, and nothing else. */
  readonly #lines: LinePrinter | undefined;
  readonly #text = new ByteText(0, shared);
  /** Secrets came for what was passed over. */
  #late = false;

  static async open({ shard, shards, filter, hex }: ReaderData): Promise<ShardPrinter> {
    const feed = new PieceFeed();
    const which = filter === undefined ? undefined : new DisplayFilter(filter);
    const options = {
      type: 'text',
      field: [],
      format: [],
      verbose: false,
      hex,
      ...(which && { filter: which }),
    } as const;
    const printer = await packetPrinter(options, feed);
    const lines = which ? new FilteredLines(feed, true, which) : new LinePrinter(feed, true);
    return new ShardPrinter(shard, shards, feed, printer, hex ? undefined : lines);
  }

  private constructor(
    shard: number,
    shards: number,
    feed: PieceFeed,
    printer: PacketPrinter,
    lines: LinePrinter | undefined,
  ) {
    this.#shard = shard;
    this.#shards = shards;
    this.#feed = feed;
    this.#printer = printer;
    this.#lines = lines;
  }

  hear(news: News): void {
    this.#feed.hear(news);
    // Secrets usually come first. Where they do not, whoever keeps all bytes must read it.
    if (news.secrets.length > 0 && this.#lines?.hasPassed) this.#late = true;
  }

  /**
   * Prints the next piece into `into`; its text moves to larger memory when it must.
   * @returns false where something was told of packets that other threads have, or that are gone: the piece must not be printed
   */
  print(slot: Slot, packets: number, into: Lines): boolean {
    const feed = this.#feed;
    const text = this.#text;
    if (this.#late) return false;
    const lines = this.#lines?.fits ? this.#lines : undefined;
    feed.take(slot, packets);
    text.bytes = into.text;
    text.length = 0;
    let own = 0;
    for (let i = 0; i < packets; i++) {
      if (feed.shardOf(i) !== this.#shard) continue;
      const dissected = lines ? lines.packet(i, text) : this.#line(i);
      if (dissected && !staysIn(feed.last!, this.#shard, this.#shards)) return false;
      into.ends[own++] = text.length;
    }
    into.text = text.bytes;
    return !feed.state.beyondPairs;
  }

  #line(index: number): true {
    this.#text.text(this.#printer.packet(this.#feed.at(index)));
    return true;
  }
}
