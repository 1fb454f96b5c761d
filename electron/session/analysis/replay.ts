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

const KEPT = 400;
/** A group with more packets before the one asked for is entered in its middle. */
const MAX_WALK = 20_000;
/** Of a group that is entered where a checkpoint is. */
const MAX_FROM_CHECKPOINT = 65_536;
/** So many packets go before the one asked for: what is not in a checkpoint begins afresh there. */
const LEAD = 512;

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

  /** @param checkpoint the last one before a row */
  at(row: number, inGroup: (row: number) => boolean, checkpoint: (row: number) => Entry | undefined): Dissection {
    const known = this.#kept.get(row);
    if (known) return known;
    let rows: number[] = [];
    for (let other = this.#next; other < row; other++) if (inGroup(other)) rows.push(other);
    if (rows.length > MAX_WALK) rows = this.#enter(rows, checkpoint(rows.at(-LEAD)!));
    this.#started = true;
    for (const other of rows) this.#walk(other, false);
    const found = this.#walk(row, true);
    this.#next = row + 1;
    return found;
  }

  /** The rows to walk when the group is entered in its middle. */
  #enter(rows: number[], entry: Entry | undefined): number[] {
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
