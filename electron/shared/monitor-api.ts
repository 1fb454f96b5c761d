/**
 * What the window and the command line ask about what goes on in the kernel: the Monitor's counters, with rates over the exact period between two
 * readings, and the trace log. Text is ready to show, but comes from the kernel: treat it as a stranger's.
 */
import type { ErrorData } from './errors.ts';

/** `total` since the monitor began; `perSecond` over the last period. */
export interface Figure {
  total: number;
  perSecond: number;
}
export type Figures<Name extends string> = Record<Name, Figure>;

/** What was counted of one thing, over all CPUs and by each that counted any. */
export interface Counted<Name extends string> {
  /** The same in every reading. */
  key: string;
  figures: Figures<Name>;
  perCpu: { cpu: number; figures: Figures<Name> }[];
}

/** An interface that the kernel names by its index alone, which every network namespace gives anew. */
export interface DeviceName {
  ifindex: number;
  /** "veth0 (netns blue)"; several when the index fits several; "#7 (namespace unknown)" when none is found. */
  text: string;
}

/** Packets of one batch over the last period; undefined when there was none. */
export function bulkAverage(packets: Figure, batches: Figure): number | undefined {
  return batches.perSecond > 0 ? packets.perSecond / batches.perSecond : undefined;
}

/** Of both: a devmap's batches held what was sent and what was dropped. */
export function sumOf(a: Figure, b: Figure): Figure {
  return { total: a.total + b.total, perSecond: a.perSecond + b.perSecond };
}

export interface MonitorReading {
  /** Epoch ms. */
  startedMs: number;
  readMs: number;
  /** Of the rates; 0 after the first reading: there are none yet. */
  periodNs: number;
  redirects: Counted<'count'>[];
  /** By errno, most frequent first. */
  redirectErrors: (Counted<'count'> & { error: string; meaning: string; hint: string })[];
  exceptions: (Counted<'count'> & { action: string; meaning: string })[];
  /** `processed` is what the batches held, dropped ones too. Bulk average = processed / batches. */
  cpumapEnqueue: (Counted<'processed' | 'drops' | 'batches'> & { toCpu: number })[];
  /** `scheduled`: how often it gave the CPU away. */
  cpumapKthread: Counted<'processed' | 'drops' | 'batches' | 'scheduled'>[];
  /** `errors`: batches that the driver refused, the last of them with `error`. Bulk average = (sent + drops) / batches. */
  devmap: (Counted<'sent' | 'drops' | 'batches' | 'errors'> & {
    from: DeviceName;
    to: DeviceName;
    error?: { name: string; meaning: string; hint: string };
  })[];
  /** Of the stack (skb:kfree_skb), most frequent first. */
  drops: { key: string; reason: string; place: string; protocol: string; figure: Figure }[];
  execs: Figure;
}

export interface MonitorAlarm {
  key: string;
  level: 'error' | 'warning';
  text: string;
  /** What it means, and what to do. */
  hint: string;
  sinceMs: number;
  lastMs: number;
  /** Seen within the last ten seconds; the others are over. */
  active: boolean;
}

export const SERIES_POINTS = 300;
export const SERIES_KEYS = [
  'redirected',
  'redirect errors',
  'exceptions',
  'cpumap',
  'devmap',
  'XDP drops',
  'stack drops',
  'execs',
] as const;
export type SeriesKey = (typeof SERIES_KEYS)[number];

export interface MonitorWindow {
  running: boolean;
  /** Why it ended by itself. */
  error?: ErrorData;
  /** Tracepoints that this kernel does not have, in words. */
  missing: string[];
  reading?: MonitorReading;
  /** One point a second, newest last, at most SERIES_POINTS: perSecond[key][point], of SERIES_KEYS. */
  series: { timeMs: number[]; perSecond: Record<SeriesKey, number[]> };
  /** Active ones first, the worst of them first. */
  alarms: MonitorAlarm[];
}

export interface TraceLine {
  /** Of all lines since the log was started. */
  index: number;
  /** Empty where a line has no head of its own: the rest of a message of several lines. */
  task: string;
  pid: number;
  cpu: number;
  /** As the kernel writes them: "d.s31". */
  flags: string;
  /** The trace clock: seconds since boot by default. */
  timeS: number;
  /** "bpf_trace_printk". */
  function: string;
  text: string;
  /** `text` with Ethernet addresses, protocols and IPv4 addresses made readable; equal to it when there is nothing to decode. */
  decoded: string;
}

export interface TraceWindow {
  running: boolean;
  error?: ErrorData;
  /** Lines since the start. */
  total: number;
  /** Lines that the kernel or the pipe could not keep. */
  lost: number;
  /** Oldest lines that were let go since, to bound memory. */
  forgotten: number;
  /** Kept, matching, and below `until`. */
  matching: number;
  /** Lines at and above `until`: what a paused view does not show. */
  newer: number;
  start: number;
  lines: TraceLine[];
}

type Nothing = Record<string, never>;

export interface MonitorApiMethods {
  'monitor.start': [params: Nothing, result: Nothing];
  'monitor.stop': [params: Nothing, result: Nothing];
  'monitor.get': [params: Nothing, result: MonitorWindow];
}

export interface TraceApiMethods {
  /** Begins an empty log. Reading takes the lines away from other readers of the kernel's pipe. */
  'trace.start': [params: Nothing, result: Nothing];
  'trace.stop': [params: Nothing, result: Nothing];
  /** Lines `start`… of those that match `search` (any case) and stand before index `until`. `start` -1 = the last `count`. */
  'trace.get': [params: { start: number; count: number; search?: string; until?: number }, result: TraceWindow];
}
