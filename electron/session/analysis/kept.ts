/** A few things that cost work to make, by name: those asked for last are kept, the others ended. */
export class Kept<T extends { end(): void }> {
  readonly #most: number;
  readonly #things = new Map<string, T>();

  constructor(most: number) {
    this.#most = most;
  }

  get(name: string, make: () => T): T {
    const thing = this.#things.get(name) ?? make();
    this.#things.delete(name);
    this.#things.set(name, thing);
    for (const [old, unused] of this.#things) {
      if (this.#things.size <= this.#most) break;
      unused.end();
      this.#things.delete(old);
    }
    return thing;
  }

  /** As it is: it is not used. */
  peek(name: string): T | undefined {
    return this.#things.get(name);
  }

  drop(which: (thing: T) => boolean): void {
    for (const [name, thing] of this.#things) {
      if (!which(thing)) continue;
      thing.end();
      this.#things.delete(name);
    }
  }

  end(): void {
    for (const thing of this.#things.values()) thing.end();
    this.#things.clear();
  }
}
