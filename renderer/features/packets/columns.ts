/** The packet table's columns: what they show, how wide they are, which are hidden; remembered between runs. */
import { create } from 'zustand';
import type { PacketRow } from '../../../electron/shared/api.ts';
import { LIST_COLUMNS } from '../../../electron/shared/sort.ts';

export const COLUMN_IDS = LIST_COLUMNS;
export type ColumnId = (typeof COLUMN_IDS)[number];

/** A column of one's own: "field:tcp.stream". */
export type FieldColumnId = `field:${string}`;

export interface Column {
  id: ColumnId | FieldColumnId;
  label: string;
  /** Default width, px. `info` takes what is left, at least this. */
  width: number;
  align?: 'right';
  mono?: boolean;
}

export const COLUMNS: readonly Column[] = [
  { id: 'number', label: 'No.', width: 76, align: 'right', mono: true },
  { id: 'time', label: 'Time', width: 112, align: 'right', mono: true },
  { id: 'verdict', label: 'Verdict', width: 78 },
  { id: 'source', label: 'Source', width: 152, mono: true },
  { id: 'destination', label: 'Destination', width: 152, mono: true },
  { id: 'protocol', label: 'Protocol', width: 76 },
  { id: 'length', label: 'Length', width: 64, align: 'right', mono: true },
  { id: 'interface', label: 'Interface', width: 112 },
  { id: 'info', label: 'Info', width: 224 },
];

export const TIME_FORMATS = ['relative', 'delta', 'clock', 'date', 'utc', 'epoch'] as const;
export type TimeFormat = (typeof TIME_FORMATS)[number];
export const TIME_WORDS: Record<TimeFormat, string> = {
  relative: 'Since the first packet',
  delta: 'Since the packet before',
  clock: 'Time of day',
  date: 'Date and time',
  utc: 'Date and time, UTC',
  epoch: 'Seconds since 1970',
};

/** What a time needs more than usual, px. */
const TIME_WIDTHS: Partial<Record<TimeFormat, number>> = { date: 206, utc: 206, epoch: 168 };

export interface TablePrefs {
  widths: Partial<Record<ColumnId | FieldColumnId, number>>;
  hidden: ColumnId[];
  /** Fields that have a column, in order. */
  fields: readonly string[];
  time: TimeFormat;
  /** Where the packet's details are. */
  details: 'below' | 'beside' | 'hidden';
}

const KEY = 'xdpeek.packets';
const MIN_WIDTH = 36;
const MAX_WIDTH = 900;
const FIELD_WIDTH = 120;
export const MOST_FIELDS = 12;

export const useTablePrefs = create<TablePrefs>(() => ({
  widths: {},
  hidden: [],
  fields: [],
  time: 'relative',
  details: 'below',
  ...stored(),
}));

useTablePrefs.subscribe((prefs) => {
  try {
    localStorage.setItem(KEY, JSON.stringify(prefs));
  } catch {
    // No storage: the choice holds for this run.
  }
});

export function setWidth(id: Column['id'], width: number): void {
  const clamped = Math.round(Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width)));
  useTablePrefs.setState((prefs) => ({ widths: { ...prefs.widths, [id]: clamped } }));
}

export function toggleHidden(id: ColumnId): void {
  useTablePrefs.setState(({ hidden }) => ({
    hidden: hidden.includes(id) ? hidden.filter((each) => each !== id) : [...hidden, id],
  }));
}

/** As its heading says. */
export function columnLabel(id: Column['id']): string {
  return COLUMNS.find((column) => column.id === id)?.label ?? id.replace(/^field:/, '');
}

/** A field gets a column, in front of Info, or loses it. */
export function toggleField(name: string): void {
  useTablePrefs.setState(({ fields }) => ({
    fields: fields.includes(name) ? fields.filter((each) => each !== name) : [...fields, name].slice(0, MOST_FIELDS),
  }));
}

/** What is shown: the interface column only while there are several interfaces; those of one's own in front of Info. */
export function shownColumns(
  { hidden, fields, time }: Pick<TablePrefs, 'hidden' | 'fields' | 'time'>,
  interfaces: number,
): Column[] {
  const own = fields.map((name): Column => ({ id: `field:${name}`, label: name, width: FIELD_WIDTH, mono: true }));
  const shown = COLUMNS.filter(
    ({ id }) => !hidden.includes(id as ColumnId) && (id !== 'interface' || interfaces > 1),
  ).map((column) => (column.id === 'time' ? { ...column, width: TIME_WIDTHS[time] ?? column.width } : column));
  const info = shown.findIndex(({ id }) => id === 'info');
  return info < 0 ? [...shown, ...own] : [...shown.slice(0, info), ...own, ...shown.slice(info)];
}

