/**
 * State over the packets of one capture, in the order they are dissected: conversations, what is being reassembled, what requests wait for
 * their answers. Packets must come in order and once. Everything that grows is bounded.
 */
import { ConversationTable } from './conversations.ts';
import { FragmentTable } from './fragments.ts';

export class CaptureState {
  readonly tcp = new ConversationTable();
  readonly udp = new ConversationTable();
  readonly fragments = new FragmentTable();
  /** One object a protocol, made when first asked for. */
  readonly #own = new Map<unknown, unknown>();

  of<T>(owner: unknown, make: () => T): T {
    let found = this.#own.get(owner) as T | undefined;
    if (found === undefined) {
      found = make();
      this.#own.set(owner, found);
    }
    return found;
  }
}
