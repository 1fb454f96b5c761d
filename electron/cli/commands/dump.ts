/** `xdpeek dump`: packets from the kernel to the terminal, a file or another program, and an honest account at the end. */
import { type CaptureSummary, runCapture } from '../../session/dump.ts';
import type { CaptureCounters, CaptureOptions } from '../../shared/capture.ts';
import { XdpeekError } from '../../shared/errors.ts';
import { FileSink } from '../capture/file-sink.ts';
import { Counter, sayStarted } from '../capture/messages.ts';
import { OutputSink } from '../capture/output-sink.ts';
import { PrintSink } from '../capture/print-sink.ts';
import type { BlockSink } from '../capture/sink.ts';
import { captureTargets } from '../capture/targets.ts';
import { deliveredBytes } from '../capture/wire-bytes.ts';
import type { Context } from '../main.ts';
import type { Invocation } from '../options/spec.ts';
import { usageError } from '../options/usage-error.ts';
import type { Output } from '../output/output.ts';
import { summaryLines } from '../output/summary.ts';
import type { dump } from '../table.ts';

type DumpOptions = Invocation<typeof dump>['options'];

const COUNTER_MS = 500;

export async function run({ options }: Invocation<typeof dump>, { out, stop }: Context): Promise<number> {
  const capture = captureOptions(options);
  const sink = await sinkFor(options, out);
  const counter = options.write !== undefined && !options.quiet && process.stderr.isTTY ? new Counter() : undefined;
  const limited = options.count !== undefined;
  let bytes = 0;
  const summary = await runCapture({
    options: capture,
    stop,
    onBlocks(blocks, packets) {
      if (limited) bytes += deliveredBytes(blocks);
      return sink.take(blocks, packets);
    },
    onStarted: (started) => options.quiet || sayStarted(started),
    ...(options.count === undefined ? {} : { count: options.count }),
    ...(options.duration === undefined ? {} : { durationMs: options.duration * 1000 }),
    ...(counter ? { snapshots: { everyMs: COUNTER_MS, onSnapshot: ({ counters }) => counter.show(counters) } } : {}),
  });
  counter?.clear();
  const failure = await sink.close().then(
    () => summary.error && new XdpeekError(summary.error),
    (error: Error) => error,
  );
  if (!options.quiet && !sink.quiet) process.stderr.write(summaryLines(counted(summary), summary.durationMs * 1e6));
  if (failure) throw failure;
  return 0;

  /** With -c the kernel may have captured a few more than were wanted: what counts is what was handed on. */
  function counted({ counters, delivered }: CaptureSummary): CaptureCounters {
    const lostStore = counters.lostStore + sink.lost;
    const kept = limited
      ? { capturedPackets: delivered, capturedBytes: bytes }
      : { capturedPackets: counters.capturedPackets - sink.lost, capturedBytes: counters.capturedBytes };
    return { ...counters, ...kept, lostStore };
  }
}

function captureOptions(options: DumpOptions): CaptureOptions {
  return {
    targets: captureTargets(options),
    buffer: options.buffer,
    packets: true,
    flows: false,
    stats: false,
    ...(options.snaplen === undefined ? {} : { snaplen: options.snaplen }),
  };
}

async function sinkFor(options: DumpOptions, out: Output): Promise<BlockSink> {
  const { write, hex, json } = options;
  if (write === undefined) {
    const print = { type: json ? 'json' : 'text', field: [], format: [], verbose: false, hex } as const;
    return PrintSink.create(print, out);
  }
  if (hex || json) throw usageError(`-w writes packets, ${hex ? '-x' : '--json'} prints them: choose one`);
  if (write !== '-') return new FileSink(write);
  if (out.isTerminal) throw usageError('-w - would write binary data to this terminal', 'Pipe it on, or use -w FILE.');
  return new OutputSink(out);
}
