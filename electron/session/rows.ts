/** Rows and details of the packet list: dissected when asked for, from bytes in the file. */

import type { DecodeAs } from '../packets/dissect/decode-as.ts';
import { dataSources, detail } from '../packets/dissect/detail.ts';
import { type Dissection, summarize } from '../packets/dissect/index.ts';
import { tcpFacts } from '../packets/dissect/protocols/tcp-facts.ts';
import { udpFacts } from '../packets/dissect/protocols/udp.ts';
import type { ObservedSide } from '../packets/pcap/observed.ts';
import { Secrets } from '../packets/state/secrets.ts';
import type { ByteSource } from '../packets/store/byte-source.ts';
import type { PacketStore } from '../packets/store/packet-store.ts';
import type { DetailNode, PacketDetail, PacketRow, RowsWindow } from '../shared/api.ts';
import { XDP_VERDICTS } from '../shared/capture.ts';
import { XdpeekError } from '../shared/errors.ts';
import type { PacketSort } from '../shared/sort.ts';
import { Analysis, type Budget, budgetOf, type Replays } from './analysis/analysis.ts';
import { Annotations } from './analysis/annotations.ts';
import { RowExtras } from './analysis/row-extras.ts';
import { type ShownList, shownList } from './analysis/shown.ts';
import { Statistics } from './analysis/statistics.ts';
import { frameOf, optionsOf, timeOf } from './analysis/table-row.ts';
import { Views } from './analysis/views.ts';
import { pairedImage } from './observed-pair.ts';
import { placeInOrder } from './sort/handlers.ts';
import { Sorts } from './sort/sorts.ts';

export interface TableInterface {
  name: string;
  linkType: number;
  /** Of an observed program, and which side of it. */
  observed?: ObservedSide;
  /** Of several that were merged: name of the file it is of. */
  file?: string;
}

export interface PacketTable {
  store: PacketStore;
  source: ByteSource;
  /** Whether packets lie in pcapng blocks, whose options can be read. */
  pcapng: boolean;
  interfaces: readonly TableInterface[];
  readonly annotations?: Annotations;
  /** The user's choice of protocols. */
  readonly decodeAs?: DecodeAs | undefined;
  /** Of the capture's own key logs and of the user's. */
  readonly secrets?: Secrets;
}

/** A table with what is worked out from it. */
export class AnalysedTable implements PacketTable {
  analysis: Analysis;
  views: Views;
  sorts: Sorts;
  statistics: Statistics;
  decodeAs: DecodeAs | undefined;
  readonly annotations = new Annotations();
  readonly secrets = new Secrets();
  readonly #ended = new AbortController();
  readonly store: PacketStore;
  readonly source: ByteSource;
  readonly interfaces: readonly TableInterface[];
  pcapng: boolean;

  constructor({ store, source, pcapng, interfaces }: PacketTable) {
    this.store = store;
    this.source = source;
    this.pcapng = pcapng;
    this.interfaces = interfaces;
    this.analysis = new Analysis(this);
    this.views = new Views(this);
    this.sorts = new Sorts(this);
    this.statistics = new Statistics(this);
  }

  /** Other protocols for some keys: what was worked out is forgotten and worked out anew. */
  decode(decodeAs: DecodeAs | undefined): void {
    this.#endWork();
    this.decodeAs = decodeAs;
    this.analysis = new Analysis(this);
    this.views = new Views(this);
    this.sorts = new Sorts(this);
    this.statistics = new Statistics(this);
    this.annotations.version++;
  }

  /** Secrets came that open what was shown as it is. */
  forgetShown(): void {
    this.analysis.forgetShown();
    this.annotations.version++;
  }

