/** Checks of every method's parameters: the window is not trusted. Bounds keep one answer a few milliseconds. */
import { CONVERSATION_SORTS, ENDPOINT_SORTS, FOLLOW_KINDS, IO_FUNCTIONS, STAT_LAYERS } from '../shared/analysis.ts';
import type { FlowSortKey, InspectorMethod, InspectorMethods, InspectorTopic } from '../shared/api.ts';
import { DECODE_TABLE_NAMES, HEURISTIC_NAMES, MAX_DECODE_RULES } from '../shared/decode.ts';
import { XdpeekError } from '../shared/errors.ts';
import { packetChoice } from '../shared/export-checks.ts';
import { packetSort, sortBy } from '../shared/sort-checks.ts';
import {
  array,
  boolean,
  type Check,
  captureOptions,
  filterText,
  integer,
  object,
  oneOf,
  optional,
  quote,
  string,
} from '../shared/validate.ts';
import { WORKBENCH_PARAMS } from './workbench/params.ts';

const MAX_ROW = 2 ** 32;
export const MAX_ROWS_A_WINDOW = 1000;
const MAX_POINTS = 300;
/** Columns, colouring rules of the packet list. */
const MAX_FIELDS = 16;
const MAX_RULES = 32;
/** An option of pcapng holds 65,535 bytes; a character takes up to 4. */
const MAX_COMMENT = 16_000;
/** A name that a window gives itself. */
const MAX_WINDOW_NAME = 64;
/** Of an I/O graph. */
const MAX_LINES = 12;
const MAX_FOLLOW_BYTES = 4 * 1024 * 1024;
const DAY_SECONDS = 86_400;

const SORT_KEYS: readonly FlowSortKey[] = [
  'source',
  'sourcePort',
  'destination',
  'destinationPort',
  'protocol',
  'interfaceName',
  'direction',
  'packets',
  'bytes',
  'pps',
  'bitsPerSecond',
  'firstMs',
  'lastMs',
  'state',
];
const TOPICS: readonly InspectorTopic[] = ['status', 'stored', 'interfaces', 'host'];

const nothing = object({});
const window = { start: integer(0, MAX_ROW), count: integer(0, MAX_ROWS_A_WINDOW) };

export const PARAMS: { [M in InspectorMethod]: Check<InspectorMethods[M][0]> } = {
  ...WORKBENCH_PARAMS,
  'host.info': nothing,
  'interfaces.list': nothing,
  'capture.start': captureOptions,
  'capture.filter': object({ filter: filterText }),
  'filter.check': object({ filter: filterText, linkTypes: array(integer(0, 0xffff), 0, 8) }),
  'filter.presets': nothing,
  'capture.stop': nothing,
  'capture.status': nothing,
  'capture.clear': nothing,
  'packets.rows': object({
    ...window,
    filter: optional(filterText),
    sort: optional(packetSort),
    fields: optional(array(string(100), 0, MAX_FIELDS)),
    rules: optional(array(filterText, 0, MAX_RULES)),
  }),
  'packets.seek': object({
    number: integer(0, MAX_ROW + 1),
    filter: filterText,
    backwards: boolean,
    list: optional(object({ filter: filterText, sort: packetSort })),
  }),
  'packets.sort': object({
    window: string(MAX_WINDOW_NAME),
    filter: filterText,
    sort: packetSort,
    again: optional(boolean),
  }),
  'packets.unsort': object({
    window: string(MAX_WINDOW_NAME),
    filter: filterText,
    by: sortBy,
    keep: optional(boolean),
  }),
  'packets.mark': object({ packets: packetChoice, marked: boolean }),
  'export.plan': object({ packets: packetChoice }),
  'export.cancel': nothing,
  'file.stop': nothing,
  'packets.reference': object({ number: integer(1, MAX_ROW), on: boolean }),
  'packets.comment': object({ number: integer(1, MAX_ROW), text: string(MAX_COMMENT) }),
  'packets.place': object({ number: integer(1, MAX_ROW), filter: filterText, sort: optional(packetSort) }),
  'display.check': object({ filter: filterText }),
  'display.fields': object({ prefix: string(100) }),
  'decode.get': object({ number: optional(integer(1, MAX_ROW)) }),
  'decode.set': object({
    rules: array(
      object({
        table: oneOf(DECODE_TABLE_NAMES),
        from: integer(0, 0xffffffff),
        to: integer(0, 0xffffffff),
        protocol: string(100),
      }),
      0,
      MAX_DECODE_RULES,
    ),
    heuristics: optional(array(oneOf(HEURISTIC_NAMES), 0, HEURISTIC_NAMES.length)),
  }),
  'packets.detail': object({ number: integer(1, MAX_ROW) }),
  'series.get': object({
    by: oneOf(['verdict', 'protocol']),
    seconds: integer(1, DAY_SECONDS),
    points: integer(1, MAX_POINTS),
  }),
  'flows.rows': object({ ...window, sort: oneOf(SORT_KEYS), descending: boolean, search: optional(string(200)) }),
  'stats.get': nothing,
  'top.get': object({ count: integer(1, 100) }),
  'analysis.overview': object({ filter: filterText }),
  'analysis.conversations': object({
    ...window,
    filter: filterText,
    layer: oneOf(STAT_LAYERS),
    sort: oneOf(CONVERSATION_SORTS),
    descending: boolean,
  }),
  'analysis.endpoints': object({
    ...window,
    filter: filterText,
    layer: oneOf(STAT_LAYERS),
    sort: oneOf(ENDPOINT_SORTS),
    descending: boolean,
  }),
  'analysis.io': object({
    lines: array(object({ filter: filterText, fn: oneOf(IO_FUNCTIONS), field: optional(string(200)) }), 1, MAX_LINES),
    intervalNs: integer(0, 3_600_000_000_000),
  }),
  'analysis.follow': object({
    kind: oneOf(FOLLOW_KINDS),
    stream: integer(0, MAX_ROW),
    start: integer(0, MAX_ROW),
    maxBytes: integer(1, MAX_FOLLOW_BYTES),
  }),
  'analysis.tcp': object({ stream: integer(0, MAX_ROW) }),
};

/** Throws XdpeekError USAGE. */
export function checkCall(method: string, params: unknown): { method: InspectorMethod; params: unknown } {
  if (!Object.hasOwn(PARAMS, method))
    throw new XdpeekError({ code: 'USAGE', message: `there is no method ${quote(method)}` });
  const known = method as InspectorMethod;
  return { method: known, params: PARAMS[known](params, known) };
}

export function checkTopic(topic: string): InspectorTopic {
  const known = TOPICS.find((name) => name === topic);
  if (known === undefined) throw new XdpeekError({ code: 'USAGE', message: `there is no topic ${quote(topic)}` });
  return known;
}
