/** Which rows a choice of packets means, as of now. */
import { RowSet } from '../../packets/store/row-set.ts';
import type { PacketChoice } from '../../shared/export.ts';
import type { Chosen } from '../files/export.ts';
import type { AnalysedTable } from '../rows.ts';
import { FilterView } from './filter-view.ts';
import { orFilterError } from './views.ts';

export interface Looking {
  readonly signal: AbortSignal;
  /** Packets that were looked at so far. */
  onProgress(scanned: number): void;
}

/** Rejects with FILTER, or with the signal's reason. */
export async function chosenRows(table: AnalysedTable, choice: PacketChoice, looking: Looking): Promise<Chosen> {
  const { count } = table.store;
  switch (choice.of) {
    case 'marked':
      return ofSet(table.annotations.marked.copy()); // marks may change while a file is written
    case 'filter':
      if (choice.filter.trim() === '') return { count, all: true, has: () => true };
      return withView(table, choice.filter, looking, (view) => rowsOf(view, 0, view.count));
    case 'rows': {
      const { first, last, filter, sort } = choice;
      if (sort) return ofOrder(table.sorts.chosen(filter, sort).rows.subarray(first, last + 1));
      if (filter.trim() !== '')
        return withView(table, filter, looking, (view) => rowsOf(view, first, Math.min(view.count, last + 1)));
      const end = Math.min(count, last + 1);
      return { count: Math.max(0, end - first), has: (row) => row >= first && row < end };
    }
  }
}

/** A view of its own: those that are kept come and go with what the window looks at. */
async function withView(
  table: AnalysedTable,
  filter: string,
  { signal, onProgress }: Looking,
  rows: (view: FilterView) => Chosen,
): Promise<Chosen> {
  const view = orFilterError(() => new FilterView(table, filter));
  try {
    await view.whole(signal, onProgress);
    return rows(view);
  } finally {
    view.end();
  }
}

function rowsOf(view: FilterView, start: number, end: number): Chosen {
  const rows = new RowSet();
  for (let index = start; index < end; index++) rows.add(view.row(index));
  return ofSet(rows);
}

function ofOrder(chosen: Uint32Array): Chosen {
  const rows = new RowSet();
  for (const row of chosen) rows.add(row);
  return ofSet(rows);
}

function ofSet(rows: RowSet): Chosen {
  return { count: rows.size, has: (row) => rows.has(row) };
}
