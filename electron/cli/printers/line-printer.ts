/**
 * Summary lines as bytes, the same as packetLine makes of a string: plain packets without dissecting them (packets/lines), the others by their summary.
 * For captures of one place, whose lines do not say where.
 */
import { summarize } from '../../packets/dissect/index.ts';
import { ascii, type ByteText } from '../../packets/lines/byte-text.ts';
import { digitsOf } from '../../packets/lines/digits.ts';
import { PlainLines } from '../../packets/lines/plain-lines.ts';
import { writeAddresses } from '../../packets/lines/talk-texts.ts';
import { observedSide } from '../../packets/pcap/observed.ts';
import { VERDICT_NONE } from '../../packets/pcap/types.ts';
import type { BatchFeed } from '../feed.ts';
import { secondsOf, verdictText } from '../output/packet-line.ts';
import { printable } from '../output/printable.ts';

const NUMBER_WIDTH = 5;
const NO_MARK = ascii('      ');
const MARK_WIDTH = 5;
/** Number, time and verdict. */
const HEAD = 64;

export class LinePrinter {
  readonly #feed: BatchFeed;
  readonly #plain: PlainLines;

  /** @param passes as of PlainLines */
  constructor(feed: BatchFeed, passes: boolean) {
    this.#feed = feed;
    this.#plain = new PlainLines(feed.state, passes);
  }

  /** Whether these lines are all that is to be said of the packets at hand. */
  get fits(): boolean {
    const [only, another] = this.#feed.interfaces;
    return only !== undefined && another === undefined && !observedSide(only.description);
  }

  /** As of PlainLines. */
  get hasPassed(): boolean {
    return this.#plain.hasPassed;
  }

  /** Packet `index` of the batch. Returns whether it was dissected. */
  packet(index: number, out: ByteText): boolean {
    this.#head(index, out);
    const plain = this.#feed.plainColumns(index, this.#plain, out);
    if (!plain) this.#columns(index, out);
    this.#end(out);
    return !plain;
  }

  /** As `packet`, of one that was dissected already. */
  protected dissected(index: number, out: ByteText): void {
    this.#head(index, out);
    this.#columns(index, out);
    this.#end(out);
  }

  /** What the packet tells those after it, and no line. Returns whether it was dissected. */
  unsaid(index: number, out: ByteText): boolean {
    const before = out.length;
    const plain = this.#feed.plainColumns(index, this.#plain, out);
    out.length = before;
    if (!plain) this.#feed.dissect(this.#feed.at(index));
    return !plain;
  }

  #head(index: number, out: ByteText): void {
    const feed = this.#feed;
    out.room(HEAD);
    this.#place(feed.numberOf(index), feed.timeOf(index), feed.verdictOf(index), out);
  }

  #end(out: ByteText): void {
    out.room(1);
    out.byte(0x0a);
  }

  #place(number: number, timeNs: number, verdict: number, out: ByteText): void {
    out.spaces(NUMBER_WIDTH - digitsOf(number));
    out.number(number);
    out.byte(0x20);
    const whole = Math.round(timeNs);
    if (whole >= 0) {
      const seconds = Math.floor(whole / 1e9);
      out.number(seconds);
      out.byte(0x2e);
      out.fixed(whole - 1e9 * seconds, 9);
    } else out.text(secondsOf(timeNs));
    out.byte(0x20);
    if (verdict === VERDICT_NONE) out.constant(NO_MARK);
    else out.text(`${verdictText(verdict).padEnd(MARK_WIDTH)} `);
  }

  #columns(index: number, out: ByteText): void {
    const packet = this.#feed.at(index);
    const { source, destination, protocol, info } = summarize(this.#feed.dissect(packet));
    writeAddresses(source, destination, out);
    if (!out.plain(protocol)) out.text(printable(protocol));
    out.room(HEAD);
    out.byte(0x20);
    out.number(packet.wireLen);
    out.byte(0x20);
    if (!out.plain(info)) out.text(printable(info));
  }
}
