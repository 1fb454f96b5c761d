/** Bytes of QUIC streams put in order, for the protocol that was agreed on. What waits for those before it is bounded, over all streams of a capture. */
import { forgetOldest } from '../../../state/oldest.ts';
import type { DataSource, Dissection, Layer, Protocol } from '../../dissection.ts';
import { type Budget, budgetOf } from '../../tcp-payload.ts';
import type { Side } from './connection.ts';

const MAX_WAITING = 1 << 20;
const MAX_WAITING_IN_ALL = 64 << 20;
const MAX_CHUNKS = 1024;
const MAX_STREAMS = 4096;
const MAX_COPIED = 128;

export interface StreamMemo {
  forget(): void;
  copy(budget: Budget): StreamMemo;
}

/** One direction of a stream. */
export class QuicStream {
  readonly id: number;
  readonly #budget: Budget;
  /** Offset of what comes next. */
  #next = 0;
  #end = Number.POSITIVE_INFINITY;
  #held = 0;
  readonly #waiting = new Map<number, Uint8Array>();
  /** What the protocol above remembers. */
  memo: StreamMemo | undefined;

  constructor(id: number, budget: Budget) {
    this.id = id;
    this.#budget = budget;
  }

  /** Nothing more comes. */
  get ended(): boolean {
    return this.#next >= this.#end;
  }

  /** @returns what is next in the stream now: these bytes, or a part of them, and those that waited for them */
  add(offset: number, bytes: Uint8Array, fin: boolean): Uint8Array[] {
    if (fin) this.#end = Math.min(this.#end, offset + bytes.length);
    if (offset > this.#next) {
      this.#wait(offset, bytes);
      return [];
    }
    const parts: Uint8Array[] = [];
    const take = (from: number, part: Uint8Array) => {
      const fresh = part.subarray(Math.max(0, Math.min(part.length, this.#next - from)));
      this.#next += fresh.length;
      if (fresh.length > 0) parts.push(fresh);
    };
    take(offset, bytes);
    for (let found = this.#ready(); found; found = this.#ready()) take(...found);
    return parts;
  }

  #wait(offset: number, bytes: Uint8Array): void {
    const size = bytes.length;
    const known = this.#waiting.get(offset)?.length ?? 0;
    if (size <= known || this.#waiting.size >= MAX_CHUNKS) return;
    if (this.#held + size > MAX_WAITING || this.#budget.held + size > MAX_WAITING_IN_ALL) return;
    this.#waiting.set(offset, bytes.slice());
    this.#held += size - known;
    this.#budget.held += size - known;
  }

  #ready(): [number, Uint8Array] | undefined {
    for (const [offset, bytes] of this.#waiting) {
      if (offset > this.#next) continue;
      this.#waiting.delete(offset);
      this.#held -= bytes.length;
      this.#budget.held -= bytes.length;
      return [offset, bytes];
    }
    return undefined;
  }

  copy(budget: Budget): QuicStream {
    const copy = new QuicStream(this.id, budget);
    copy.#next = this.#next;
    copy.#end = this.#end;
    for (const [offset, bytes] of this.#waiting) copy.#wait(offset, bytes);
    copy.memo = this.memo?.copy(budget);
    return copy;
  }

  forget(): void {
    this.#budget.held -= this.#held;
    this.#held = 0;
    this.#waiting.clear();
    this.memo?.forget();
  }
}

/** Streams of one side, by id. */
export class QuicStreams {
  readonly #streams = new Map<number, QuicStream>();

  of(d: Dissection, id: number): QuicStream {
    let stream = this.#streams.get(id);
    if (stream) return stream;
    forgetOldest(this.#streams, MAX_STREAMS, (old) => {
      this.#streams.get(old)?.forget();
      this.#streams.delete(old);
    });
    stream = new QuicStream(id, budgetOf(d));
    this.#streams.set(id, stream);
    return stream;
  }

  /** The newest: what was said on old streams was said. */
  copy(budget: Budget): QuicStreams {
    const copy = new QuicStreams();
    for (const [id, stream] of [...this.#streams].slice(-MAX_COPIED)) copy.#streams.set(id, stream.copy(budget));
    return copy;
  }

  forget(): void {
    for (const stream of this.#streams.values()) stream.forget();
    this.#streams.clear();
  }
}

/** What a protocol above takes of a stream in one packet; the layer that shows it finds it by its source and its place. */
export interface StreamUnit {
  source: DataSource;
  start: number;
  end: number;
  stream: number;
  side: Side;
  facts: unknown;
}

/** A protocol over QUIC streams: takes fresh bytes, and says which of them make a layer. */
export interface StreamProtocol {
  protocol: Protocol;
  /**
   * @param fresh where the bytes lie when they are just those of the packet, else they are in `parts`
   * @returns undefined when nothing is whole yet
   */
  take(at: StreamPlace, stream: QuicStream, fresh: FreshBytes): StreamUnit | undefined;
  /** What the Info column says behind the stream. */
  info(facts: unknown): string[];
}

export interface StreamPlace {
  d: Dissection;
  layer: Layer;
  side: Side;
  /** Of the connection: what the protocol keeps there. */
  own<T extends { copy(): unknown }>(make: () => T): T;
}

export interface FreshBytes {
  parts: readonly Uint8Array[];
  plain: DataSource;
  at: number;
}

/** By the names that are agreed on (ALPN). Registered by the protocols, which import this. */
const BY_ALPN = new Map<string, StreamProtocol>();
export function bindStreams(names: readonly string[], protocol: StreamProtocol): void {
  for (const name of names) BY_ALPN.set(name, protocol);
}
export const streamProtocol = (alpn: string | undefined): StreamProtocol | undefined =>
  alpn === undefined ? undefined : BY_ALPN.get(alpn);
