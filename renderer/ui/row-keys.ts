/** The keys that walk over rows, alike in every list. */

export interface RowWalk {
  /** The row that is selected, or the one before the first on the screen. */
  from: number;
  /** Rows of a page. */
  page: number;
  total: number;
}

/** The row that a key goes to, which may lie beyond both ends; undefined = the key is no move. */
export function rowOfKey(key: string, { from, page, total }: RowWalk): number | undefined {
  const moves: Record<string, number> = {
    ArrowDown: from + 1,
    ArrowUp: from - 1,
    PageDown: from + page,
    PageUp: from - page,
    Home: 0,
    End: total - 1,
  };
  return moves[key];
}
