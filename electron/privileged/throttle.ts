/**
 * Takes work no faster than a token bucket allows. What is over the rate waits in `items`, in order, and the source is
 * told to pause meanwhile, so that memory is bounded by what one read of the source brings.
 */
export interface ThrottleOptions<T> {
  perSecond: number;
  burst: number;
  handle(item: T): void;
  pause(): void;
  resume(): void;
  /** Milliseconds, monotonic. */
  now?(): number;
}

export class Throttle<T> {
  readonly #options: ThrottleOptions<T>;
  readonly #now: () => number;
  #items: T[] = [];
  #tokens: number;
  #lastMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ThrottleOptions<T>) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#tokens = options.burst;
    this.#lastMs = this.#now();
  }

  push(item: T): void {
    this.#items.push(item);
    if (this.#timer === undefined) this.#work();
  }

  /** Drops what waits. */
  close(): void {
    clearTimeout(this.#timer);
    this.#items = [];
  }

  #work(): void {
    const { perSecond, burst, handle } = this.#options;
    const now = this.#now();
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#lastMs) * perSecond) / 1000);
    this.#lastMs = now;
    while (this.#items.length > 0 && this.#tokens >= 1) {
      this.#tokens -= 1;
      handle(this.#items.shift()!);
    }
    const paused = this.#timer !== undefined;
    this.#timer = undefined;
    if (this.#items.length > 0) {
      if (!paused) this.#options.pause();
      this.#timer = setTimeout(() => this.#work(), 1000 / perSecond + 1);
    } else if (paused) this.#options.resume();
  }
}
