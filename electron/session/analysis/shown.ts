/** The rows of the packet list: of the whole capture or of a display filter, in the capture's order or in another one. */
import type { RowsWindow } from '../../shared/api.ts';
import type { PacketSort } from '../../shared/sort.ts';
import type { AnalysedTable } from '../rows.ts';
import type { Replays } from './analysis.ts';

export interface ShownList {
  readonly total: number;
  /** Of the table. @param index < total */
  row(index: number): number;
  /** In the capture's order, the row that is displayed before this one; −1 = none, undefined = not known now. */
  before?(row: number): number | undefined;
  /** Where rows are not in the order of the capture: what is kept for the window from `start` on; `done`: nothing is needed any more. */
  readonly unfinished?: { at(start: number): Replays; done(start: number): void };
  /** What a window onto it says besides. */
  readonly told: Pick<RowsWindow, 'scanned' | 'version'>;
}

/** @param onProgress hears when a filter found more */
export function shownList(
  table: AnalysedTable,
  filter: string,
  sort: PacketSort | undefined,
  onProgress: () => void,
): ShownList {
  const { store } = table;
  const view = filter.trim() === '' ? undefined : table.views.get(filter);
  view?.poke(onProgress);
  if (sort) {
    const order = table.sorts.now(filter, sort);
    const of = `${order?.version} ${sort.descending} ${table.annotations.version}`;
    return {
      total: order?.rows.length ?? 0,
      row: (index) => order!.rows[index]!,
      before: (row) => {
        if (!view) return row - 1;
        if (view.scanned <= row) return undefined;
        const at = view.indexOf(row);
        return at > 0 ? view.row(at - 1) : -1;
      },
      ...(order && {
        unfinished: { at: (start) => order.blocks.at(start, of), done: (start) => order.blocks.done(start) },
      }),
      told: { version: order?.version ?? 0, ...(view && { scanned: order?.packets ?? view.scanned }) },
    };
  }
  if (!view) return { total: store.count, row: (index) => index, told: {} };
  return { total: view.count, row: (index) => view.row(index), told: { scanned: view.scanned } };
}
