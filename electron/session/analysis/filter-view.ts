/**
 * The rows that a display filter lets through: found in the background by one walk over the capture, in order, so that filters may ask for what
 * earlier packets told. Grows with the capture.
 */
import { DisplayFilter } from '../../packets/filter/index.ts';
import { readPacketOptions } from '../../packets/pcap/packet-options.ts';
import { CaptureState } from '../../packets/state/capture-state.ts';
import { Column } from '../../packets/store/column.ts';
import type { PacketTable } from '../rows.ts';
import { inSlices } from '../slices.ts';
import { dissectRow, timeOf } from './table-row.ts';

const ROWS_A_STEP = 64;
/** frame.* fields that are in a packet's options. */
const OPTION_FIELDS = /^frame\.(comment|packet_id|verdict|drop_count|interface_queue|packet_flags)/;

export class FilterView {
  readonly #table: PacketTable;
  readonly #filter: DisplayFilter;
  readonly #withOptions: boolean;
  readonly #state = new CaptureState();
  readonly #rows = new Column(Uint32Array);
  readonly #ended = new AbortController();
  #count = 0;
  #scanned = 0;
  #shownNs: number | undefined;
  #running = false;

  /** Throws FilterError. */
  constructor(table: PacketTable, text: string) {
    this.#table = table;
    this.#filter = new DisplayFilter(text);
    this.#withOptions = table.pcapng && [...this.#filter.fields].some((name) => OPTION_FIELDS.test(name));
  }

  /** Rows found so far. */
  get count(): number {
    return this.#count;
  }
  /** Packets looked at so far. */
  get scanned(): number {
    return this.#scanned;
  }

  /** @param index in the view */
  row(index: number): number {
    return this.#rows.get(index);
  }

  /** Where a row is in the view, or where it would be. */
  indexOf(row: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#rows.get(middle) < row) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Looks at packets that were not looked at. `onProgress` hears at the end of each walk. */
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
      if (performance.now() - told > 100) {
        told = performance.now();
        onProgress();
      }
      return this.#scanned < store.count;
    }, this.#ended.signal);
    onProgress();
  }

  #look(row: number): void {
    const { store, interfaces, source } = this.#table;
    const interfaceId = store.interfaceId(row);
    const timeNs = timeOf(this.#table, row);
    const number = row + 1;
    const d = dissectRow(this.#table, row, false, this.#state);
    const name = interfaces[interfaceId]?.name;
    const options = this.#withOptions ? readPacketOptions(source, store.offset(row), store.capLen(row)) : undefined;
    const matches = this.#filter.test(d, {
      number,
      epochNs: Number.isNaN(store.timeNs(row)) ? 0n : store.epochNs(row),
      timeNs,
      deltaNs: row > 0 ? timeNs - timeOf(this.#table, row - 1) : 0,
      deltaShownNs: timeNs - (this.#shownNs ?? timeNs),
      interfaceId,
      ...(name !== undefined && { interfaceName: name }),
      ...(options && { options }),
    });
    if (!matches) return;
    this.#shownNs = timeNs;
    this.#rows.set(this.#count++, row);
  }
}
