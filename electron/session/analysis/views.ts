/** The filter views of a capture: a few, the ones used last. What nobody asks for any more is dropped. */
import { FilterError } from '../../packets/filter/index.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { PacketTable } from '../rows.ts';
import { FilterView } from './filter-view.ts';

const KEPT = 4;

export class Views {
  readonly #table: PacketTable;
  readonly #views = new Map<string, FilterView>();

  constructor(table: PacketTable) {
    this.#table = table;
  }

  /** Rejects a bad filter with code FILTER. */
  get(text: string): FilterView {
    const filter = text.trim();
    const view = this.#views.get(filter) ?? make(this.#table, filter);
    this.#views.delete(filter);
    this.#views.set(filter, view);
    for (const [old, unused] of this.#views) {
      if (this.#views.size <= KEPT) break;
      unused.end();
      this.#views.delete(old);
    }
    return view;
  }

  end(): void {
    for (const view of this.#views.values()) view.end();
    this.#views.clear();
  }
}

function make(table: PacketTable, text: string): FilterView {
  try {
    return new FilterView(table, text);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new XdpeekError({
      code: 'FILTER',
      message: error.message,
      hint: 'Names are those of Wireshark: ip.addr, tcp.port.',
    });
  }
}
