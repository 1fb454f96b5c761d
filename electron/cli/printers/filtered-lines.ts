/**
 * Lines of the packets that a display filter lets through. Where headers decide, nothing is dissected for the filter's sake; what the packets that it
 * leaves out tell those after them is kept all the same.
 */
import type { DisplayFilter } from '../../packets/filter/index.ts';
import { type Answer, DISSECT, QuickFilter, YES } from '../../packets/filter/quick.ts';
import type { ByteText } from '../../packets/lines/byte-text.ts';
import type { BatchFeed } from '../feed.ts';
import type { FeedPacket } from '../packet-feed.ts';
import { type FrameInfos, frameClock } from './frame-info.ts';
import { LinePrinter } from './line-printer.ts';

export class FilteredLines extends LinePrinter {
  readonly #feed: BatchFeed;
  readonly #filter: DisplayFilter;
  readonly #quick: QuickFilter;
  readonly #info: FrameInfos;

  /** @param filter asks for nothing but what packets tell (isOfPairs) */
  constructor(feed: BatchFeed, passes: boolean, filter: DisplayFilter) {
    super(feed, passes);
    this.#feed = feed;
    this.#filter = filter;
    this.#quick = new QuickFilter(filter);
    this.#info = frameClock(feed, false).info;
  }

  override packet(index: number, out: ByteText): boolean {
    const packet = this.#feed.at(index);
    const answer = this.#ask(packet);
    if (answer === YES) return super.packet(index, out);
    if (answer !== DISSECT) return this.unsaid(index, out);
    if (this.#filter.test(this.#feed.dissect(packet), this.#info(packet))) this.dissected(index, out);
    return true;
  }

  /** What the user chose, and what secrets open, headers do not tell. */
  #ask({ bytes, linkType }: FeedPacket): Answer {
    const { decodeAs, secrets } = this.#feed.state;
    return decodeAs || secrets.count > 0 ? DISSECT : this.#quick.ask(bytes, linkType);
  }
}
