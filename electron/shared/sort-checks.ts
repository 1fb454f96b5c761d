/** Checks of how the window wants the list sorted (validate.ts). What columns there are the session says (session/sort/column.ts). */
import type { PacketSort, SortBy, SortedAs } from './sort.ts';
import { boolean, type Check, integer, object, string } from './validate.ts';

const BY_MAX = 110;

export const sortBy: Check<SortBy> = (value, where) => string(BY_MAX)(value, where) as SortBy;
export const packetSort: Check<PacketSort> = object({ by: sortBy, descending: boolean });
export const sortedAs: Check<SortedAs> = object({
  by: sortBy,
  descending: boolean,
  version: integer(0, Number.MAX_SAFE_INTEGER),
});
