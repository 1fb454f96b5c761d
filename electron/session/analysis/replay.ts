/**
 * A group of packets dissected again, from its beginning or from not far before what is asked for. Goes forwards only; the last few hundred
 * dissections are kept, so that the rows of a screen and the packet that is open cost one walk.
 */
import type { Dissection } from '../../packets/dissect/index.ts';
import { budgetIn } from '../../packets/dissect/tcp-payload.ts';
import { CaptureState } from '../../packets/state/capture-state.ts';
import { resume } from '../../packets/state/checkpoint.ts';
import type { Conversation } from '../../packets/state/conversations.ts';
import type { MediaTable } from '../../packets/state/media.ts';
import { seedTcp } from '../../packets/state/seed.ts';
import type { PacketTable } from '../rows.ts';
import type { Entry } from './checkpoints.ts';
import { dissectRow } from './table-row.ts';

const KEPT = 160;
/** A group with more packets before the one asked for is entered in its middle. */
const MAX_WALK = 20_000;
/** Of a group that is entered where a checkpoint is. */
const MAX_FROM_CHECKPOINT = 65_536;
/** Packets between two looks at the clock. */
const WALKED_A_LOOK = 64;
/** So many packets go before the one asked for: what is not in a checkpoint begins afresh there. */
const LEAD = 512;

/** What the background knows of the group. */
export interface Group {
  /** Rows of it before the one asked for and from `from` on, in order; the last `most`. */
  before(from: number, most: number): number[];
  /** Datagrams of which only the last one's time is told. */
  readonly tellsOnlyTimes: boolean;
  /** The last one before a row. */
  checkpoint(row: number): Entry | undefined;
}

export class Replay {
  readonly #table: PacketTable;
  #state: CaptureState;
  readonly #conversation: Conversation | undefined;
  readonly #media: MediaTable;
  readonly #kept = new Map<number, Dissection>();
  /** First row that was not walked. */
  #next = 0;
  #started = false;

  /** @param media what the whole capture promised: a call's media belongs to another group than the call */
  constructor(table: PacketTable, conversation: Conversation | undefined, media: MediaTable) {
    this.#table = table;
    this.#conversation = conversation;
    this.#media = media;
    this.#state = this.#begin();
  }

  #begin(): CaptureState {
    const { decodeAs, secrets } = this.#table;
    return new CaptureState(this.#conversation?.index, decodeAs, secrets, this.#media);
  }

  /** Whether a row can be had without beginning again. */
  reaches(row: number): boolean {
    return row >= this.#next || this.#kept.has(row);
  }

  /** Undefined when it is not reached `until` then (as performance.now): asked again, it goes on from there. */
  at(row: number, group: Group, until: number): Dissection | undefined {
    const known = this.#kept.get(row);
    if (known) return known;
    if (performance.now() > until) return undefined;
    let rows = group.before(this.#next, MAX_FROM_CHECKPOINT + 1);
    if (rows.length > 1 && this.#isQuiet(group)) this.#enterQuiet(rows);
    else {
      if (rows.length > MAX_WALK) rows = this.#enter(rows, group.checkpoint(rows.at(-LEAD)!));
      this.#started = true;
      for (const [i, other] of rows.entries()) {
        if (i % WALKED_A_LOOK === 0 && performance.now() > until) return undefined;
        this.#walk(other, false);
        this.#next = other + 1;
      }
    }
    const found = this.#walk(row, true);
    this.#next = row + 1;
    return found;
  }

  /** Nothing is kept of this conversation that its packets would have to be walked for again. */
  #isQuiet({ tellsOnlyTimes }: Group): boolean {
    const whole = this.#conversation;
    return tellsOnlyTimes && whole?.isBare === true && !whole.over && !whole.connection;
  }

  /** Backwards to the packet that the time since the last one counts from: an error that is about the conversation is none of it. */
  #enterQuiet(rows: readonly number[]): void {
    if (!this.#started) resume(this.#state, this.#conversation!);
    this.#started = true;
    for (const other of rows.slice(-LEAD).reverse())
      if (!this.#walk(other, false).layers.some(({ quotedBy }) => quotedBy)) return;
  }

  /** The rows to walk when the group is entered in its middle. */
  #enter(rows: number[], entry: Entry | undefined): number[] {
    // It goes on where it was entered.
    if (this.#started && entry && entry.row < this.#next && rows.length <= MAX_FROM_CHECKPOINT) return rows;
    const behind = entry ? rows.filter((other) => other > entry.row) : [];
    const whole = this.#conversation;
    if (!entry || !whole || behind.length > MAX_FROM_CHECKPOINT) {
      if (!this.#started && whole) seedTcp(this.#state, whole);
      return rows.slice(-MAX_WALK);
    }
    if (this.#started) this.#state = this.#begin();
    const entered = seedTcp(this.#state, whole) ?? resume(this.#state, whole);
    entry.checkpoint.restore(entered, budgetIn(this.#state));
    return behind;
  }

  #walk(row: number, keep: boolean): Dissection {
    const d = dissectRow(this.#table, row, keep, this.#state);
    if (!keep) return d;
    this.#kept.set(row, d);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return d;
  }
}
