/** What people write on packets: marks, time references, comments. Kept beside the capture; comments go into the file when it is saved. */
import { RowSet } from '../../packets/store/row-set.ts';

export class Annotations {
  /** Rows. */
  readonly marked = new RowSet();
  /** Row → text; '' = the packet's own comments are taken away. */
  readonly comments = new Map<number, string>();
  /** Grows with each change. */
  version = 0;
  #references: number[] = [];

  /** Those of the rows [from, to) that are chosen. */
  mark(rows: { has(row: number): boolean }, from: number, to: number, marked: boolean): void {
    for (let row = from; row < to; row++) {
      if (!rows.has(row)) continue;
      if (marked) this.marked.add(row);
      else this.marked.delete(row);
    }
    this.version++;
  }

  unmarkAll(): void {
    this.marked.clear();
    this.version++;
  }

  reference(row: number, on: boolean): void {
    this.#references = this.#references.filter((other) => other !== row);
    if (on) this.#references = [...this.#references, row].sort((a, b) => a - b);
    this.version++;
  }

  /** Rows that times count from, ascending. */
  get references(): readonly number[] {
    return this.#references;
  }

  isReference(row: number): boolean {
    return this.#references.includes(row);
  }

  /** The reference that a row's time counts from; undefined = the first packet. */
  referenceOf(row: number): number | undefined {
    return this.#references.findLast((other) => other <= row);
  }

  comment(row: number, text: string): void {
    this.comments.set(row, text);
    this.version++;
  }
}
