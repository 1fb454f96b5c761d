/** `xdpeek dump`: packets from the kernel to the terminal, a file or another program, and an honest account at the end. */
import { type CaptureSummary, runCapture } from '../../session/dump.ts';
import { BlockFile } from '../../session/files/block-file.ts';
import type { CaptureCounters, CaptureOptions } from '../../shared/capture.ts';
import { XdpeekError } from '../../shared/errors.ts';
import { FileSink } from '../capture/file-sink.ts';
import { captureFilter } from '../capture/filter-option.ts';
import { Counter, say, sayStarted } from '../capture/messages.ts';
import { OutputSink } from '../capture/output-sink.ts';
import { PrintSink } from '../capture/print-sink.ts';
import { type RingOptions, RingSink } from '../capture/ring-sink.ts';
import type { BlockSink } from '../capture/sink.ts';
import { captureTargets } from '../capture/targets.ts';
import { decodeAs } from '../decode-as.ts';
import { displayFilter } from '../display-filter.ts';
import { KeyLogs } from '../key-log.ts';
import type { Invocation } from '../options/spec.ts';
import { usageError } from '../options/usage-error.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import { summaryLines, uncountedLines } from '../output/summary.ts';
import type { Context } from '../start.ts';
import type { dump } from '../table.ts';

type DumpOptions = Invocation<typeof dump>['options'];

const COUNTER_MS = 500;

export async function run({ options, operands }: Invocation<typeof dump>, { out, stop }: Context): Promise<number> {
  const capture = captureOptions(options, operands);
  const sink = await sinkFor(options, out);
  const counter = options.write !== undefined && !options.quiet && process.stderr.isTTY ? new Counter() : undefined;
  const limited = options.count !== undefined || options.bytes !== undefined;
  const summary = await runCapture({
    options: capture,
    stop,
    onBlocks: (blocks, packets) => sink.take(blocks, packets),
    ...(sink.takePiped && { onPiped: (blocks) => sink.takePiped?.(blocks) }),
    onStarted(started) {
      if (options.quiet) return;
      sayStarted(started);
      const [, end] = /\.(pcap|gz|zst)$/i.exec(options.write ?? '') ?? [];
      if (end)
        say(
          `${printable(options.write!)} gets pcapng, whatever its name: 'xdpeek convert' ${/^p/i.test(end) ? 'makes a pcap of it' : 'compresses it'}`,
        );
    },
    onNotice(text) {
      counter?.clear();
      say(text);
    },
    ...(counter ? { snapshots: { everyMs: COUNTER_MS, onSnapshot: ({ counters }) => counter.show(counters) } } : {}),
  });
  counter?.clear();
  const failure = await sink.close().then(
    () => summary.error && new XdpeekError(summary.error),
    (error: Error) => error,
  );
  const { uncounted, delivered, durationMs } = summary;
  if (!options.quiet && !sink.quiet)
    process.stderr.write(
      uncounted ? uncountedLines(delivered - sink.lost, durationMs) : summaryLines(counted(summary), summary),
    );
  if (failure) throw failure;
  return 0;

  /** With a limit the kernel may have captured a few more than were wanted: what counts is what was handed on. */
  function counted({ counters, delivered, deliveredBytes }: CaptureSummary): CaptureCounters {
    const lostStore = counters.lostStore + sink.lost;
    const kept = limited
      ? { capturedPackets: delivered, capturedBytes: deliveredBytes }
      : { capturedPackets: counters.capturedPackets - sink.lost, capturedBytes: counters.capturedBytes };
    return { ...counters, ...kept, lostStore };
  }
}

function captureOptions(options: DumpOptions, words: readonly string[]): CaptureOptions {
  const { count, bytes, duration, snaplen, sample, 'buffer-size': bufferBytes, 'no-packets': countOnly } = options;
  const prints = options.hex || options.json;
  if (countOnly && (count !== undefined || bytes !== undefined || options.write !== undefined || prints))
    throw usageError('--no-packets only counts: it does not go with -c, --bytes, -w, -x or --json');
  return {
    targets: captureTargets(options),
    buffer: options.buffer,
    packets: !countOnly,
    flows: false,
    stats: countOnly, // something has to be asked for
    ...captureFilter(options.filter, words),
    ...(snaplen === undefined ? {} : { snaplen }),
    ...(sample === undefined ? {} : { sample }),
    ...(bufferBytes === undefined ? {} : { bufferBytes }),
    limits: {
      ...(count === undefined ? {} : { packets: count }),
      ...(bytes === undefined ? {} : { bytes }),
      ...(duration === undefined ? {} : { seconds: duration }),
    },
  };
}

function ringOptions(options: DumpOptions): RingOptions | undefined {
  const { 'file-size': size, 'file-time': seconds, 'file-packets': packets, files, write } = options;
  if (size === undefined && seconds === undefined && packets === undefined) {
    if (files !== undefined) throw usageError('--files needs --file-size, --file-time or --file-packets');
    return undefined;
  }
  if (write === undefined || write === '-') throw usageError('a ring of files needs -w FILE');
  return { size, seconds, packets, files };
}

async function sinkFor(options: DumpOptions, out: Output): Promise<BlockSink> {
  const { write, hex, json } = options;
  const ring = ringOptions(options);
  const filter = displayFilter(options['display-filter']);
  const decode = decodeAs(options);
  if (write === undefined) {
    const print = { type: json ? 'json' : 'text', field: [], format: [], verbose: false, hex } as const;
    const keyLogs = new KeyLogs(options);
    return PrintSink.create({ ...print, keyLogs, ...(filter && { filter }), ...(decode && { decodeAs: decode }) }, out);
  }
  if (filter) throw usageError('-Y chooses what is printed, and -w prints nothing: use -f to choose what is captured');
  if (decode) throw usageError('-d and --enable-heuristic choose how packets are printed, and -w prints nothing');
  if (options.keylog.length + options.preference.length > 0)
    throw usageError('a key log is for what is printed, and -w prints nothing', 'Give it to xdpeek read.');
  if (hex || json) throw usageError(`-w writes packets, ${hex ? '-x' : '--json'} prints them: choose one`);
  // Before anything is attached.
  if (write !== '-') await BlockFile.mayReplace(write);
  if (ring) return new RingSink(write, ring);
  if (write !== '-') return new FileSink(write);
  if (out.isTerminal) throw usageError('-w - would write binary data to this terminal', 'Pipe it on, or use -w FILE.');
  return new OutputSink(out);
}
