/**
 * What the lines of a conversation's packets have alike in one direction: both addresses, and both ports. Made once, kept while the conversation keeps
 * its entry in the table.
 */
import { u16 } from '../dissect/bytes.ts';
import { ipv4Text, ipv6Text } from '../dissect/text.ts';
import type { Conversation, ConversationTable } from '../state/conversations.ts';
import { encodeUtf8 } from '../text/utf8.ts';
import { ByteText } from './byte-text.ts';
import type { PlainFrame } from './plain-frame.ts';

/** Room of the addresses: two of 39 characters and an arrow; and of the ports. */
const ADDRESSES = 96;
const BOTH = 128;
/** Narrower addresses are padded, so that most lines stand below each other. */
const WIDTH = 12;
const ARROW = encodeUtf8(' → ');

/** "    10.1.0.1 → 10.1.0.2     ": as every line has them. */
export const addressColumns = (source: string, destination: string): string =>
  `${source.padStart(WIDTH)} → ${destination.padEnd(WIDTH)} `;

/** The same as bytes; addresses are plain text. */
export function writeAddresses(source: string, destination: string, out: ByteText): void {
  out.room(BOTH);
  out.spaces(WIDTH - source.length);
  out.text(source);
  out.constant(ARROW);
  out.text(destination);
  out.spaces(WIDTH - destination.length);
  out.byte(0x20);
}

export class TalkTexts {
  #owners: (Conversation | undefined)[] = [];
  #lengths = new Uint8Array(0);
  #bytes = new Uint8Array(0);
  readonly #text = new ByteText(BOTH);

  /** Which texts the packet has whose conversation was sought last in the table. */
  find(table: ConversationTable, conversation: Conversation, bytes: Uint8Array, frame: PlainFrame): number {
    if (this.#owners.length !== 2 * table.entries) this.#resize(2 * table.entries);
    const which = 2 * table.entry + (table.forward ? 0 : 1);
    if (this.#owners[which] !== conversation) {
      this.#owners[which] = conversation;
      this.#make(which, bytes, frame);
    }
    return which;
  }

  #resize(texts: number): void {
    this.#owners = new Array(texts).fill(undefined);
    this.#lengths = new Uint8Array(2 * texts);
    this.#bytes = new Uint8Array(BOTH * texts);
  }

  addresses(which: number, out: ByteText): void {
    out.part(this.#bytes, which * BOTH, this.#lengths[2 * which]!);
  }

  /** "44240 → 443 " */
  ports(which: number, out: ByteText): void {
    out.part(this.#bytes, which * BOTH + ADDRESSES, this.#lengths[2 * which + 1]!);
  }

  #make(which: number, bytes: Uint8Array, { addresses, size, start }: PlainFrame): void {
    const address = size === 4 ? ipv4Text : ipv6Text;
    const text = this.#text;
    text.length = 0;
    writeAddresses(address(bytes, addresses), address(bytes, addresses + size), text);
    this.#keep(2 * which, which * BOTH);
    text.length = 0;
    text.number(u16(bytes, start));
    text.constant(ARROW);
    text.number(u16(bytes, start + 2));
    text.byte(0x20);
    this.#keep(2 * which + 1, which * BOTH + ADDRESSES);
  }

  #keep(which: number, at: number): void {
    this.#bytes.set(this.#text.bytes.subarray(0, this.#text.length), at);
    this.#lengths[which] = this.#text.length;
  }
}
