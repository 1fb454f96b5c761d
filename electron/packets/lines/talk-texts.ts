/**
 * What the lines of a conversation's packets have alike in one direction: both addresses, and both ports. Made once, kept while the conversation keeps
 * its place in the table.
 */
import { u16 } from '../dissect/bytes.ts';
import { ipv4Text, ipv6Text } from '../dissect/text.ts';
import { type Conversation, type ConversationTable, PLACES } from '../state/conversations.ts';
import { ByteText } from './byte-text.ts';
import type { PlainFrame } from './plain-frame.ts';

/** Room of the addresses: two of 39 characters and an arrow; and of the ports. */
const ADDRESSES = 96;
const BOTH = 128;
/** Narrower addresses are padded, so that most lines stand below each other. */
const WIDTH = 12;

/** "10.1.0.1 →    10.1.0.2    ": as every line has them. */
export const addressColumns = (source: string, destination: string): string =>
  `${source.padStart(WIDTH)} → ${destination.padEnd(WIDTH)} `;

export class TalkTexts {
  readonly #owners: (Conversation | undefined)[] = new Array(2 * PLACES).fill(undefined);
  readonly #lengths = new Uint8Array(2 * 2 * PLACES);
  readonly #bytes = new Uint8Array(2 * BOTH * PLACES);
  readonly #text = new ByteText(BOTH);

  /** Which texts the packet has whose conversation was sought last in the table. */
  find(table: ConversationTable, conversation: Conversation, bytes: Uint8Array, frame: PlainFrame): number {
    const which = 2 * table.place + (table.forward ? 0 : 1);
    if (this.#owners[which] !== conversation) {
      this.#owners[which] = conversation;
      this.#make(which, bytes, frame);
    }
    return which;
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
    const columns = addressColumns(address(bytes, addresses), address(bytes, addresses + size));
    this.#keep(2 * which, which * BOTH, columns);
    this.#keep(2 * which + 1, which * BOTH + ADDRESSES, `${u16(bytes, start)} → ${u16(bytes, start + 2)} `);
  }

  #keep(which: number, at: number, text: string): void {
    this.#text.length = 0;
    this.#text.text(text);
    this.#bytes.set(this.#text.bytes.subarray(0, this.#text.length), at);
    this.#lengths[which] = this.#text.length;
  }
}
