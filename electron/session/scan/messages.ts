/** What the session and its scan threads tell each other. Columns are on shared memory: what is sent are views of it. */
import type { SortedRows } from '../../packets/order/sorted-rows.ts';
import type { PacketStore, SharedChunks } from '../../packets/store/packet-store.ts';
import type { AnalysisMethods } from '../../shared/analysis.ts';
import type { ErrorData } from '../../shared/errors.ts';
import type { TableInterface } from '../rows.ts';

type Columns = PacketStore['columns'];
type ChunkOf<K extends keyof Columns> = Columns[K]['chunks'][number];

/** One chunk of the table: rows `first…` */
export interface ScanChunk {
  first: number;
  baseNs: bigint | undefined;
  offset: ChunkOf<'offset'>;
  capLen: ChunkOf<'capLen'>;
  wireLen: ChunkOf<'wireLen'>;
  interfaceId: ChunkOf<'interfaceId'>;
  timeNs: ChunkOf<'timeNs'>;
}

/** What the session's table has, with the chunks that the thread was not given before. */
export interface TableNews {
  count: number;
  baseNs: bigint | undefined;
  chunks: SharedChunks;
  interfaces: readonly TableInterface[];
  generation: number;
}

/** A call of the methods that statistics are asked by. */
export type StatQuestion = {
  [M in keyof AnalysisMethods]: { method: M; params: AnalysisMethods[M][0] };
}[keyof AnalysisMethods];

export interface SortQuestion {
  by: string;
  /** Of the list, ascending; undefined = all. */
  rows: Uint32Array | undefined;
  references: readonly number[];
  pcapng: boolean;
}

export type ToScanner =
  /** `ended` turns to 1 when nobody wants the answers any more. */
  | { kind: 'begin'; job: number; file: string; text: string; ended: Int32Array }
  /** Which rows [from, to) of a chunk match by their headers, and which must be dissected. Any thread. */
  | { kind: 'scan'; job: number; chunk: ScanChunk; linkTypes: readonly number[]; from: number; to: number }
  /** Which of these rows match. In order, and all on one thread: it has the state. */
  | { kind: 'walk'; job: number; chunk: ScanChunk; linkTypes: readonly number[]; rows: Uint32Array }
  /** Statistics of a capture are to come. One thread: it keeps what it found. */
  | { kind: 'statistics'; job: number; file: string; pcapng: boolean }
  | { kind: 'ask'; job: number; number: number; question: StatQuestion; news: TableNews }
  /** Rows are to be put in order; `end` ends it. One answer. */
  | { kind: 'sort'; job: number; file: string; question: SortQuestion; news: TableNews }
  | { kind: 'end'; job: number };

/** Row numbers are those of the table. */
export type FromScanner =
  | { kind: 'scanned'; job: number; from: number; yes: Uint32Array; dissect: Uint32Array }
  | { kind: 'walked'; job: number; from: number; yes: Uint32Array }
  | { kind: 'answered'; job: number; number: number; answer: unknown }
  | { kind: 'refused'; job: number; number: number; error: ErrorData }
  /** Rows that a sort has gone through. */
  | { kind: 'sorting'; job: number; done: number }
  | { kind: 'sorted'; job: number; sorted: SortedRows }
  /** The walk of a statistic came further. */
  | { kind: 'progressed'; job: number }
  /** This thread cannot: the file, the memory. */
  | { kind: 'failed'; job: number; message: string };
