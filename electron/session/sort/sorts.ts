/** The orders of a capture's packets that windows hold: a few, the ones used last. */
import { XdpeekError } from '../../shared/errors.ts';
import type { PacketSort, SortBy, SortedAs } from '../../shared/sort.ts';
import { Kept } from '../analysis/kept.ts';
import type { AnalysedTable } from '../rows.ts';
import { type Order, SortedView } from './sorted-view.ts';

const KEPT = 4;
const WAIT_MS = 1000;

export class Sorts {
  readonly #table: AnalysedTable;
  readonly #views = new Kept<SortedView>(KEPT);

  constructor(table: AnalysedTable) {
    this.#table = table;
  }

  /** Throws XdpeekError FILTER or USAGE. */
  get(filter: string, by: SortBy): SortedView {
    const text = filter.trim();
    return this.#views.get(JSON.stringify([text, by]), () => {
      const made: SortedView = new SortedView(this.#table, text, by, () => this.#views.drop((view) => view === made));
      return made;
    });
  }

  /** The order as it is; where it is not, work on it begins. */
  now(filter: string, { by, descending }: PacketSort): Order | undefined {
    const view = this.get(filter, by);
    view.begin(descending);
    return view.order(descending);
  }

  /** Resolves when it is there. */
  async ready(filter: string, sort: PacketSort): Promise<Order> {
    for (;;) {
      this.#table.ended.throwIfAborted();
      const order = this.now(filter, sort);
      if (order) return order;
      await this.get(filter, sort.by).settled(WAIT_MS);
    }
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
    this.get(filter, by).stop();
  }

  release(window: string, filter: string, by: SortBy): void {
    const view = this.get(filter, by);
    if (view.release(window)) this.#views.drop((other) => other === view);
  }

  /** Orders whose filters or columns ask for one of these fields begin anew. */
  forget(fields: readonly string[]): void {
    this.#views.drop((view) => fields.some((name) => view.fields.has(name)));
  }

  end(): void {
    this.#views.end();
  }
}
