/** The Monitor of a session: reads the kernel's counters once a second while it runs; rates, series and alarms come from there. */
import type { InterfaceInfo } from '../../shared/capture.ts';
import { type ErrorData, errorData } from '../../shared/errors.ts';
import {
  type Figure,
  type MonitorApiMethods,
  type MonitorReading,
  type MonitorWindow,
  SERIES_KEYS,
  SERIES_POINTS,
  type SeriesKey,
} from '../../shared/monitor-api.ts';
import type { MonitorCounts } from '../../shared/workbench.ts';
import type { Handlers } from './handlers.ts';
import { MonitorAlarms } from './monitor-alarms.ts';
import { MonitorMeter } from './monitor-meter.ts';
import { readingOf } from './monitor-reading.ts';
import type { Workbench } from './workbench.ts';

const PERIOD_MS = 1000;
/** Interfaces are listed again when an index is new, but not more often. */
const NAMES_MS = 5000;

/** Reads of one run: what the session and the command line share. */
export class MonitorReader {
  readonly #workbench: Workbench;
  readonly #meter = new MonitorMeter();
  readonly #startedMs = Date.now();
  #interfaces: readonly InterfaceInfo[] = [];
  #listedMs = 0;
  missing: string[] = [];

  private constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  /** Attaches. Rejects with why not. */
  static async start(workbench: Workbench): Promise<MonitorReader> {
    const reader = new MonitorReader(workbench);
    reader.missing = (await workbench.request('monitorStart', {})).missing;
    return reader;
  }

  async read(): Promise<MonitorReading> {
    const counts = await this.#workbench.request('monitorRead', {});
    await this.#learnNames(counts);
    return readingOf(this.#meter.take(counts), this.#startedMs, this.#interfaces);
  }

  stop(): Promise<unknown> {
    return this.#workbench.request('monitorStop', {});
  }

  async #learnNames({ devmap }: MonitorCounts): Promise<void> {
    if (devmap.length === 0 || Date.now() - this.#listedMs < NAMES_MS) return;
    this.#listedMs = Date.now();
    // Without names the figures are still right.
    this.#interfaces = await this.#workbench.interfaces().catch(() => this.#interfaces);
  }
}

export class Monitor {
  readonly #workbench: Workbench;
  readonly handlers: Handlers<MonitorApiMethods> = {
    'monitor.start': async () => {
      await this.#start();
      return {};
    },
    'monitor.stop': async () => {
      await this.#stop();
      return {};
    },
    'monitor.get': () => this.window(),
  };
  #reader: MonitorReader | undefined;
  #starting: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #error: ErrorData | undefined;
  #missing: string[] = [];
  #reading: MonitorReading | undefined;
  #alarms = new MonitorAlarms();
  #series: MonitorWindow['series'] = emptySeries();

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
    // Asking again would start another process, which is for people to decide.
    workbench.onGone((reason) => {
      if (this.#reader) this.#ended(reason);
    });
  }

  window(): MonitorWindow {
    return {
      running: this.#reader !== undefined,
      ...(this.#error && { error: this.#error }),
      missing: this.#missing,
      ...(this.#reading && { reading: this.#reading }),
      series: this.#series,
      alarms: this.#alarms.list(Date.now()),
    };
  }

  /** Started twice is started once. What an earlier run counted is forgotten. */
  #start(): Promise<void> {
    if (this.#reader) return Promise.resolve();
    this.#starting ??= this.#begin().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #begin(): Promise<void> {
    const reader = await MonitorReader.start(this.#workbench);
    this.#reader = reader;
    this.#error = undefined;
    this.#missing = reader.missing;
    this.#reading = undefined;
    this.#alarms = new MonitorAlarms();
    this.#series = emptySeries();
    await this.#tick(reader);
    if (this.#reader === reader) this.#timer = setInterval(() => void this.#tick(reader), PERIOD_MS).unref();
  }

  #busy = false;
  async #tick(reader: MonitorReader): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const reading = await reader.read();
      if (this.#reader !== reader) return;
      this.#reading = reading;
      this.#alarms.take(reading);
      addPoint(this.#series, reading);
    } catch (error) {
      if (this.#reader === reader) this.#ended(errorData(error));
    } finally {
      this.#busy = false;
    }
  }

  #ended(error: ErrorData | undefined): void {
    clearInterval(this.#timer);
    this.#reader = undefined;
    this.#error = error;
  }

  /** What was counted stays to be read. */
  async #stop(): Promise<void> {
    await this.#starting?.catch(() => {});
    const reader = this.#reader;
    this.#ended(undefined);
    await reader?.stop();
  }
}

function emptySeries(): MonitorWindow['series'] {
  const perSecond = Object.fromEntries(SERIES_KEYS.map((key) => [key, [] as number[]]));
  return { timeMs: [], perSecond: perSecond as Record<SeriesKey, number[]> };
}

function addPoint(series: MonitorWindow['series'], reading: MonitorReading): void {
  if (reading.periodNs === 0) return;
  const rates = ratesOf(reading);
  series.timeMs.push(reading.readMs);
  for (const key of SERIES_KEYS) series.perSecond[key].push(rates[key]);
  if (series.timeMs.length <= SERIES_POINTS) return;
  series.timeMs.shift();
  for (const key of SERIES_KEYS) series.perSecond[key].shift();
}

/** One figure a kind: all CPUs, all errors. */
export function ratesOf(reading: MonitorReading): Record<SeriesKey, number> {
  const all = <Row>(rows: readonly Row[], figure: (row: Row) => Figure) =>
    rows.reduce((sum, row) => sum + figure(row).perSecond, 0);
  return {
    redirected: all(reading.redirects, ({ figures }) => figures.count),
    'redirect errors': all(reading.redirectErrors, ({ figures }) => figures.count),
    exceptions: all(reading.exceptions, ({ figures }) => figures.count),
    cpumap: all(reading.cpumapEnqueue, ({ figures }) => figures.processed),
    devmap: all(reading.devmap, ({ figures }) => figures.sent),
    'XDP drops':
      all(reading.cpumapEnqueue, ({ figures }) => figures.drops) +
      all(reading.cpumapKthread, ({ figures }) => figures.drops) +
      all(reading.devmap, ({ figures }) => figures.drops),
    'stack drops': all(reading.drops, ({ figure }) => figure),
    execs: reading.execs.perSecond,
  };
}
