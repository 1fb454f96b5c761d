/**
 * Conversations that were found last, by their ends, so that for most packets no key must be made. Entries are filled one after the other, and a table
 * leads to them by hash: what is asked for nearly every packet lies close together in memory.
 */
import { END_WORDS, type Ends } from './conversation-ends.ts';

/** Entries at first, and at most: then the oldest is overwritten. */
const FEWEST = 1 << 5;
const MOST = 1 << 14;
const PLACES_EACH = 4;
/** Words of an entry: its ends, and their hash. */
const WORDS = END_WORDS + 1;

export class Recent<T extends { over: boolean }> {
  /** Entry of what was found or put last. */
  entry = 0;
  #places = new Int32Array(FEWEST * PLACES_EACH);
  #words = new Int32Array(FEWEST * WORDS);
  #entries: (T | undefined)[] = new Array(FEWEST).fill(undefined);
  #next = 0;

  /** How many entries there are now. */
  get capacity(): number {
    return this.#entries.length;
  }

  find(ends: Ends): T | undefined {
    const entry = this.#places[ends.hash & (this.#places.length - 1)]! - 1;
    if (entry < 0 || !ends.are(this.#words, entry * WORDS)) return undefined;
    const found = this.#entries[entry]!;
    if (found.over) return undefined;
    this.entry = entry;
    return found;
  }

  put(ends: Ends, conversation: T): void {
    if (this.#next === this.capacity) {
      if (this.capacity < MOST) this.#grow();
      else this.#next = 0;
    }
    const entry = this.#next++;
    this.#entries[entry] = conversation;
    ends.write(this.#words, entry * WORDS);
    this.#words[entry * WORDS + END_WORDS] = ends.hash;
    this.#places[ends.hash & (this.#places.length - 1)] = entry + 1;
    this.entry = entry;
  }

  #grow(): void {
    const words = this.#words;
    const capacity = 2 * this.capacity;
    this.#entries.push(...new Array(capacity - this.capacity).fill(undefined));
    this.#words = new Int32Array(capacity * WORDS);
    this.#words.set(words);
    this.#places = new Int32Array(capacity * PLACES_EACH);
    for (let entry = 0; entry < this.#next; entry++)
      this.#places[words[entry * WORDS + END_WORDS]! & (this.#places.length - 1)] = entry + 1;
  }
}