export function gridTemplate(columns: readonly Column[], widths: TablePrefs['widths']): string {
  return columns
    .map(({ id, width }) => (id === 'info' ? `minmax(${width}px, 1fr)` : `${widths[id] ?? width}px`))
    .join(' ');
}

/** Least width of a row, px: narrower windows scroll sideways. */
export function leastWidth(columns: readonly Column[], widths: TablePrefs['widths']): number {
  return columns.reduce((sum, { id, width }) => sum + (id === 'info' ? width : (widths[id] ?? width)), 0);
}

function stored(): Partial<TablePrefs> {
  try {
    const raw = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<TablePrefs>;
    const out: Partial<TablePrefs> = {};
    if (Array.isArray(raw.fields))
      out.fields = raw.fields.filter((name) => /^[\w.-]{1,100}$/.test(String(name))).slice(0, MOST_FIELDS);
    const ids = [...COLUMN_IDS, ...(out.fields ?? []).map((name): FieldColumnId => `field:${name}`)];
    if (raw.widths && typeof raw.widths === 'object')
      out.widths = Object.fromEntries(
        ids.filter((id) => Number.isFinite(raw.widths?.[id])).map((id) => [id, raw.widths![id]!]),
      );
    if (Array.isArray(raw.hidden)) out.hidden = COLUMN_IDS.filter((id) => raw.hidden?.includes(id) && id !== 'number');
    if (TIME_FORMATS.includes(raw.time as TimeFormat)) out.time = raw.time!;
    if (raw.details === 'below' || raw.details === 'beside' || raw.details === 'hidden') out.details = raw.details;
    return out;
  } catch {
    return {};
  }
}

/** ns → "12.345678901", nine decimals as Wireshark's live captures show them. */
export function seconds(ns: number): string {
  const negative = ns < 0;
  const whole = Math.floor(Math.abs(ns) / 1e9);
  const rest = Math.round(Math.abs(ns) - whole * 1e9);
  return `${negative ? '-' : ''}${whole}.${String(rest).padStart(9, '0')}`;
}

/** Time of day with microseconds, local. */
export function timeOfDay(baseTimeNs: string, timeNs: number): string {
  const ns = BigInt(baseTimeNs) + BigInt(Math.round(timeNs));
  const date = new Date(Number(ns / 1_000_000n));
  return `${padded(':', date.getHours(), date.getMinutes(), date.getSeconds())}.${micros(ns)}`;
}

/** "2026-11-29 14:05:06.123456", local or UTC. */
export function dateAndTime(ns: bigint, utc: boolean): string {
  const date = new Date(Number(ns / 1_000_000n));
  if (utc) return `${date.toISOString().slice(0, 19).replace('T', ' ')}.${micros(ns)}`;
  const day = padded('-', date.getFullYear(), date.getMonth() + 1, date.getDate());
  return `${day} ${padded(':', date.getHours(), date.getMinutes(), date.getSeconds())}.${micros(ns)}`;
}

const padded = (between: string, ...parts: number[]) =>
  parts.map((part) => String(part).padStart(2, '0')).join(between);
const micros = (ns: bigint) => String((ns / 1000n) % 1_000_000n).padStart(6, '0');

/** The time cell. `before` is the row above, if it is known. */
export function timeText(
  format: TimeFormat,
  row: PacketRow,
  before: PacketRow | undefined,
  baseTimeNs: string | undefined,
): string {
  if (format === 'delta' && row.sinceShownNs !== undefined) return seconds(row.sinceShownNs);
  if (format === 'delta') return before ? seconds(row.timeNs - before.timeNs) : row.number === 1 ? seconds(0) : '';
  if (format === 'relative') return seconds(row.sinceReferenceNs ?? row.timeNs);
  if (!baseTimeNs) return '';
  if (format === 'clock') return timeOfDay(baseTimeNs, row.timeNs);
  const ns = BigInt(baseTimeNs) + BigInt(Math.round(row.timeNs));
  if (format === 'epoch') return `${ns / 1_000_000_000n}.${String(ns % 1_000_000_000n).padStart(9, '0')}`;
  return dateAndTime(ns, format === 'utc');
}

/** One line for the clipboard, columns joined by tabs. */
export function rowText(row: PacketRow): string {
  return [
    row.number,
    seconds(row.timeNs),
    row.source,
    row.destination,
    row.protocol,
    row.wireLen,
    row.verdict ?? '',
    row.info,
  ].join('\t');
}
