/**
 * The trace log of a session: the newest lines of the kernel's trace pipe, parsed when they come, searched when somebody looks. Memory is bounded by
 * lines and by characters; what is let go or lost on the way is counted.
 */
import type { ErrorData } from '../../shared/errors.ts';
import type { TraceApiMethods, TraceLine, TraceWindow } from '../../shared/monitor-api.ts';
import type { Handlers } from './handlers.ts';
import { parseTraceLine } from './trace-line.ts';
import type { Workbench } from './workbench.ts';

const MOST_LINES = 50_000;
const MOST_CHARACTERS = 16 << 20;
/** Let go at once, so that moving the rest is rare. */
const SHARE = 8;

export class TraceLog {
  #lines: TraceLine[] = [];
  #characters = 0;
  total = 0;
  lost = 0;
  forgotten = 0;
  #search = '';
  /** Of the last search: lines that match, and how far it has looked. */
  #matching: TraceLine[] = [];
  #searchedTo = 0;

  add(lines: readonly string[], lost: number): void {
    this.lost += lost;
    for (const line of lines) {
      // bpf_trace_printk ends its lines itself: a \n in the format is one more.
      if (line.trim() === '') continue;
      const parsed = parseTraceLine(line, this.total++);
      this.#lines.push(parsed);
      this.#characters += sizeOf(parsed);
    }
    while (this.#lines.length > MOST_LINES || this.#characters > MOST_CHARACTERS) this.#letGo();
  }

  /** `start` -1: the last `count`. */
  window(
    start: number,
    count: number,
    search = '',
    until: number = this.total,
  ): Pick<TraceWindow, 'matching' | 'newer' | 'start' | 'lines'> {
    const found = this.#found(search.toLowerCase());
    const end = firstFrom(found, until);
    const from = start < 0 ? Math.max(0, end - count) : Math.min(start, end);
    return {
      matching: end,
      newer: this.total - Math.min(until, this.total),
      start: from,
      lines: found.slice(from, Math.min(from + count, end)),
    };
  }

  #letGo(): void {
    const gone = this.#lines.splice(0, Math.max(1, Math.ceil(this.#lines.length / SHARE)));
    this.forgotten += gone.length;
    for (const line of gone) this.#characters -= sizeOf(line);
    this.#search = '';
    this.#matching = [];
  }

  #found(search: string): readonly TraceLine[] {
    if (search === '') return this.#lines;
    if (search !== this.#search) {
      this.#search = search;
      this.#matching = [];
      this.#searchedTo = 0;
    }
    const from = firstFrom(this.#lines, this.#searchedTo);
    for (let at = from; at < this.#lines.length; at++)
      if (matches(this.#lines[at]!, search)) this.#matching.push(this.#lines[at]!);
    this.#searchedTo = this.total;
    return this.#matching;
  }
}

const sizeOf = ({ task, text, decoded }: TraceLine) =>
  task.length + text.length + (decoded === text ? 0 : decoded.length);

/** Nearly all lines are bpf_printk's: a part of that name would find everything. */
const ofFunction = (name: string, search: string) =>
  name === 'bpf_trace_printk' ? name === search : name.toLowerCase().includes(search);

/** `search` in lower case: in the message as it was or decoded, the task, the function, "pid 4711". */
export function matches({ task, pid, function: name, text, decoded }: TraceLine, search: string): boolean {
  const within = (part: string) => part.toLowerCase().includes(search);
  return within(text) || (decoded !== text && within(decoded)) || within(`${task}-${pid}`) || ofFunction(name, search);
}

/** How many stand before the line of this index. */
function firstFrom(lines: readonly TraceLine[], index: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lines[middle]!.index < index) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class Trace {
  readonly #workbench: Workbench;
  readonly handlers: Handlers<TraceApiMethods> = {
    'trace.start': async () => {
      await this.#start();
      return {};
    },
    'trace.stop': async () => {
      await this.#stop();
      return {};
    },
    'trace.get': ({ start, count, search, until }) => {
      const { total, lost, forgotten } = this.#log;
      return {
        running: this.#listening !== undefined,
        ...(this.#error && { error: this.#error }),
        total,
        lost,
        forgotten,
        ...this.#log.window(start, count, search, until),
      };
    },
  };
  #log = new TraceLog();
  #listening: (() => void) | undefined;
  #error: ErrorData | undefined;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
    workbench.onGone((reason) => {
      if (this.#listening) this.#ended(reason);
    });
  }

  async #start(): Promise<void> {
    if (this.#listening) return;
    const log = new TraceLog();
    const listening = this.#workbench.onEvent((event) => {
      if (event.event === 'trace') log.add(event.lines, event.lost);
    });
    this.#listening = listening;
    try {
      await this.#workbench.request('traceStart', {});
      this.#log = log;
      this.#error = undefined;
    } catch (error) {
      this.#ended(undefined);
      throw error;
    }
  }

  #ended(error: ErrorData | undefined): void {
    this.#listening?.();
    this.#listening = undefined;
    this.#error = error;
  }

  /** The lines stay to be read. */
  async #stop(): Promise<void> {
    if (!this.#listening) return;
    await this.#workbench.request('traceStop', {});
    this.#ended(undefined);
  }
}
