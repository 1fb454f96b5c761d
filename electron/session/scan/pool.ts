/** The scan threads of this process: started at the first scan, shared by all captures. They keep no process alive. */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { findLayout } from '../layout.ts';
import type { FromScanner, ToScanner } from './messages.ts';

const MOST_THREADS = 4;

export interface ScanClient {
  /** From which thread. */
  heard(message: FromScanner): void;
  /** The threads are gone. */
  lost(): void;
}

class ScanPool {
  readonly threads: readonly Worker[];
  readonly #clients = new Map<number, ScanClient>();
  #nextJob = 1;
  broken = false;

  constructor(script: string) {
    const count = Math.max(1, Math.min(MOST_THREADS, availableParallelism()));
    this.threads = Array.from({ length: count }, () => new Worker(script));
    for (const thread of this.threads) {
      thread.on('message', (message: FromScanner) => this.#clients.get(message.job)?.heard(message));
      thread.on('error', () => this.#break());
      thread.on('exit', () => this.#break());
      // Last: to listen is to keep the process alive.
      thread.unref();
    }
  }

  enter(client: ScanClient): number {
    const job = this.#nextJob++;
    this.#clients.set(job, client);
    return job;
  }

  leave(job: number): void {
    this.#clients.delete(job);
  }

  /** @param given memory that is the thread's from now on */
  tell(thread: number, message: ToScanner, given: readonly ArrayBuffer[] = []): void {
    this.threads[thread]!.postMessage(message, [...given]);
  }

  #break(): void {
    if (this.broken) return;
    this.broken = true;
    for (const thread of this.threads) void thread.terminate();
    for (const client of [...this.#clients.values()]) client.lost();
    this.#clients.clear();
  }
}

let pool: ScanPool | undefined;
let threadless = false;

/** Undefined on a host without threads. */
export function scanPool(): ScanPool | undefined {
  if (threadless || pool?.broken) return undefined;
  try {
    pool ??= new ScanPool(path.join(findLayout().dist, 'session/scan-worker.mjs'));
  } catch {
    threadless = true;
  }
  return pool;
}

export type { ScanPool };
