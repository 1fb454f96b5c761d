/**
 * A group of packets dissected again, from its beginning or from not far before what is asked for. Goes forwards only; the last few hundred
 * dissections are kept, so that the rows of a screen and the packet that is open cost one walk.
 */
import type { Dissection } from '../../packets/dissect/index.ts';
import { CaptureState } from '../../packets/state/capture-state.ts';
import type { Conversation } from '../../packets/state/conversations.ts';
import type { MediaTable } from '../../packets/state/media.ts';
import { seedTcp } from '../../packets/state/seed.ts';
import type { PacketTable } from '../rows.ts';
import { dissectRow } from './table-row.ts';

const KEPT = 400;
/** A group with more packets before the one asked for is entered in its middle. */
const MAX_WALK = 20_000;

export class Replay {
  readonly #table: PacketTable;
  readonly #state: CaptureState;
  readonly #conversation: Conversation | undefined;
  readonly #kept = new Map<number, Dissection>();
  /** First row that was not walked. */
  #next = 0;
  #started = false;

  /** @param media what the whole capture promised: a call's media belongs to another group than the call */
  constructor(table: PacketTable, conversation: Conversation | undefined, media: MediaTable) {
    this.#table = table;
    this.#conversation = conversation;
    this.#state = new CaptureState(conversation?.index, table.decodeAs, table.secrets, media);
  }

  /** Whether a row can be had without beginning again. */
  reaches(row: number): boolean {
    return row >= this.#next || this.#kept.has(row);
  }

  at(row: number, inGroup: (row: number) => boolean): Dissection {
    const known = this.#kept.get(row);
    if (known) return known;
    let rows: number[] = [];
    for (let other = this.#next; other < row; other++) if (inGroup(other)) rows.push(other);
    if (rows.length > MAX_WALK) {
      rows = rows.slice(-MAX_WALK);
      if (!this.#started && this.#conversation) seedTcp(this.#state, this.#conversation);
    }
    this.#started = true;
    for (const other of rows) this.#walk(other, false);
    const found = this.#walk(row, true);
    this.#next = row + 1;
    return found;
  }

  #walk(row: number, keep: boolean): Dissection {
    const d = dissectRow(this.#table, row, keep, this.#state);
    if (!keep) return d;
    this.#kept.set(row, d);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return d;
  }
}
