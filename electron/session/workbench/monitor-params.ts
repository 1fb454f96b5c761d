/** Checks of the Monitor's and the trace log's parameters. */
import { integer, object, optional, string } from '../../shared/validate.ts';

const nothing = object({});
/** What a screen holds, and what is around it. */
const MOST_LINES = 2000;

export const MONITOR_PARAMS = {
  'monitor.start': nothing,
  'monitor.stop': nothing,
  'monitor.get': nothing,
  'trace.start': nothing,
  'trace.stop': nothing,
  'trace.get': object({
    start: integer(-1, Number.MAX_SAFE_INTEGER),
    count: integer(0, MOST_LINES),
    search: optional(string(200)),
    until: optional(integer(0, Number.MAX_SAFE_INTEGER)),
  }),
};
