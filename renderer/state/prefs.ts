/** What the window remembers between runs: one JSON value in localStorage, checked when read. Sizes of panes live in ui/panes. */
import { create } from 'zustand';
import { IO_FUNCTIONS, type IoFunction, type IoLine } from '../../electron/shared/analysis.ts';
import {
  BUFFER_KINDS,
  type BufferKind,
  FILTER_TEXT_MAX,
  HOOKS,
  MAX_TARGETS,
  SAMPLE_MAX,
  SNAPLEN_MAX,
  TCX_ORDERS,
  type TcxOrder,
  XDP_MODES,
  type XdpMode,
} from '../../electron/shared/capture.ts';
import {
  type DecodeRule,
  HEURISTIC_NAMES,
  type HeuristicName,
  isDecodeRule,
  MAX_DECODE_RULES,
} from '../../electron/shared/decode.ts';
import { THEMES, type Theme } from '../../electron/shared/ipc.ts';

/** The window's choice of hooks: those of the contract and both sides of tc at once. */
export const HOOK_CHOICES = [...HOOKS, 'tc-both'] as const;
export type HookChoice = (typeof HOOK_CHOICES)[number];

export const CHART_RANGES = [60, 300, 900] as const;
export type ChartRange = (typeof CHART_RANGES)[number];

/** An interface by name; '' is the namespace of xdpeek. */
export interface Place {
  ifname: string;
  netns: string;
}

/** A row that the display filter lets through has this colour. */
export interface ColorRule {
  filter: string;
  color: RuleColor;
  on: boolean;
}
/** Series tokens of tokens.css. */
export const RULE_COLORS = [1, 2, 3, 4, 5, 6] as const;
export type RuleColor = (typeof RULE_COLORS)[number];
export const MOST_RULES = 24;

export interface Prefs {
  theme: Theme;
  /** Last interface that was captured on: name and namespace. */
  ifname: string;
  netns: string;
  /** Those that are captured with it. */
  others: readonly Place[];
  hook: HookChoice;
  mode: XdpMode;
  buffer: BufferKind;
  /** Bytes kept of each packet; 0 = whole packets. */
  snaplen: number;
  /** Flows and statistics only: no packet leaves the kernel. */
  countersOnly: boolean;
  /** Capture filter as it stands in its field, and those that were used, newest first. */
  filter: string;
  filters: readonly string[];
  /** Display filters that were used, newest first. */
  displayFilters: readonly string[];
  /** Where a number is 0: the default, or no limit. */
  bufferMiB: number;
  sample: number;
  limitPackets: number;
  limitMiB: number;
  limitSeconds: number;
  order: TcxOrder | 'default';
  /** AF_XDP only. */
  busyPoll: boolean;
  /** Name or id of the one program to observe; '' = all. */
  program: string;
  /** Seconds of chart. */
  range: ChartRange;
  unit: 'pps' | 'bps';
  /** Of rows, the first that matches counts. */
  rules: readonly ColorRule[];
  /** Display filters that are kept for good. */
  keptFilters: readonly string[];
  /** Protocols that were chosen for ports and other numbers. */
  decode: readonly DecodeRule[];
  /** What is recognised besides the usual. */
  heuristics: readonly HeuristicName[];
  /** Of the I/O graph. */
  ioLines: readonly IoLine[];
}

const KEY = 'xdpeek.prefs';
export const FILTERS_KEPT = 12;
/** Ranges of the numbers that are kept, beside 0. */
export const NUMBERS = {
  snaplen: SNAPLEN_MAX,
  bufferMiB: 1024,
  sample: SAMPLE_MAX,
  limitPackets: 1e12,
  limitMiB: 1e9,
  limitSeconds: 31_536_000,
} as const;
const DEFAULTS: Prefs = {
  theme: 'system',
  ifname: '',
  netns: '',
  others: [],
  hook: 'xdp',
  mode: 'auto',
  buffer: 'auto',
  snaplen: 0,
  countersOnly: false,
  filter: '',
  filters: [],
  displayFilters: [],
  bufferMiB: 0,
  sample: 0,
  limitPackets: 0,
  limitMiB: 0,
  limitSeconds: 0,
  order: 'default',
  busyPoll: false,
  program: '',
  range: 60,
  unit: 'pps',
  rules: [],
  keptFilters: [],
  decode: [],
  heuristics: [],
  ioLines: [
    { filter: '', fn: 'packets' },
    { filter: 'tcp.analysis.flags', fn: 'packets' },
  ],
};

