/**
 * One pass over the packets of a table, in order and with all that earlier packets tell, in slices in the background. Goes on when more packets
 * are there.
 */
import type { FrameInfo } from '../../packets/dissect/frame.ts';
import type { Dissection } from '../../packets/dissect/index.ts';
import { CaptureState } from '../../packets/state/capture-state.ts';
import type { PacketTable } from '../rows.ts';
import { inSlices } from '../slices.ts';
import { dissectRow, frameOf, needsOptions } from './table-row.ts';

const ROWS_A_STEP = 16;
const PROGRESS_MS = 100;

/** Sees one packet. Returns whether it is shown: frame.time_delta_displayed counts from it. */
export type See = (d: Dissection, frame: FrameInfo, row: number) => boolean;

/** Whether nothing needs to be dissected for a row: what there is to say of it was said. */
export type Settle = (row: number) => boolean;

export class Walk {
  readonly #table: PacketTable;
  readonly #see: See;
  readonly #settle: Settle | undefined;
  readonly #withOptions: boolean;
  readonly #state: CaptureState;
  readonly #ended = new AbortController();
  #scanned = 0;
  #shownNs: number | undefined;
  #running = false;

  /** @param fields names that `see` asks for: the packets' options are read when one of them is there */
  constructor(table: PacketTable, fields: Iterable<string>, see: See, settle?: Settle) {
    this.#table = table;
    this.#see = see;
    this.#settle = settle;
    this.#state = new CaptureState(0, table.decodeAs, table.secrets);
    this.#withOptions = needsOptions(fields);
  }

  /** Packets looked at so far. */
  get scanned(): number {
    return this.#scanned;
  }

  /** Looks at packets that were not looked at. `onProgress` hears now and then, and at the end of each pass. */
  poke(onProgress: () => void): void {
    if (this.#running || this.#ended.signal.aborted || this.#scanned >= this.#table.store.count) return;
    this.#running = true;
    void this.#work(onProgress).finally(() => {
      this.#running = false;
    });
  }

  end(): void {
    this.#ended.abort();
  }

  async #work(onProgress: () => void): Promise<void> {
    const { store } = this.#table;
    let told = performance.now();
    await inSlices(() => {
      const end = Math.min(this.#scanned + ROWS_A_STEP, store.count);
      for (; this.#scanned < end; this.#scanned++) this.#look(this.#scanned);
      if (performance.now() - told > PROGRESS_MS) {
        told = performance.now();
        onProgress();
      }
      return this.#scanned < store.count;
    }, this.#ended.signal);
    onProgress();
  }

  #look(row: number): void {
    if (this.#settle?.(row)) return;
    const d = dissectRow(this.#table, row, false, this.#state);
    const frame = frameOf(this.#table, row, this.#withOptions, this.#shownNs);
    if (this.#see(d, frame, row)) this.#shownNs = frame.timeNs;
  }
}
