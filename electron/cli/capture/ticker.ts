/**
 * A capture without packets, looked at now and then: what `flows` and `stats` run on. The first reading is only the base of
 * the rates; each one after it goes to `print`. A reader that is slower than the ticks misses some, nothing piles up.
 */
import { runCapture } from '../../session/dump.ts';
import type { Snapshot } from '../../session/live-capture.ts';
import type { CaptureOptions } from '../../shared/capture.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { Output } from '../output/output.ts';
import { sayStarted } from './messages.ts';

export interface Ticks {
  readonly options: CaptureOptions;
  readonly intervalS: number;
  /** Ends after so many readings were printed. */
  readonly count: number | undefined;
  readonly out: Output;
  readonly stop: AbortSignal;
  /** Takes a reading; returns its text, or undefined for the first one. */
  readonly print: (snapshot: Snapshot) => string | undefined;
}

export async function runTicks({ options, intervalS, count, out, stop, print }: Ticks): Promise<number> {
  const enough = new AbortController();
  let printed = 0;
  let writing = false;
  let failure: unknown;
  async function show(text: string): Promise<void> {
    writing = true;
    try {
      void out.write(text).catch(() => {}); // flush tells
      await out.flush();
    } catch (error) {
      failure = error;
    }
    writing = false;
    if (failure || out.closed || ++printed === count) enough.abort();
  }
  const summary = await runCapture({
    options,
    stop: AbortSignal.any([stop, enough.signal]),
    onStarted: sayStarted,
    snapshots: {
      everyMs: intervalS * 1000,
      flows: options.flows === true,
      stats: options.stats === true,
      onSnapshot(snapshot) {
        if (writing || enough.signal.aborted) return;
        const text = print(snapshot);
        if (text !== undefined) void show(text);
      },
    },
  });
  if (failure) throw failure;
  if (summary.error) throw new XdpeekError(summary.error);
  return 0;
}
