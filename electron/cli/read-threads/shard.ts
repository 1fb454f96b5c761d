/** One thread of `read`, from outside: its memory, and how far it is. */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { doneAt, type Lines, type Moved, makeLines, type News, type ReaderData, SLOTS, stoppedAt } from './messages.ts';

export class Shard {
  /** What it printed, by slot. */
  readonly lines: readonly Lines[];
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #control: Int32Array;
  readonly #shard: number;

  constructor(script: string, data: Omit<ReaderData, 'lines' | 'port'>, pieceBytes: number) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#port.unref();
    this.#control = data.control;
    this.#shard = data.shard;
    this.lines = Array.from({ length: SLOTS }, () => makeLines(pieceBytes));
    const workerData: ReaderData = { ...data, lines: this.lines, port: port2 };
    // It has nothing to say; as streams of ours its outputs would make standard output non-blocking.
    this.#worker = new Worker(script, { workerData, transferList: [port2], stdout: true, stderr: true });
    // Whatever ails it: one thread will tell.
    this.#worker.on('error', () => this.#stop());
    this.#worker.on('exit', () => this.#stop());
  }

  tell(news: News): void {
    this.#port.postMessage(news);
  }

  /** Waits until it has looked at so many pieces. Returns false when it stopped before, or there. */
  async reached(pieces: number): Promise<boolean> {
    const at = doneAt(this.#shard);
    const isStopped = () => Atomics.load(this.#control, stoppedAt(this.#shard)) !== 0;
    let done = Atomics.load(this.#control, at);
    for (; done < pieces && !isStopped(); done = Atomics.load(this.#control, at))
      await Atomics.waitAsync(this.#control, at, done).value;
    this.#takeMoved();
    return isStopped() ? Atomics.load(this.#control, at) > pieces : true;
  }

  #takeMoved(): void {
    for (let moved = receiveMessageOnPort(this.#port); moved; moved = receiveMessageOnPort(this.#port)) {
      const { slot, text } = moved.message as Moved;
      this.lines[slot]!.text = text;
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #stop(): void {
    Atomics.store(this.#control, stoppedAt(this.#shard), 1);
    Atomics.notify(this.#control, doneAt(this.#shard));
  }
}