export const usePrefs = create<Prefs>(() => ({ ...DEFAULTS, ...stored() }));

usePrefs.subscribe((prefs) => {
  try {
    localStorage.setItem(KEY, JSON.stringify(prefs));
  } catch {
    // No storage: the choice holds for this run.
  }
});

export function setPrefs(part: Partial<Prefs>): void {
  usePrefs.setState(part);
}

function stored(): Partial<Prefs> {
  try {
    return checked(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<keyof Prefs, unknown>);
  } catch {
    return {};
  }
}

function checked(raw: Record<keyof Prefs, unknown>): Partial<Prefs> {
  const out: Partial<Prefs> = {};
  const oneOf = <T>(values: readonly T[], value: unknown): value is T => values.includes(value as T);
  if (oneOf(THEMES, raw.theme)) out.theme = raw.theme;
  if (typeof raw.ifname === 'string') out.ifname = raw.ifname;
  if (typeof raw.netns === 'string') out.netns = raw.netns;
  if (oneOf(HOOK_CHOICES, raw.hook)) out.hook = raw.hook;
  if (oneOf(XDP_MODES, raw.mode)) out.mode = raw.mode;
  if (oneOf(BUFFER_KINDS, raw.buffer)) out.buffer = raw.buffer;
  if (Array.isArray(raw.others)) out.others = raw.others.filter(isPlace).slice(0, MAX_TARGETS - 1);
  if (isFilter(raw.filter)) out.filter = raw.filter;
  if (Array.isArray(raw.filters)) out.filters = raw.filters.filter(isFilter).slice(0, FILTERS_KEPT);
  if (Array.isArray(raw.displayFilters))
    out.displayFilters = raw.displayFilters.filter(isFilter).slice(0, FILTERS_KEPT);
  for (const name of Object.keys(NUMBERS) as (keyof typeof NUMBERS)[]) {
    const value = raw[name];
    if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= NUMBERS[name])
      out[name] = value as number;
  }
  if (raw.order === 'default' || oneOf(TCX_ORDERS, raw.order)) out.order = raw.order;
  if (typeof raw.busyPoll === 'boolean') out.busyPoll = raw.busyPoll;
  if (typeof raw.program === 'string') out.program = raw.program.slice(0, 32);
  if (typeof raw.countersOnly === 'boolean') out.countersOnly = raw.countersOnly;
  if (oneOf(CHART_RANGES, raw.range)) out.range = raw.range;
  if (raw.unit === 'pps' || raw.unit === 'bps') out.unit = raw.unit;
  if (Array.isArray(raw.rules)) out.rules = raw.rules.filter(isRule).slice(0, MOST_RULES);
  if (Array.isArray(raw.keptFilters)) out.keptFilters = raw.keptFilters.filter(isFilter).slice(0, 50);
  if (Array.isArray(raw.decode)) out.decode = raw.decode.filter(isDecodeRule).slice(0, MAX_DECODE_RULES);
  const { heuristics } = raw;
  if (Array.isArray(heuristics)) out.heuristics = HEURISTIC_NAMES.filter((name) => heuristics.includes(name));
  if (Array.isArray(raw.ioLines) && raw.ioLines.length > 0 && raw.ioLines.every(isIoLine))
    out.ioLines = raw.ioLines.slice(0, 6);
  return out;
}

function isIoLine(value: unknown): value is IoLine {
  const { filter, fn, field } = (value ?? {}) as Partial<IoLine>;
  return isFilter(filter) && IO_FUNCTIONS.includes(fn as IoFunction) && (field === undefined || isFilter(field));
}

function isPlace(value: unknown): value is Place {
  const { ifname, netns } = (value ?? {}) as Partial<Place>;
  return typeof ifname === 'string' && ifname !== '' && typeof netns === 'string';
}

function isFilter(value: unknown): value is string {
  return typeof value === 'string' && value.length <= FILTER_TEXT_MAX;
}

function isRule(value: unknown): value is ColorRule {
  const { filter, color, on } = (value ?? {}) as Partial<ColorRule>;
  return isFilter(filter) && RULE_COLORS.includes(color as RuleColor) && typeof on === 'boolean';
}
