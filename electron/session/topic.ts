/**
 * A value that many watch: a subscriber gets the present one at once, then at most ten a second if no other period is given. Only the latest is ever
 * worked out and delivered; changes in between leave no trace.
 */
const MIN_PERIOD_MS = 100;

export class Topic<T> {
  readonly #read: () => T | undefined;
  readonly #listeners = new Set<(value: T) => void>();
  readonly #onAudience: (someone: boolean) => void;
  readonly #periodMs: number;
  #timer: NodeJS.Timeout | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** @param read the present value, undefined while there is none. `onAudience` hears when the first comes and the last goes. */
  constructor(read: () => T | undefined, onAudience: (someone: boolean) => void = () => {}, periodMs = MIN_PERIOD_MS) {
    this.#periodMs = periodMs;
    this.#read = read;
    this.#onAudience = onAudience;
  }

  subscribe(listener: (value: T) => void): () => void {
    const own = (value: T) => listener(value);
    this.#listeners.add(own);
    if (this.#listeners.size === 1) this.#onAudience(true);
    const now = this.#read();
    if (now !== undefined) listener(now);
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.#onAudience(false);
    };
  }

  /** The value is another one now. */
  changed(): void {
    if (this.#timer !== undefined || this.#listeners.size === 0) return;
    const waitMs = Math.max(0, this.#lastMs + this.#periodMs - performance.now());
    // A timer leaves out the fraction of its time.
    this.#timer = setTimeout(() => this.#deliver(), Math.ceil(waitMs));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #deliver(): void {
    this.#timer = undefined;
    this.#lastMs = performance.now();
    const value = this.#read();
    if (value !== undefined) for (const listener of this.#listeners) listener(value);
  }
}
