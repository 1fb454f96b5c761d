/** `xdpeek trace`: the kernel's trace pipe, line by line as it comes. What the reader of our output cannot take in time is counted. */
import { longTimeout } from '../../session/long-timeout.ts';
import { matches } from '../../session/workbench/trace.ts';
import { parseTraceLine } from '../../session/workbench/trace-line.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { TraceLine } from '../../shared/monitor-api.ts';
import { say } from '../capture/messages.ts';
import type { Invocation } from '../options/spec.ts';
import { jsonLine } from '../output/json-line.ts';
import { printable } from '../output/printable.ts';
import { grouped, plural } from '../output/units.ts';
import type { Context } from '../start.ts';
import type { trace } from '../table.ts';
import { withWorkbench } from '../workbench/with-workbench.ts';

const MOST_WAITING = 20_000;

export async function run({ options }: Invocation<typeof trace>, { out, stop }: Context): Promise<number> {
  const { raw, json, duration, count = Number.POSITIVE_INFINITY } = options;
  const search = (options.search ?? '').toLowerCase();
  const enough = new AbortController();
  const ending = AbortSignal.any([stop, enough.signal]);
  const timer = duration === undefined ? undefined : longTimeout(duration, () => enough.abort());
  let [seen, printed, lost] = [0, 0, 0];
  let failure: unknown;
  let waiting: string[] = [];
  let writing: Promise<void> | undefined;

  async function write(): Promise<void> {
    try {
      while (waiting.length > 0 && !out.closed) {
        const lines = waiting;
        waiting = [];
        void out.write(lines.join('')).catch(() => {}); // flush tells
        await out.flush();
      }
    } catch (error) {
      failure = error;
      enough.abort();
    }
    writing = undefined;
  }

  function take(line: string): void {
    // bpf_trace_printk ends its lines itself: a \n in the format is one more.
    if (line.trim() === '') return;
    const parsed = parseTraceLine(line, seen++);
    if (ending.aborted || !matches(parsed, search)) return;
    if (waiting.length >= MOST_WAITING) {
      lost++;
      return;
    }
    waiting.push(
      json ? jsonLine(raw ? { ...parsed, raw: line } : parsed) : `${printable(raw ? line : told(parsed))}\n`,
    );
    if (++printed >= count) enough.abort();
    writing ??= write();
  }

  try {
    await withWorkbench(async (workbench) => {
      workbench.onEvent((event) => {
        if (event.event !== 'trace') return;
        lost += event.lost;
        for (const line of event.lines) take(line);
      });
      let over = false;
      workbench.onGone((reason) => {
        if (over) return;
        failure = new XdpeekError(reason);
        enough.abort();
      });
      await workbench.request('traceStart', {});
      say("following the kernel's trace log");
      if (!ending.aborted) await new Promise((resolve) => ending.addEventListener('abort', resolve, { once: true }));
      over = true;
      if (failure === undefined) await workbench.request('traceStop', {});
    });
    await writing;
  } finally {
    timer?.cancel();
  }
  if (failure !== undefined) throw failure;
  say(`${plural(seen, 'line')}, ${grouped(printed)} printed, ${grouped(lost)} lost`);
  return 0;
}

function told({ task, pid, cpu, timeS, function: name, decoded }: TraceLine): string {
  if (task === '') return decoded;
  const from = name === 'bpf_trace_printk' ? '' : `${name}: `;
  return `${timeS.toFixed(6).padStart(14)} [${String(cpu).padStart(3, '0')}] ${`${task}-${pid}`.padEnd(18)} ${from}${decoded}`;
}
