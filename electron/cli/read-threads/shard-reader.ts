/** One thread's share of a capture: it reads all of the file, and dissects and prints the packets of its own pairs of addresses. */
import { readSync } from 'node:fs';
import { DisplayFilter } from '../../packets/filter/index.ts';
import { ByteText } from '../../packets/lines/byte-text.ts';
import { observedSide } from '../../packets/pcap/observed.ts';
import { PIECE_BYTES } from '../capture-file.ts';
import { PacketFeed } from '../packet-feed.ts';
import { LinePrinter } from '../printers/line-printer.ts';
import { type PacketPrinter, packetPrinter } from '../printers/packet-printer.ts';
import type { Batch, ReaderData } from './messages.ts';

/** A piece is valid until the one after the next. */
const BUFFERS = 3;

export class ShardReader {
  readonly #data: ReaderData;
  readonly #feed: PacketFeed;
  readonly #printer: PacketPrinter;
  /** For lines of all packets, and nothing else. */
  readonly #lines: LinePrinter | undefined;
  readonly #buffers = Array.from({ length: BUFFERS }, () => Buffer.allocUnsafeSlow(PIECE_BYTES));
  #at = 0;
  #turn = 0;
  #rows = new Uint32Array(1024);
  #ends = new Uint32Array(1024);
  readonly #text = new ByteText(PIECE_BYTES);
  /** Interfaces that were looked at. */
  #interfaces = 0;
  #entangled = false;

  static async open(data: ReaderData): Promise<ShardReader> {
    const feed = new PacketFeed();
    const filter = data.filter === undefined ? {} : { filter: new DisplayFilter(data.filter) };
    const options = { type: 'text', field: [], format: [], verbose: false, hex: data.hex, ...filter } as const;
    return new ShardReader(data, feed, await packetPrinter(options, feed));
  }

  private constructor(data: ReaderData, feed: PacketFeed, printer: PacketPrinter) {
    this.#data = data;
    this.#feed = feed;
    this.#printer = printer;
    this.#lines = data.filter === undefined && !data.hex ? new LinePrinter(feed) : undefined;
  }

  next(): Batch {
    const feed = this.#feed;
    const piece = this.#read();
    if (piece.length > 0) feed.push(piece);
    else feed.parser.end();
    const packets = piece.length > 0 ? feed.count : 0;
    const count = this.#print(packets);
    this.#lookAtInterfaces();
    const { damage } = feed.parser;
    return {
      packets,
      rows: this.#rows.slice(0, count),
      ends: this.#ends.slice(0, count),
      text: this.#text.bytes.slice(0, this.#text.length),
      entangled: this.#entangled || feed.beyondPairs,
      last: piece.length === 0 || damage !== undefined,
      damage,
    };
  }

  #read(): Uint8Array {
    const { fd, size } = this.#data;
    const buffer = this.#buffers[this.#turn++ % BUFFERS]!;
    const length = readSync(fd, buffer, 0, Math.min(buffer.length, size - this.#at), this.#at);
    this.#at += length;
    return buffer.subarray(0, length);
  }

  /** @returns how many packets are printed */
  #print(packets: number): number {
    const { shard, shards } = this.#data;
    const feed = this.#feed;
    const text = this.#text;
    const lines = this.#lines?.fits ? this.#lines : undefined;
    let count = 0;
    text.length = 0;
    for (let i = 0; i < packets && !this.#entangled; i++) {
      if (feed.shardOf(i, shards) !== shard) continue;
      const before = text.length;
      const dissected = lines ? lines.packet(i, text) : this.#line(i);
      if (dissected && !feed.staysIn(feed.at(i), shard, shards)) this.#entangled = true;
      if (text.length === before) continue;
      if (count === this.#rows.length) {
        this.#rows = longer(this.#rows);
        this.#ends = longer(this.#ends);
      }
      this.#rows[count] = i;
      this.#ends[count++] = text.length;
    }
    return count;
  }

  #line(index: number): true {
    this.#text.text(this.#printer.packet(this.#feed.at(index)));
    return true;
  }

  /** What a program made of a packet may have other addresses than the packet had. */
  #lookAtInterfaces(): void {
    const { interfaces } = this.#feed.parser;
    for (; this.#interfaces < interfaces.length; this.#interfaces++)
      if (observedSide(interfaces[this.#interfaces]!.description)) this.#entangled = true;
  }
}

function longer(old: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const made = new Uint32Array(2 * old.length);
  made.set(old);
  return made;
}
