/**
 * Puts rows of a table in order, in steps that take a fraction of a millisecond: their keys are gathered in the capture's order, with all that earlier
 * packets tell where they must be dissected; then they are sorted. The same in the session and in a scan thread.
 */
import { PlainPacket } from '../../packets/filter/plain-packet.ts';
import { Dictionary, TooLarge } from '../../packets/order/dictionary.ts';
import { Keys } from '../../packets/order/keys.ts';
import { type SortedRows, sortedPlaces } from '../../packets/order/sorted-rows.ts';
import { CaptureState } from '../../packets/state/capture-state.ts';
import { XdpeekError } from '../../shared/errors.ts';
import { dissectRow, frameOf, needsOptions } from '../analysis/table-row.ts';
import type { PacketTable } from '../rows.ts';
import { type Column, columnOf } from './column.ts';
import { storedBy } from './store-columns.ts';

/** Keys, their order and a second one of it are 16 bytes a row while it is sorted: 1 GB. */
export const MOST_ROWS = 2 ** 26;
const STORED_A_STEP = 8192;
const PLAIN_A_STEP = 512;
const DISSECTED_A_STEP = 16;

export interface SortWork {
  by: string;
  /** Those of the list, ascending; undefined = all. */
  rows: Uint32Array | undefined;
  /** Rows of the table that count. */
  upTo: number;
  /** Rows that times count from. */
  references: readonly number[];
  /** For texts that differ; MOST_BYTES if it is not said. */
  mostBytes?: number;
  /** Rows that were gone through, now and then. */
  onProgress(done: number): void;
}

/** Throws XdpeekError. */
export function* sortedBy(table: PacketTable, work: SortWork): Generator<void, SortedRows> {
  const column = columnOf(work.by);
  const { rows, upTo } = work;
  const count = rows?.length ?? upTo;
  if (count > MOST_ROWS) throw tooManyRows(count);
  const keys = new Keys(count);
  if (column.from === 'store') yield* gatherStored(table, column.column, keys, work);
  else yield* gatherFromPackets(table, column, keys, work);
  const sorted = yield* sortedPlaces(keys);
  if (!rows) return sorted;
  for (let at = 0; at < count; at++) {
    sorted.rows[at] = rows[sorted.rows[at]!]!;
    if (at % STORED_A_STEP === 0) yield;
  }
  return sorted;
}

function* gatherStored(
  table: PacketTable,
  column: Parameters<typeof storedBy>[1],
  keys: Keys,
  { rows, references, onProgress }: SortWork,
): Generator<void> {
  const put = storedBy(table, column, references);
  let before = -1;
  for (let at = 0; at < keys.count; at++) {
    const row = rows ? rows[at]! : at;
    put(keys, at, row, before);
    before = row;
    if (at % STORED_A_STEP !== 0) continue;
    onProgress(row);
    yield;
  }
}

function* gatherFromPackets(
  table: PacketTable,
  column: Extract<Column, { from: 'packets' }>,
  keys: Keys,
  { by, rows, upTo, mostBytes, onProgress }: SortWork,
): Generator<void> {
  const words = new Dictionary(mostBytes);
  const end = rows ? (rows.at(-1) ?? -1) + 1 : upTo;
  let row = 0;
  try {
    for (const step of gathering(table, column, keys, words, rows, end)) {
      row = step;
      onProgress(row);
      yield;
    }
  } catch (error) {
    throw error instanceof TooLarge ? tooLarge(by, row, upTo) : error;
  }
  if (column.isWord && words.size > 0) yield* toRanks(keys, words, column.isWord);
}

/** Yields the rows that it is at. */
function* gathering(
  table: PacketTable,
  column: Extract<Column, { from: 'packets' }>,
  keys: Keys,
  words: Dictionary,
  rows: Uint32Array | undefined,
  end: number,
): Generator<number> {
  const { store, interfaces, decodeAs, secrets } = table;
  const state = new CaptureState(0, decodeAs, secrets);
  const withOptions = needsOptions(column.fields);
  // What ports mean was chosen: then nothing is plain.
  const plain = decodeAs || !column.plain ? undefined : new PlainPacket();
  const sure = (secrets?.count ?? 0) === 0;
  let budget = PLAIN_A_STEP;
  let at = 0;
  for (let row = 0; row < end; row++) {
    const shown = !rows || rows[at] === row;
    const linkType = interfaces[store.interfaceId(row)]?.linkType ?? 0;
    if (plain?.look(store.packetBytes(row), linkType) && column.plain!.knows(plain, sure)) {
      if (shown) column.plain!.give(keys, at, words, plain);
      budget--;
    } else {
      const d = dissectRow(table, row, false, state);
      if (shown) column.give(keys, at, words, d, frameOf(table, row, withOptions));
      budget -= PLAIN_A_STEP / DISSECTED_A_STEP;
    }
    if (shown) at++;
    if (budget > 0) continue;
    budget = PLAIN_A_STEP;
    yield row;
  }
}

function* toRanks(keys: Keys, words: Dictionary, isWord: (high: number) => boolean): Generator<void> {
  const ranks = yield* words.ranks();
  const { low, high, count } = keys;
  for (let at = 0; at < count; at++) {
    if (at % STORED_A_STEP === 0) yield;
    if (keys.has(at) && isWord(high?.[at] ?? 0)) low[at] = ranks[low[at]!]!;
  }
}

function tooManyRows(count: number): XdpeekError {
  return new XdpeekError({
    code: 'E2BIG',
    message: `${count} packets are too many to be sorted: ${MOST_ROWS} can be`,
    hint: 'Display fewer of them by a display filter.',
  });
}

function tooLarge(by: string, row: number, upTo: number): XdpeekError {
  return new XdpeekError({
    code: 'E2BIG',
    message: `the values of ${by.replace(/^field:/, '')} take too much memory to be sorted: room was for those of the first ${row} of ${upTo} packets`,
    hint: 'Display fewer packets by a display filter, then sort those.',
  });
}
