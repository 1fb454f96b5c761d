/**
 * The rows that a display filter lets through: found in the background by one walk over the capture, in order, so that filters may ask for what
 * earlier packets told. Grows with the capture.
 */
import { DisplayFilter } from '../../packets/filter/index.ts';
import { Column } from '../../packets/store/column.ts';
import type { PacketTable } from '../rows.ts';
import { Walk } from './walk.ts';

export class FilterView {
  /** Names of the fields that the filter asks for. */
  readonly fields: ReadonlySet<string>;
  readonly #walk: Walk;
  readonly #rows = new Column(Uint32Array);
  #count = 0;

  /** Throws FilterError. */
  constructor(table: PacketTable, text: string) {
    const filter = new DisplayFilter(text);
    this.fields = filter.fields;
    this.#walk = new Walk(table, filter.fields, (d, frame, row) => {
      if (!filter.test(d, frame)) return false;
      this.#rows.set(this.#count++, row);
      return true;
    });
  }

  /** Rows found so far. */
  get count(): number {
    return this.#count;
  }
  /** Packets looked at so far. */
  get scanned(): number {
    return this.#walk.scanned;
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
    this.#walk.poke(onProgress);
  }

  end(): void {
    this.#walk.end();
  }
}
