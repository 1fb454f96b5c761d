/** Statistics of a capture: each a walk over its packets in the background, kept while somebody asks for it. */
import { DisplayFilter } from '../../packets/filter/index.ts';
import { Follow } from '../../packets/stats/follow.ts';
import { IoGraph } from '../../packets/stats/io-graph.ts';
import { Overview } from '../../packets/stats/overview.ts';
import type { Stat } from '../../packets/stats/stat.ts';
import { TcpStream } from '../../packets/stats/tcp-stream.ts';
import type { FollowKind, IoLine } from '../../shared/analysis.ts';
import type { PacketTable } from '../rows.ts';
import { Kept } from './kept.ts';
import { orFilterError } from './views.ts';
import { Walk } from './walk.ts';

const KEPT = 2;

/** A statistic and the walk that fills it. */
export interface Running<S> {
  /** Names of the fields that it asks for. */
  readonly fields: ReadonlySet<string>;
  readonly stat: S;
  readonly walk: Walk;
  end(): void;
}

export class Statistics {
  readonly #table: PacketTable;
  readonly #overviews = new Kept<Running<Overview>>(KEPT);
  readonly #graphs = new Kept<Running<IoGraph>>(KEPT);
  readonly #follows = new Kept<Running<Follow>>(KEPT);
  readonly #streams = new Kept<Running<TcpStream>>(KEPT);

  constructor(table: PacketTable) {
    this.#table = table;
  }

  /** Of the packets that a display filter lets through ('' = all). Rejects with code FILTER. */
  overview(text: string): Running<Overview> {
    const filter = text.trim();
    return this.#overviews.get(filter, () => this.#start(new Overview(), filter));
  }

  io(lines: readonly IoLine[], intervalNs: number): Running<IoGraph> {
    return this.#graphs.get(JSON.stringify([lines, intervalNs]), () => {
      const stat = orFilterError(() => new IoGraph(lines, intervalNs));
      const walk = new Walk(this.#table, stat.fields, (d, frame) => {
        stat.see(d, frame);
        return true;
      });
      return { stat, walk, fields: new Set(stat.fields), end: () => walk.end() };
    });
  }

  follow(kind: FollowKind, stream: number): Running<Follow> {
    return this.#follows.get(`${kind} ${stream}`, () => this.#start(new Follow(kind, stream), ''));
  }

  tcp(stream: number): Running<TcpStream> {
    return this.#streams.get(String(stream), () => this.#start(new TcpStream(stream), ''));
  }

  /** What asks for one of these fields begins anew. */
  forget(fields: readonly string[]): void {
    const asks = (running: Running<unknown>) => fields.some((name) => running.fields.has(name));
    this.#overviews.drop(asks);
    this.#graphs.drop(asks);
  }

  end(): void {
    this.#overviews.end();
    this.#graphs.end();
    this.#follows.end();
    this.#streams.end();
  }

  #start<S extends Stat>(stat: S, text: string): Running<S> {
    const filter = text === '' ? undefined : orFilterError(() => new DisplayFilter(text));
    const walk = new Walk(this.#table, filter?.fields ?? [], (d, frame) => {
      if (filter && !filter.test(d, frame)) return false;
      stat.see({ d, number: frame.number, timeNs: frame.timeNs });
      return true;
    });
    return { stat, walk, fields: filter?.fields ?? new Set(), end: () => walk.end() };
  }
}
