/** The interfaces topic: all interfaces with their counters, once a second while somebody listens. */
import type { InterfaceInfo } from '../shared/capture.ts';
import type { PrivilegedAccess } from './privileged/access.ts';
import { Topic } from './topic.ts';

const PERIOD_MS = 1000;

export class InterfaceWatch {
  readonly topic: Topic<InterfaceInfo[]>;
  readonly #access: PrivilegedAccess;
  #latest: InterfaceInfo[] | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(access: PrivilegedAccess) {
    this.#access = access;
    this.topic = new Topic(
      () => this.#latest,
      (someone) => (someone ? this.#start() : this.#stop()),
    );
  }

  /** Of this network namespace and of all under /run/netns. */
  async list(): Promise<InterfaceInfo[]> {
    const observer = await this.#access.observer();
    this.#latest = await observer.request('interfaces', { netns: '*' });
    return this.#latest;
  }

  close(): void {
    this.#stop();
    this.topic.close();
  }

  #start(): void {
    this.#latest = undefined;
    this.#timer = setInterval(() => void this.#tick(), PERIOD_MS);
    void this.#tick();
  }

  #stop(): void {
    clearInterval(this.#timer);
  }

  #busy = false;
  async #tick(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      await this.list();
      this.topic.changed();
    } catch {
      // The observer is gone; the next tick starts another, and `interfaces.list` tells who asks.
    } finally {
      this.#busy = false;
    }
  }
}
