/**
 * State over the packets of one capture, in the order they are dissected: conversations, what is being reassembled, what requests wait for
 * their answers. Packets must come in order and once. Everything that grows is bounded.
 *
 * Packets that share state form a group (a conversation, the fragments of a datagram): to know again what the state was at a packet, it is enough
 * to dissect the packets of its group up to it.
 */
import type { DecodeAs } from '../dissect/decode-as.ts';
import { type Conversation, ConversationTable } from './conversations.ts';
import { FragmentTable } from './fragments.ts';
import { MediaTable } from './media.ts';
import { forgetOldest } from './oldest.ts';
import { Secrets } from './secrets.ts';

const MAX_NAMED = 100_000;

export class CaptureState {
  readonly tcp: ConversationTable;
  readonly udp: ConversationTable;
  readonly fragments = new FragmentTable();
  /** What opens encrypted conversations; shared by all states of a capture. */
  readonly secrets: Secrets;
  /** Where media was promised; shared as the secrets are. */
  readonly media: MediaTable;
  /** Group of the packet at hand; 0 = it stands alone. Whoever dissects sets it to 0 before each packet. */
  group = 0;
  /** By group; holes where it is no conversation. */
  readonly conversations: (Conversation | undefined)[] = [];
  #groups = 0;
  readonly #named = new Map<string, number>();
  /** One object a protocol, made when first asked for. */
  readonly #own = new Map<unknown, unknown>();
  #beyondPairs = false;

  /** What the user chose for keys of this capture. */
  readonly decodeAs: DecodeAs | undefined;

  /** @param index number of the first conversation: that of the capture, when only one is dissected again */
  constructor(index = 0, decodeAs?: DecodeAs, secrets = new Secrets(), media = new MediaTable()) {
    this.media = media;
    this.secrets = secrets;
    this.decodeAs = decodeAs;
    this.tcp = new ConversationTable(index);
    this.udp = new ConversationTable(index);
  }

  /** The packet at hand belongs to this conversation. The first group that claims a packet has it. */
  join(conversation: Conversation): void {
    if (conversation.group === 0) {
      conversation.group = ++this.#groups;
      this.conversations[conversation.group] = conversation;
    }
    if (this.group === 0) this.group = conversation.group;
  }

  /** As `join`, for what has a name and no conversation. */
  joinNamed(name: string): void {
    if (this.group !== 0) return;
    let group = this.#named.get(name);
    if (group === undefined) {
      forgetOldest(this.#named, MAX_NAMED);
      group = ++this.#groups;
      this.#named.set(name, group);
    }
    this.group = group;
  }

  /** Whether packets told of others with other addresses (address-pairs.ts). */
  get beyondPairs(): boolean {
    return this.#beyondPairs || !this.media.empty || !this.media.transfers.empty;
  }

  /** As `of`, for what ties together packets whose addresses differ. */
  ofAll<T>(owner: unknown, make: () => T): T {
    this.#beyondPairs = true;
    return this.of(owner, make);
  }

  of<T>(owner: unknown, make: () => T): T {
    let found = this.#own.get(owner) as T | undefined;
    if (found === undefined) {
      found = make();
      this.#own.set(owner, found);
    }
    return found;
  }
}
