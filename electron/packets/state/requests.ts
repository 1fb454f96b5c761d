/** Requests that wait for their answers, by whatever tells them apart. Bounded: the oldest goes when there are too many. */
import type { PacketContext } from './context.ts';
import { forgetOldest } from './oldest.ts';

const MAX_WAITING = 65_536;

export interface Answered {
  /** Frame of the request. */
  number: number;
  /** From request to answer. */
  sinceNs: number;
}

export class RequestTable {
  readonly #waiting = new Map<string, { number: number; timeNs: number }>();

  /**
   * Remembers the packet at hand. Returns the frame of the same request when it was asked already.
   * @param again what is asked again counts from then
   */
  ask(key: string, { number, timeNs }: PacketContext, again = false): number | undefined {
    const before = this.#waiting.get(key);
    if (before && !again) return before.number;
    forgetOldest(this.#waiting, MAX_WAITING);
    this.#waiting.set(key, { number, timeNs });
    return undefined;
  }

  /** @param last no further answer is expected: the key may be used again */
  answer(key: string, { timeNs }: PacketContext, last = true): Answered | undefined {
    const found = this.#waiting.get(key);
    if (!found) return undefined;
    if (last) this.#waiting.delete(key);
    return { number: found.number, sinceNs: timeNs - found.timeNs };
  }
}
