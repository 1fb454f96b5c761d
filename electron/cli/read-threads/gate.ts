/** A count that grows, and whoever waits for it to have grown. */
export class Gate {
  count = 0;
  isClosed = false;
  #waiting: (() => void)[] = [];

  /** Whether it reaches `count`: false when it was closed before. */
  async reaches(count: number): Promise<boolean> {
    while (this.count < count && !this.isClosed) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.count >= count;
  }

  advance(): void {
    this.count++;
    this.#wake();
  }

  /** It does not grow any more. */
  close(): void {
    this.isClosed = true;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
