/** Packets as lines on standard output while they arrive. */
import type { DecodeAs } from '../../packets/dissect/decode-as.ts';
import type { KeyLogs } from '../key-log.ts';
import type { Output } from '../output/output.ts';
import { PacketFeed } from '../packet-feed.ts';
import { type PacketPrinter, type PrintOptions, packetPrinter } from '../printers/packet-printer.ts';
import type { BlockSink } from './sink.ts';

export class PrintSink implements BlockSink {
  readonly lost = 0;
  private readonly out: Output;
  private readonly feed: PacketFeed;
  private readonly printer: PacketPrinter;
  private readonly keyLogs: KeyLogs;

  static async create(
    options: PrintOptions & { keyLogs: KeyLogs; decodeAs?: DecodeAs },
    out: Output,
  ): Promise<PrintSink> {
    const feed = new PacketFeed(options.decodeAs, options.keyLogs.secrets);
    return new PrintSink(out, feed, await packetPrinter(options, feed), options.keyLogs);
  }

  private constructor(out: Output, feed: PacketFeed, printer: PacketPrinter, keyLogs: KeyLogs) {
    this.keyLogs = keyLogs;
    this.out = out;
    this.feed = feed;
    this.printer = printer;
  }

  get quiet(): boolean {
    return this.out.closed;
  }

  /** The text is made at once, because the next blocks may come before these are written; only the writing waits. */
  async take(bytes: Uint8Array): Promise<boolean | undefined> {
    this.keyLogs.refresh();
    this.feed.push(bytes.slice()); // the feed looks back at it; the bytes are lent only until this resolves
    let text = '';
    for (let i = 0; i < this.feed.count; i++) text += this.printer.packet(this.feed.at(i));
    void this.out.write(text).catch(() => {}); // flush tells
    await this.out.flush();
    return !this.out.closed;
  }

  close(): Promise<void> {
    this.keyLogs.close();
    return this.out.flush();
  }
}
