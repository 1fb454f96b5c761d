/**
 * What every MessagePipe adapter has in common: listeners, messages that arrive before the first listener (kept, in order),
 * and a close that is told exactly once, also to those who ask late.
 */
export class PipeState<In> {
  readonly #messageListeners: ((message: In) => void)[] = [];
  readonly #closeListeners: ((reason: string) => void)[] = [];
  #early: In[] = [];
  #closed: string | undefined;

  get closed(): string | undefined {
    return this.#closed;
  }

  onMessage(listener: (message: In) => void): void {
    this.#messageListeners.push(listener);
    const early = this.#early;
    this.#early = [];
    for (const message of early) listener(message);
  }

  onClose(listener: (reason: string) => void): void {
    if (this.#closed === undefined) this.#closeListeners.push(listener);
    else listener(this.#closed);
  }

  deliver(message: In): void {
    if (this.#closed !== undefined) return;
    if (this.#messageListeners.length === 0) this.#early.push(message);
    for (const listener of this.#messageListeners) listener(message);
  }

  /** First reason wins. True if this call closed it. */
  close(reason: string): boolean {
    if (this.#closed !== undefined) return false;
    this.#closed = reason;
    this.#early = [];
    for (const listener of this.#closeListeners.splice(0)) listener(reason);
    return true;
  }
}
