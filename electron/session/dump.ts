/**
 * The shortest way from the kernel to a reader: block bytes as they come, no packet looked at, no store. What `dump -w`
 * runs on; `flows` and `stats` too, with packets off. Ends at `stop`, at a limit, or by itself.
 */
import type { AttachmentInfo, CaptureCounters, CaptureOptions } from '../shared/capture.ts';
import { ZERO_COUNTERS } from '../shared/capture.ts';
import { type ErrorData, errorData, XdpeekError } from '../shared/errors.ts';
import { findLayout } from './layout.ts';
import { Limiter } from './limiter.ts';
import { LiveCapture, type Snapshot } from './live-capture.ts';
import { longTimeout } from './long-timeout.ts';
import { PrivilegedAccess } from './privileged/access.ts';
import type { Moved, PipedBlocks } from './privileged/output-pipe.ts';

export interface CaptureStarted {
  attachments: AttachmentInfo[];
  /** Epoch ns, decimal. */
  startedNs: string;
}

export interface RunCaptureOptions {
  options: CaptureOptions;
  /** Ends the capture in good order. */
  stop: AbortSignal;
  /**
   * Whole pcapng blocks, in order, `packets` enhanced packet blocks among them; the first is the section's header and its
   * interfaces. A promise holds back credit until it resolves (never the kernel), and lends the bytes
   * only until then; without one they are the reader's for good. Return or resolve with `false` to end.
   */
  onBlocks?(bytes: Uint8Array, packets: number): undefined | boolean | Promise<boolean | undefined>;
  /** As LiveCapture's `onPiped`, `goOn: false` ends. Never rejects. Not asked when there are limits, which need a look at the packets. */
  onPiped?(blocks: PipedBlocks): Promise<Moved & { goOn: boolean }> | undefined;
  onStarted?(started: CaptureStarted): void;
  onNotice?(text: string): void;
  /** Called every `everyMs` with counters and, as asked, the kernel's tables. */
  snapshots?: { everyMs: number; flows?: boolean; stats?: boolean; onSnapshot(snapshot: Snapshot): void };
}

export interface CaptureSummary extends CaptureStarted {
  /** Kernel's and pipe's counters, at the end; older ones, or zeros, when `uncounted`. */
  counters: CaptureCounters;
  /** Privileged went without having told its last counters: what was lost is not known. */
  uncounted: boolean;
  /** Packets that went to `onBlocks`, and, with limits, their bytes by wire length. */
  delivered: number;
  deliveredBytes: number;
  durationMs: number;
  /** The capture ended by itself: the reason. What was delivered until then is good. */
  error?: ErrorData;
}

/** Rejects (XdpeekError) when the capture cannot be started; afterwards it resolves with what happened, whatever it was. */
export async function runCapture(run: RunCaptureOptions): Promise<CaptureSummary> {
  const access = new PrivilegedAccess(findLayout());
  try {
    return await runOver(access, run);
  } finally {
    await access.close();
  }
}

async function runOver(access: PrivilegedAccess, run: RunCaptureOptions): Promise<CaptureSummary> {
  const end = Promise.withResolvers<ErrorData | undefined>();
  let counters: CaptureCounters = ZERO_COUNTERS;
  let uncounted = true;
  const { limits = {} } = run.options;
  const limiter = new Limiter(limits);

  const onBlocks = (all: Uint8Array, count: number): Promise<unknown> | undefined => {
    const { bytes, packets } = limiter.take(all, count);
    if (limiter.reached) end.resolve(undefined);
    if (bytes.byteLength === 0) return undefined;
    const answer = run.onBlocks?.(bytes, packets);
    if (answer instanceof Promise)
      return answer.then(
        (goOn) => void (goOn === false && end.resolve(undefined)),
        (error) => end.resolve(errorData(error)),
      );
    if (answer === false) end.resolve(undefined);
    return undefined;
  };

  const onPiped = (blocks: PipedBlocks): Promise<Moved> | undefined =>
    (limiter.limited ? undefined : run.onPiped?.(blocks))?.then(({ goOn, ...moved }) => {
      if (moved.bytes > 0) limiter.packets += moved.packets;
      if (!goOn) end.resolve(undefined);
      return moved;
    });

  const client = await access.capturer();
  const capture = await LiveCapture.start({
    client,
    options: run.options,
    onBlocks,
    ...(run.onPiped && { onPiped }),
    ...(run.onNotice && { onNotice: run.onNotice }),
    onEnded: (reason, last) => {
      counters = last ?? counters;
      uncounted = last === undefined;
      end.resolve(reason);
    },
  });
  const startedMs = performance.now();
  const started: CaptureStarted = { attachments: capture.attachments, startedNs: capture.startedNs };
  run.onStarted?.(started);

  const ticks = startTicks(capture, run.snapshots, (latest) => {
    counters = latest;
  });
  const timer = limits.seconds === undefined ? undefined : longTimeout(limits.seconds, () => end.resolve(undefined));
  const onAbort = () => end.resolve(undefined);
  run.stop.addEventListener('abort', onAbort);
  if (run.stop.aborted) onAbort();

  let error = await end.promise;
  timer?.cancel();
  run.stop.removeEventListener('abort', onAbort);
  ticks.stop();
  const durationMs = performance.now() - startedMs;
  await capture.stop().then(
    (last) => {
      counters = last;
      uncounted = false;
    },
    (failure) => {
      error ??= errorData(failure);
    },
  );
  const { packets: delivered, wireBytes: deliveredBytes } = limiter;
  const summary = { ...started, counters, uncounted, delivered, deliveredBytes, durationMs };
  return error === undefined ? summary : { ...summary, error };
}

/** One snapshot at a time: a slow one skips ticks instead of piling up. */
function startTicks(
  capture: LiveCapture,
  snapshots: RunCaptureOptions['snapshots'],
  onCounters: (counters: CaptureCounters) => void,
): { stop(): void } {
  if (!snapshots) return { stop() {} };
  const { everyMs, flows = false, stats = false, onSnapshot } = snapshots;
  let busy = false;
  const take = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      const snapshot = await capture.snapshot({ flows, stats });
      onCounters(snapshot.counters);
      onSnapshot(snapshot);
    } catch (error) {
      // The capture is just ending; `onEnded` tells why.
      if (!(error instanceof XdpeekError)) throw error;
    } finally {
      busy = false;
    }
  };
  void take();
  const timer = setInterval(() => void take(), everyMs);
  return { stop: () => clearInterval(timer) };
}
