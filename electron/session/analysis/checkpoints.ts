/**
 * Where long connections can be entered in their middle: now and then the background walk writes down what a connection's protocols need to go on (keys, the
 * numbers of records, tables of header fields). Bounded: where there is too much, every other one goes and they are taken half as often.
 */
import { Checkpoint } from '../../packets/state/checkpoint.ts';
import type { Conversation } from '../../packets/state/conversations.ts';

/** Packets of a conversation. */
const EVERY = 4096;
const MAX_BYTES = 32 << 20;

export interface Entry {
  /** The last that is in it. */
  readonly row: number;
  readonly checkpoint: Checkpoint;
}

export class Checkpoints {
  readonly #byGroup = new Map<number, Entry[]>();
  /** Packets that each conversation which keeps something has had. */
  readonly #passed = new Map<number, number>();
  #every: number;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(every = EVERY, maxBytes = MAX_BYTES) {
    this.#every = every;
    this.#maxBytes = maxBytes;
  }

  /** Memory that they have, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A packet of the conversation went by. */
  passed(row: number, conversation: Conversation | undefined): void {
    if (!conversation || conversation.isBare) return;
    const { group } = conversation;
    const count = (this.#passed.get(group) ?? 0) + 1;
    this.#passed.set(group, count);
    if (count % this.#every !== 0) return;
    const checkpoint = Checkpoint.of(conversation);
    if (!checkpoint) return;
    const entries = this.#byGroup.get(group) ?? [];
    entries.push({ row, checkpoint });
    this.#byGroup.set(group, entries);
    this.#bytes += checkpoint.bytes;
    if (this.#bytes > this.#maxBytes) this.#thin();
  }

  /** The last one before a row. */
  before(row: number, group: number): Entry | undefined {
    return this.#byGroup.get(group)?.findLast((entry) => entry.row < row);
  }

  #thin(): void {
    this.#every *= 2;
    this.#bytes = 0;
    for (const [group, entries] of this.#byGroup) {
      const kept = entries.filter((_, i) => i % 2 === 1);
      if (kept.length === 0) this.#byGroup.delete(group);
      else this.#byGroup.set(group, kept);
      for (const { checkpoint } of kept) this.#bytes += checkpoint.bytes;
    }
  }
}
