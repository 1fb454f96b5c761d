/**
 * The analysis.* methods, answered by a scan thread where it can: it walks over the packets, and the session only passes on what it is asked. Small
 * captures, and what a thread does not know of (see isParallel), are the session's own.
 */
import { DisplayFilter, FilterError } from '../../packets/filter/index.ts';
import { IoGraph } from '../../packets/stats/io-graph.ts';
import type { AnalysisMethods } from '../../shared/analysis.ts';
import { XdpeekError } from '../../shared/errors.ts';
import { type AnalysisHost, analysisHandlers } from '../analysis/handlers.ts';
import type { AnalysedTable } from '../rows.ts';
import type { FromScanner, StatQuestion } from './messages.ts';
import { isParallel } from './parallel-filter.ts';
import { type ScanClient, type ScanPool, scanPool } from './pool.ts';

/** The thread is gone, or cannot. */
class Lost extends Error {}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

export class ThreadedStatistics implements ScanClient {
  readonly #table: AnalysedTable;
  readonly #onProgress: () => void;
  readonly #pool: ScanPool;
  readonly #job: number;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #chunksGiven = 0;
  #over = false;

  /** Undefined when there are no threads. */
  static start(table: AnalysedTable, onProgress: () => void): ThreadedStatistics | undefined {
    const pool = scanPool();
    return pool && new ThreadedStatistics(table, onProgress, pool);
  }

  private constructor(table: AnalysedTable, onProgress: () => void, pool: ScanPool) {
    this.#table = table;
    this.#onProgress = onProgress;
    this.#pool = pool;
    this.#job = pool.enter(this);
    const file = `/proc/${process.pid}/fd/${table.source.fd}`;
    pool.tell(this.#thread, { kind: 'statistics', job: this.#job, file, pcapng: table.pcapng });
    table.ended.addEventListener('abort', () => this.end(), { once: true });
  }

  get over(): boolean {
    return this.#over;
  }

  ask(question: StatQuestion, generation: number): Promise<unknown> {
    const { store, interfaces } = this.#table;
    const { count, baseNs } = store;
    const chunks = store.chunksFrom(this.#chunksGiven);
    this.#chunksGiven += chunks.offset.length;
    const number = this.#asked++;
    const news = { count, baseNs, chunks, interfaces: [...interfaces], generation };
    this.#pool.tell(this.#thread, { kind: 'ask', job: this.#job, number, question, news });
    return new Promise((resolve, reject) => this.#waiting.set(number, { resolve, reject }));
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#pool.leave(this.#job);
    if (!this.#pool.broken) this.#pool.tell(this.#thread, { kind: 'end', job: this.#job });
    for (const { reject } of this.#waiting.values()) reject(new Lost());
    this.#waiting.clear();
  }

  heard(message: FromScanner): void {
    switch (message.kind) {
      case 'progressed':
        this.#onProgress();
        return;
      case 'answered':
        this.#take(message.number)?.resolve(message.answer);
        return;
      case 'refused':
        this.#take(message.number)?.reject(new XdpeekError(message.error));
        return;
      case 'failed':
        this.end();
    }
  }

  lost(): void {
    this.end();
  }

  get #thread(): number {
    return this.#job % this.#pool.threads.length;
  }

  #take(number: number): Waiting | undefined {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    return waiting;
  }
}

/** Names that a statistic asks packets for; undefined: it is none, and whoever is asked will say why. */
function fieldsOf({ method, params }: StatQuestion): ReadonlySet<string> | undefined {
  try {
    if (method === 'analysis.io')
      return new Set([...new IoGraph(params.lines, 1e9).fields, ...params.lines.flatMap(({ field }) => field ?? [])]);
    const text = 'filter' in params ? params.filter.trim() : '';
    return text === '' ? new Set() : new DisplayFilter(text).fields;
  } catch (error) {
    if (error instanceof FilterError) return undefined;
    throw error;
  }
}

type Handlers = { [M in keyof AnalysisMethods]: (params: AnalysisMethods[M][0]) => Promise<AnalysisMethods[M][1]> };

export function threadedStatistics(host: AnalysisHost): Handlers {
  const own = analysisHandlers(host);
  const byTable = new WeakMap<AnalysedTable, ThreadedStatistics>();

  const threadFor = (question: StatQuestion): ThreadedStatistics | undefined => {
    const table = host.table();
    const known = byTable.get(table);
    // One that failed is not begun again.
    if (known?.over || table.ended.aborted) return undefined;
    const fields = fieldsOf(question);
    if (!fields || !isParallel(table, { fields })) return undefined;
    const started = known ?? ThreadedStatistics.start(table, () => host.onProgress());
    if (started) byTable.set(table, started);
    return started;
  };

  const answer = async (question: StatQuestion): Promise<unknown> => {
    const thread = threadFor(question);
    if (thread) {
      try {
        return await thread.ask(question, host.generation());
      } catch (error) {
        if (!(error instanceof Lost)) throw error;
      }
    }
    return (own[question.method] as (params: unknown) => unknown)(question.params);
  };

  const methods = Object.keys(own) as (keyof AnalysisMethods)[];
  return Object.fromEntries(
    methods.map((method) => [method, (params: unknown) => answer({ method, params } as StatQuestion)]),
  ) as unknown as Handlers;
}
