/** The orders of a capture's packets that windows hold: a few, the ones used last. */
import { XdpeekError } from '../../shared/errors.ts';
import type { PacketSort, SortBy, SortedAs } from '../../shared/sort.ts';
import { Kept } from '../analysis/kept.ts';
import type { AnalysedTable } from '../rows.ts';
import { columnOf } from './column.ts';
import { type Order, SortedView } from './sorted-view.ts';

const KEPT = 4;

export class Sorts {
  readonly #table: AnalysedTable;
  readonly #views = new Kept<SortedView>(KEPT);

  constructor(table: AnalysedTable) {
    this.#table = table;
  }

  /** For whoever is going to hold it. Throws XdpeekError FILTER or USAGE. */
  get(filter: string, by: SortBy): SortedView {
    return this.#views.get(nameOf(filter, by), () => {
      const made: SortedView = new SortedView(this.#table, filter.trim(), by, () =>
        this.#views.drop((view) => view === made),
      );
      return made;
    });
  }

  /** The order as it is; undefined while it is not there, or when nobody holds it. Throws USAGE for what is no column. */
  now(filter: string, { by, descending }: PacketSort): Order | undefined {
    const view = this.#views.peek(nameOf(filter, by));
    if (!view) columnOf(by);
    view?.begin(descending);
    return view?.order(descending);
  }

  /** The order that rows were chosen of. Throws ESTALE when that is another one by now. */
  chosen(filter: string, sort: SortedAs): Order {
    const order = this.now(filter, sort);
    if (order?.version === sort.version) return order;
    throw new XdpeekError({
      code: 'ESTALE',
      message: 'the list was sorted again after these packets were chosen in it',
      hint: 'Choose them again.',
    });
  }

  /** Work on it ends; the order that is there stays. */
  stop(filter: string, by: SortBy): void {
    this.#views.peek(nameOf(filter, by))?.stop();
  }

  release(window: string, filter: string, by: SortBy): void {
    const view = this.#views.peek(nameOf(filter, by));
    if (view?.release(window)) this.#views.drop((other) => other === view);
  }

  /** Orders whose filters or columns ask for one of these fields begin anew. */
  forget(fields: readonly string[]): void {
    this.#views.drop((view) => fields.some((name) => view.fields.has(name)));
  }

  end(): void {
    this.#views.end();
  }
}

const nameOf = (filter: string, by: SortBy) => JSON.stringify([filter.trim(), by]);
