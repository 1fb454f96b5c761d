/** Orders of the list, and what a click on a heading makes of the one it has. Pure. */
import type { PacketSort, SortBy, SortedAs } from '../../../electron/shared/sort.ts';
import type { Column, TimeFormat } from './columns.ts';

/** What a heading asks for. */
export interface ColumnSort {
  column: Column['id'];
  descending: boolean;
}

/** An order that is there. */
export interface ListOrder extends SortedAs {
  column: Column['id'];
  filter: string;
  rows: number;
  /** Packets that were stored when it was made. */
  packets: number;
}

/** Times sort as they are shown. */
export function sortKey(column: Column['id'], time: TimeFormat): SortBy {
  if (column !== 'time') return column;
  return time === 'relative' || time === 'delta' ? time : 'time';
}

/** A click: ascending, descending, the order of the capture. That one is ascending by number already. */
export function nextSort(column: Column['id'], now: ColumnSort | undefined): ColumnSort | undefined {
  if (column === 'number') return now ? undefined : { column, descending: true };
  if (now?.column !== column) return { column, descending: false };
  return now.descending ? undefined : { column, descending: true };
}

export function sameOrder(a: ListOrder | undefined, b: ListOrder): boolean {
  return (
    a !== undefined &&
    a.version === b.version &&
    a.descending === b.descending &&
    a.by === b.by &&
    a.filter === b.filter &&
    a.column === b.column
  );
}

/** As a choice of rows names it. */
export const sortedAs = ({ by, descending, version }: ListOrder): SortedAs => ({ by, descending, version });

/** As questions name it; nothing of a list in the order of the capture. */
export function sortOf(order: PacketSort | undefined): { sort?: PacketSort } {
  return order ? { sort: { by: order.by, descending: order.descending } } : {};
}
