/**
 * Filters compiled on a thread of their own, started at the first one. A question that is still being worked on when the next one comes is
 * given up: its answer is of no use any more, and it may be waiting for a name server.
 */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FilterCheck } from '../../shared/api.ts';
import type { CompiledFilter } from '../../shared/capture.ts';
import { type ErrorData, XdpeekError } from '../../shared/errors.ts';
import { findLayout } from '../layout.ts';
import { checkFilter, compileFilter } from './index.ts';

export interface Question {
  id: number;
  kind: 'check' | 'compile';
  text: string;
  linkTypes: readonly number[];
}
/** Instead of a question: no more will come. */
export type End = 'end';
export type Answer = { id: number; value: FilterCheck | CompiledFilter } | { id: number; error: ErrorData };

interface Waiting extends Question {
  resolve(value: FilterCheck | CompiledFilter): void;
  reject(error: Error): void;
}

export class FilterCompiler {
  #worker: Worker | undefined;
  #waiting: Waiting[] = [];
  #nextId = 1;
  /** A host without threads: better a pause than no filter. */
  #threadless = false;

  /** Rejects (SUPERSEDED) when another question came before it was answered. */
  check(text: string, linkTypes: readonly number[]): Promise<FilterCheck> {
    return this.#ask('check', text, linkTypes) as Promise<FilterCheck>;
  }

  /** Rejects (FILTER) as compileFilter throws. */
  compile(text: string, linkTypes: readonly number[]): Promise<CompiledFilter> {
    return this.#ask('compile', text, linkTypes) as Promise<CompiledFilter>;
  }

  close(): void {
    this.#leave();
    this.#fail(this.#waiting.splice(0), { code: 'CLOSED', message: 'the session has ended' });
  }

  #ask(kind: Question['kind'], text: string, linkTypes: readonly number[]): Promise<FilterCheck | CompiledFilter> {
    const given = this.#waiting.filter((each) => each.kind === 'check');
    if (given.length > 0 && given.length === this.#waiting.length) {
      this.#leave();
      this.#waiting = [];
      this.#fail(given, { code: 'SUPERSEDED', message: 'another filter was asked about meanwhile' });
    }
    if (this.#threadless) return this.#here(kind, text, linkTypes);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id, kind, text, linkTypes, resolve, reject });
      this.#running().postMessage({ id, kind, text, linkTypes } satisfies Question);
    });
  }

  /** The thread ends when it is through, and nobody waits for it. A thread that is terminated in native code takes the whole process along. */
  #leave(): void {
    this.#worker?.postMessage('end' satisfies End);
    this.#worker = undefined;
  }

  #running(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(path.join(findLayout().dist, 'session/filter-worker.mjs'));
    this.#worker = worker;
    worker.unref();
    worker.on('message', (answer: Answer) => this.#answered(answer));
    worker.on('error', () => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#threadless = true;
      for (const { kind, text, linkTypes, resolve, reject } of this.#waiting.splice(0))
        this.#here(kind, text, linkTypes).then(resolve, reject);
    });
    return worker;
  }

  async #here(
    kind: Question['kind'],
    text: string,
    linkTypes: readonly number[],
  ): Promise<FilterCheck | CompiledFilter> {
    return kind === 'check' ? checkFilter(text, linkTypes) : compileFilter(text, linkTypes);
  }

  #answered(answer: Answer): void {
    const at = this.#waiting.findIndex(({ id }) => id === answer.id);
    const [waiting] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (!waiting) return;
    if ('error' in answer) waiting.reject(new XdpeekError(answer.error));
    else waiting.resolve(answer.value);
  }

  #fail(waiting: readonly Waiting[], error: ErrorData): void {
    for (const { reject } of waiting) reject(new XdpeekError(error));
  }
}
