/** Checks of what the window says that is to be written (validate.ts). */
import { EXPORT_FORMATS, EXPORT_PACKINGS, type ExportRequest, type PacketChoice } from './export.ts';
import { sortedAs } from './sort-checks.ts';
import { type Check, filterText, integer, object, oneOf, optional } from './validate.ts';

const MAX_ROW = 2 ** 32;
const ofFilter = object({ of: oneOf(['filter']), filter: filterText });
const ofMarked = object({ of: oneOf(['marked']) });
const ofRows = object({
  of: oneOf(['rows']),
  filter: filterText,
  first: integer(0, MAX_ROW),
  last: integer(0, MAX_ROW),
  sort: optional(sortedAs),
});

export const packetChoice: Check<PacketChoice> = (value, where) => {
  const of = (value as { of?: unknown } | null | undefined)?.of;
  if (of === 'marked') return ofMarked(value, where);
  return of === 'rows' ? ofRows(value, where) : ofFilter(value, where);
};

export const exportRequest: Check<ExportRequest> = object({
  packets: packetChoice,
  format: oneOf(EXPORT_FORMATS),
  packing: oneOf(EXPORT_PACKINGS),
});
