/**
 * What packets mean beside each other, for a capture that is looked at out of order. In the background every packet is dissected once, in order,
 * and the group it belongs to is written down (group-rows.ts). When a packet is shown, its group is dissected again up to it: nothing
 * else of the analysis is kept but for what long encrypted connections need to be entered in their middle (checkpoints.ts). Packets that the background
 * has not reached yet are shown by themselves.
 */
import type { Dissection } from '../../packets/dissect/index.ts';
import { CaptureState } from '../../packets/state/capture-state.ts';
import type { PacketTable } from '../rows.ts';
import { inSlices } from '../slices.ts';
import { Checkpoints } from './checkpoints.ts';
import { GroupRows } from './group-rows.ts';
import { Replay } from './replay.ts';
import { dissectRow } from './table-row.ts';

const ROWS_A_STEP = 16;
/** More than the rows that are asked for at once, each of which may be of another group. */
const REPLAYS_KEPT = 144;
const CATCH_UP_ROWS = 20_000;
const CATCH_UP_MS = 12;

/** How long several rows may take together. What is not known of a row by then is left out of it: it is to be asked for again. */
export interface Budget {
  /** As performance.now. */
  readonly until: number;
  short: boolean;
}

export const budgetOf = (ms: number): Budget => ({ until: performance.now() + ms, short: false });

/** By group. */
export type Replays = Map<number, Replay>;

export class Analysis {
  readonly #table: PacketTable;
  readonly #state: CaptureState;
  readonly #rows = new GroupRows();
  readonly #ended = new AbortController();
  readonly #replays: Replays = new Map();
  readonly #checkpoints = new Checkpoints();
  #analysed = 0;
  #running = false;

  constructor(table: PacketTable) {
    this.#table = table;
    this.#state = new CaptureState(0, table.decodeAs, table.secrets);
  }

  /** Rows from here on are not looked at yet. */
  get analysed(): number {
    return this.#analysed;
  }

  /**
   * More packets are stored: they are looked at in the background. `onProgress` hears when all were.
   * @param pauseMs as of inSlices: while a capture runs or a file is read, that goes first
   */
  poke(onProgress: () => void, pauseMs?: (lateMs: number) => number): void {
    if (this.#running || this.#ended.signal.aborted || this.#analysed >= this.#table.store.count) return;
    this.#running = true;
    void this.#work(pauseMs).finally(() => {
      this.#running = false;
      onProgress();
    });
  }

  /** What is shown is dissected again when it is asked for: there are more secrets. */
  forgetShown(): void {
    this.#replays.clear();
  }

  end(): void {
    this.#ended.abort();
  }

  /**
   * A row with what the packets before it told. Its bytes are its own.
   * @param replays that are gone on with, and kept
   */
  dissect(
    row: number,
    budget: Budget = budgetOf(Number.POSITIVE_INFINITY),
    replays: Replays = this.#replays,
  ): Dissection {
    this.#catchUp(row, budget);
    const group = row < this.#analysed ? this.#rows.group(row) : 0;
    if (group === 0) return dissectRow(this.#table, row, true);
    let replay = replays.get(group);
    if (!replay?.reaches(row)) replay = new Replay(this.#table, this.#state.conversations[group], this.#state.media);
    replays.delete(group);
    replays.set(group, replay);
    if (replays.size > REPLAYS_KEPT) replays.delete(replays.keys().next().value!);
    const found = replay.at(
      row,
      {
        before: (from, most) => this.#rows.before(row, from, most),
        tellsOnlyTimes: this.#rows.tellsOnlyTimes(group),
        checkpoint: (before) => this.#checkpoints.before(before, group),
      },
      budget.until,
    );
    if (found) return found;
    budget.short = true;
    return dissectRow(this.#table, row, true);
  }

  /** Rows that are shown before the background came to them, when that is near. */
  #catchUp(row: number, { until }: Budget): void {
    if (row < this.#analysed || row - this.#analysed > CATCH_UP_ROWS) return;
    const soon = Math.min(until, performance.now() + CATCH_UP_MS);
    while (this.#analysed <= row && performance.now() < soon) this.#step(row + 1);
  }

  async #work(pauseMs: ((lateMs: number) => number) | undefined): Promise<void> {
    await inSlices(() => this.#step(this.#table.store.count), this.#ended.signal, pauseMs);
  }

  #step(count: number): boolean {
    const end = Math.min(this.#analysed + ROWS_A_STEP, count);
    for (; this.#analysed < end; this.#analysed++) {
      const d = dissectRow(this.#table, this.#analysed, false, this.#state);
      const { group } = this.#state;
      this.#rows.add(this.#analysed, group, d);
      this.#checkpoints.passed(this.#analysed, this.#state.conversations[group]);
    }
    return this.#analysed < count;
  }
}
