/** The filter views of a capture: a few, the ones used last. What nobody asks for any more is dropped. */
import { FilterError } from '../../packets/filter/index.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { PacketTable } from '../rows.ts';
import { FilterView } from './filter-view.ts';
import { Kept } from './kept.ts';

const KEPT = 4;

export class Views {
  readonly #table: PacketTable;
  readonly #views = new Kept<FilterView>(KEPT);

  constructor(table: PacketTable) {
    this.#table = table;
  }

  /** Rejects a bad filter with code FILTER. */
  get(text: string): FilterView {
    const filter = text.trim();
    return this.#views.get(filter, () => orFilterError(() => new FilterView(this.#table, filter)));
  }

  /** Views whose filters ask for one of these fields begin anew. */
  forget(fields: readonly string[]): void {
    this.#views.drop((view) => fields.some((name) => view.fields.has(name)));
  }

  end(): void {
    this.#views.end();
  }
}

/** A FilterError as clients hear it: code FILTER. */
export function orFilterError<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new XdpeekError({
      code: 'FILTER',
      message: error.message,
      hint: 'Names are those of Wireshark: ip.addr, tcp.port.',
    });
  }
}
