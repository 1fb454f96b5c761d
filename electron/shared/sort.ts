/** The order of the packet list: by a column, or none, which is that of the capture. */

/** Columns of the list. */
export const LIST_COLUMNS = [
  'number',
  'time',
  'verdict',
  'source',
  'destination',
  'protocol',
  'length',
  'interface',
  'info',
] as const;
/** What it can be sorted by. The time has three: as it is, since the reference that it counts from, since the packet displayed before. */
export const SORT_COLUMNS = [...LIST_COLUMNS, 'relative', 'delta'] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];

/** A column, or any field: "field:tcp.srcport". */
export type SortBy = SortColumn | `field:${string}`;

export interface PacketSort {
  by: SortBy;
  descending: boolean;
}

/** An order as it was when rows were chosen of it. */
export interface SortedAs extends PacketSort {
  version: number;
}

export interface SortState {
  generation: number;
  /** Names the order; another one of the same packets has another. 0 = there is none yet. */
  version: number;
  /** Rows that it has, of so many packets: those that were stored when it was made. */
  rows: number;
  packets: number;
  /** How far the work on it is, 0 to 1. Absent: nothing is being sorted. */
  share?: number;
}

/** method → [params, result]; part of InspectorMethods. */
export interface SortMethods {
  /**
   * Puts the packets that a display filter lets through in order. Answers when they are, or after a moment with how far it is: ask again. An order holds still while
   * packets come, until somebody asks for it `again`. `window` is whoever asks, by a name of its own: an order stays while somebody holds it. Rejects with
   * FILTER, with USAGE for what is no column, and with E2BIG when the values of a column take too much memory.
   */
  'packets.sort': [params: { window: string; filter: string; sort: PacketSort; again?: boolean }, result: SortState];
  /** This window does not want it any more: its memory goes when nobody else does. `keep`: only the work on it ends, what is there stays. */
  'packets.unsort': [
    params: { window: string; filter: string; by: SortBy; keep?: boolean },
    result: Record<string, never>,
  ];
}