  /** Aborts when the table goes: for work that waits for it. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  end(): void {
    this.#ended.abort(new XdpeekError({ code: 'CANCELLED', message: 'the capture was replaced meanwhile' }));
    this.#endWork();
  }

  #endWork(): void {
    this.analysis.end();
    this.views.end();
    this.sorts.end();
    this.statistics.end();
  }
}

const DIRECTIONS = [undefined, 'in', 'out'] as const;

export interface RowsQuestion {
  start: number;
  count: number;
  filter?: string;
  sort?: PacketSort;
  fields?: readonly string[];
  rules?: readonly string[];
}

/**
 * @param onProgress hears when a filter found more
 * @param withinMs what cannot be known of the rows by then is left out, and they are provisional: packets that come must not wait for them
 */
export function rowsWindow(
  table: AnalysedTable,
  { start, count, filter = '', sort, fields = [], rules = [] }: RowsQuestion,
  onProgress: () => void = () => {},
  withinMs = Number.POSITIVE_INFINITY,
): Omit<RowsWindow, 'generation'> {
  const { store } = table;
  const list = shownList(table, filter, sort, onProgress);
  const { total } = list;
  const end = Math.min(start + count, total);
  const extras = new RowExtras(fields, rules);
  const rows: PacketRow[] = [];
  const budget = budgetOf(withinMs);
  const wanted = Array.from({ length: Math.max(0, end - start) }, (_, i) => list.row(start + i));
  const dissections = dissectAll(table, wanted, budget, list.unfinished?.at(start));
  if (!budget.short) list.unfinished?.done(start);
  const unread = wanted.some((row) => row >= table.analysis.analysed);
  for (const row of wanted) {
    const dissection = dissections.get(row)!;
    rows.push({
      ...packetRow(table, row, dissection),
      ...sinceShown(table, row, list),
      ...extras.of(table, row, dissection),
    });
  }
  // The background has not come to them: they may say more later.
  const provisional = budget.short || (unread && filter.trim() === '');
  const window = { total, start, rows, ...list.told, ...(provisional && { provisional }) };
  return store.baseNs === undefined ? window : { ...window, baseTimeNs: store.baseNs.toString() };
}

/** In the order of the capture, whatever the list's is: one goes through a conversation forwards only. */
function dissectAll(
  table: AnalysedTable,
  rows: readonly number[],
  budget: Budget,
  replays: Replays | undefined,
): Map<number, Dissection> {
  const found = new Map<number, Dissection>();
  for (const row of rows.toSorted((a, b) => a - b)) found.set(row, table.analysis.dissect(row, budget, replays));
  return found;
}

/** In a sorted list the row above says nothing of the time between two. */
function sinceShown(table: AnalysedTable, row: number, { before }: ShownList): Pick<PacketRow, 'sinceShownNs'> {
  const other = before?.(row);
  return other === undefined || other < 0 ? {} : { sinceShownNs: timeOf(table, row) - timeOf(table, other) };
}

/** @param number 1-based */
export function packetPlace(
  table: AnalysedTable,
  { number, filter, sort }: { number: number; filter: string; sort?: PacketSort },
): { index: number; there: boolean } | Promise<{ index: number; there: boolean }> {
  if (sort) return placeInOrder(table, number, filter, sort);
  const row = number - 1;
  if (filter.trim() === '') return { index: row, there: row < table.store.count };
  const view = table.views.get(filter);
  const index = view.indexOf(row);
  return { index, there: index < view.count && view.row(index) === row };
}

/** @param number 1-based */
export function packetDetail(table: AnalysedTable, number: number): Omit<PacketDetail, 'generation'> {
  const { store } = table;
  const row = number - 1;
  if (row < 0 || row >= store.count)
    throw new XdpeekError({ code: 'ENOENT', message: `there is no packet ${number}: the capture has ${store.count}` });
  const dissection = table.analysis.dissect(row);
  const frame = frameOf(table, row, true);
  const layers: DetailNode[] = detail(dissection, frame);
  const sources = dataSources(dissection);
  const found: Omit<PacketDetail, 'generation'> = {
    row: packetRow(table, row, dissection),
    epochNs: frame.epochNs.toString(),
    bytes: dissection.frame,
    layers,
    ...(row >= table.analysis.analysed && { provisional: true }),
    ...(sources.length > 0 && {
      sources: sources.map(({ name: title, bytes, prefix }) => ({ name: title, bytes: bytes.slice(prefix) })),
    }),
  };
  const pair = pairedImage(table, row);
  return pair ? { ...found, pair } : found;
}

function packetRow(table: PacketTable, row: number, dissection: Dissection): PacketRow {
  const { store, interfaces } = table;
  const { source, destination, protocol, info, tint } = summarize(dissection);
  const shown: PacketRow = {
    number: row + 1,
    timeNs: timeOf(table, row),
    source,
    destination,
    protocol,
    wireLen: store.wireLen(row),
    capLen: store.capLen(row),
    info,
    interfaceId: store.interfaceId(row),
    tint,
  };
  const verdict = XDP_VERDICTS[store.verdict(row)];
  const direction = DIRECTIONS[store.direction(row)];
  const observed = interfaces[store.interfaceId(row)]?.observed;
  if (observed) shown.observed = observed;
  if (verdict !== undefined) shown.verdict = verdict;
  if (direction !== undefined) shown.direction = direction;
  const { annotations } = table;
  if (annotations?.marked.has(row)) shown.marked = true;
  if (isCommented(table, row)) shown.commented = true;
  const reference = annotations?.referenceOf(row);
  if (reference === row) shown.reference = true;
  if (reference !== undefined) shown.sinceReferenceNs = timeOf(table, row) - timeOf(table, reference);
  const stream = streamOf(dissection);
  if (stream) shown.stream = stream;
  return shown;
}

/** What was written since counts; the file's own comments else. */
function isCommented(table: PacketTable, row: number): boolean {
  const written = table.annotations?.comments.get(row);
  return written === undefined ? (optionsOf(table, row)?.comments.length ?? 0) > 0 : written !== '';
}

/** The innermost stream that the packet belongs to. */
function streamOf({ layers }: Dissection): PacketRow['stream'] {
  for (const layer of layers.toReversed()) {
    const kind = layer.protocol.name;
    if (layer.quotedBy || (kind !== 'tcp' && kind !== 'udp')) continue;
    const facts = kind === 'tcp' ? tcpFacts(layer) : udpFacts(layer);
    if (facts) return { kind, index: facts.conversation.index };
  }
  return undefined;
}
