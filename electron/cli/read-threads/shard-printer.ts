/** One thread's share of a capture: it dissects and prints the packets of its own pairs of addresses, piece after piece. */
import { DisplayFilter } from '../../packets/filter/index.ts';
import { ByteText } from '../../packets/lines/byte-text.ts';
import { staysIn, staysOutside } from '../../packets/state/address-pairs.ts';
import { FilteredLines } from '../printers/filtered-lines.ts';
import { LinePrinter } from '../printers/line-printer.ts';
import { type PacketPrinter, packetPrinter } from '../printers/packet-printer.ts';
import { type Lines, NATIVE, type News, type ReaderData, type Slot } from './messages.ts';
import { PastPackets } from './past-packets.ts';
import { PieceFeed } from './piece-feed.ts';

const shared = (length: number) => new Uint8Array(new SharedArrayBuffer(length));

export class ShardPrinter {
  readonly #data: Omit<ReaderData, 'lines' | 'port'>;
  readonly #feed: PieceFeed;
  readonly #printer: PacketPrinter;
  /** For lines of packets, and nothing else. */
  readonly #lines: LinePrinter | undefined;
  readonly #text = new ByteText(0, shared);
  /** Secrets came for what was passed over. */
  #late = false;

  static async open(data: Omit<ReaderData, 'lines' | 'port'>): Promise<ShardPrinter> {
    const { filter, hex } = data;
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
    return new ShardPrinter(data, feed, printer, hex ? undefined : lines);
  }

  private constructor(
    data: Omit<ReaderData, 'lines' | 'port'>,
    feed: PieceFeed,
    printer: PacketPrinter,
    lines: LinePrinter | undefined,
  ) {
    this.#data = data;
    this.#feed = feed;
    this.#printer = printer;
    this.#lines = lines;
  }

  hear(news: News): void {
    this.#feed.hear(news);
    // Secrets usually come first. Where they do not, whoever keeps all bytes must read it.
    if (news.secrets.length > 0 && this.#lines?.hasPassed) this.#late = true;
    if (news.past) this.#remember(news.past);
  }

  /** The addon printed them, and dissected nothing. */
  #remember(past: Float64Array): void {
    const nowhere = new ByteText(0);
    for (const { slot, number } of new PastPackets(this.#data.fd, past)) {
      this.#feed.takePast(slot, number);
      this.#lines!.unsaid(0, nowhere);
    }
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
      if (feed.shardOf(i) !== this.#data.shard) continue;
      const dissected = lines ? lines.packet(i, text) : this.#line(i);
      if (dissected && !this.#stays()) return false;
      into.ends[own++] = text.length;
    }
    into.text = text.bytes;
    return !feed.state.beyondPairs;
  }

  #stays(): boolean {
    const { last } = this.#feed;
    const { shard, shards, control } = this.#data;
    return control[NATIVE] ? staysOutside(last!) : staysIn(last!, shard, shards);
  }

  #line(index: number): true {
    this.#text.text(this.#printer.packet(this.#feed.at(index)));
    return true;
  }
}
