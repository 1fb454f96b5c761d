/** What the window remembers between runs: one JSON value in localStorage, checked when read. Sizes of panes live in ui/panes. */
import { create } from 'zustand';
import {
  BUFFER_KINDS,
  type BufferKind,
  HOOKS,
  SNAPLEN_MAX,
  XDP_MODES,
  type XdpMode,
} from '../../electron/shared/capture.ts';
import { THEMES, type Theme } from '../../electron/shared/ipc.ts';

/** The window's choice of hooks: those of the contract and both sides of tc at once. */
export const HOOK_CHOICES = [...HOOKS, 'tc-both'] as const;
export type HookChoice = (typeof HOOK_CHOICES)[number];

export const CHART_RANGES = [60, 300, 900] as const;
export type ChartRange = (typeof CHART_RANGES)[number];

export interface Prefs {
  theme: Theme;
  /** Last interface that was captured on: name and namespace. */
  ifname: string;
  netns: string;
  hook: HookChoice;
  mode: XdpMode;
  buffer: BufferKind;
  /** Bytes kept of each packet; 0 = whole packets. */
  snaplen: number;
  /** Flows and statistics only: no packet leaves the kernel. */
  countersOnly: boolean;
  /** Seconds of chart. */
  range: ChartRange;
  unit: 'pps' | 'bps';
}

const KEY = 'xdpeek.prefs';
const DEFAULTS: Prefs = {
  theme: 'system',
  ifname: '',
  netns: '',
  hook: 'xdp',
  mode: 'auto',
  buffer: 'auto',
  snaplen: 0,
  countersOnly: false,
  range: 60,
  unit: 'pps',
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
  if (Number.isInteger(raw.snaplen) && (raw.snaplen as number) >= 0 && (raw.snaplen as number) <= SNAPLEN_MAX)
    out.snaplen = raw.snaplen as number;
  if (typeof raw.countersOnly === 'boolean') out.countersOnly = raw.countersOnly;
  if (oneOf(CHART_RANGES, raw.range)) out.range = raw.range;
  if (raw.unit === 'pps' || raw.unit === 'bps') out.unit = raw.unit;
  return out;
}
