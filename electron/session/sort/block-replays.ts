/**
 * Rows of a sorted list lie anywhere in their conversations. What a window of them has to go through of a long one may take longer than an answer may: then
 * it is kept for when the window is asked for again, apart from that of every other window, which would begin it anew.
 */
import type { Replays } from '../analysis/analysis.ts';

/** Those of the screen, and one ahead and one behind. */
const KEPT = 4;

export class BlockReplays {
  readonly #blocks = new Map<number, Replays>();
  #of = '';

  /** @param of what the windows are of: of another list nothing is kept */
  at(start: number, of: string): Replays {
    if (of !== this.#of) this.#blocks.clear();
    this.#of = of;
    const known = this.#blocks.get(start) ?? new Map();
    this.#blocks.delete(start);
    this.#blocks.set(start, known);
    if (this.#blocks.size > KEPT) this.#blocks.delete(this.#blocks.keys().next().value!);
    return known;
  }

  /** The window was answered whole. */
  done(start: number): void {
    this.#blocks.delete(start);
  }
}
