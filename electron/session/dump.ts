/**
 * The shortest way from the kernel to a reader: block bytes as they come, no packet looked at, no store. What `dump -w`
 * runs on; `flows` and `stats` too, with packets off. Ends at `stop`, at `count` packets, at the duration, or by itself.
 */
import type { AttachmentInfo, CaptureCounters, CaptureOptions } from '../shared/capture.ts';
import { ZERO_COUNTERS } from '../shared/capture.ts';
import { type ErrorData, errorData, XdpeekError } from '../shared/errors.ts';
import { wholeBlocks } from './files/blocks.ts';
import { findLayout } from './layout.ts';
import { LiveCapture, type Snapshot } from './live-capture.ts';
import { PrivilegedAccess } from './privileged/access.ts';

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
   * interfaces. A promise holds back credit until it resolves (never the kernel). Return or resolve with `false` to end.
   */
  onBlocks?(bytes: Uint8Array, packets: number): undefined | boolean | Promise<boolean | undefined>;
  /** Ends after exactly so many packets have gone to `onBlocks`. */
  count?: number;
  durationMs?: number;
  onStarted?(started: CaptureStarted): void;
  /** Called every `everyMs` with counters and, as asked, the kernel's tables. */
  snapshots?: { everyMs: number; flows?: boolean; stats?: boolean; onSnapshot(snapshot: Snapshot): void };
}

export interface CaptureSummary extends CaptureStarted {
  /** Kernel's and pipe's counters, at the end. */
  counters: CaptureCounters;
  /** Packets that went to `onBlocks`. */
  delivered: number;
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
  let delivered = 0;
  const limit = run.count ?? Number.POSITIVE_INFINITY;

  const onBlocks = (bytes: Uint8Array, packets: number): Promise<unknown> | undefined => {
    const room = limit - delivered;
    const cut = packets > room ? wholeBlocks(bytes, bytes.byteLength, room) : { bytes: bytes.byteLength, packets };
    delivered += cut.packets;
    if (delivered >= limit) end.resolve(undefined);
    if (cut.bytes === 0) return undefined;
    const answer = run.onBlocks?.(bytes.subarray(0, cut.bytes), cut.packets);
    if (answer instanceof Promise)
      return answer.then(
        (goOn) => void (goOn === false && end.resolve(undefined)),
        (error) => end.resolve(errorData(error)),
      );
    if (answer === false) end.resolve(undefined);
    return undefined;
  };

  const client = await access.capturer();
  const capture = await LiveCapture.start({
    client,
    options: run.options,
    onBlocks,
    onEnded: (reason, last) => {
      counters = last ?? counters;
      end.resolve(reason);
    },
  });
  const startedMs = performance.now();
  const started: CaptureStarted = { attachments: capture.attachments, startedNs: capture.startedNs };
  run.onStarted?.(started);

  const ticks = startTicks(capture, run.snapshots, (latest) => {
    counters = latest;
  });
  const timer = run.durationMs === undefined ? undefined : setTimeout(() => end.resolve(undefined), run.durationMs);
  const onAbort = () => end.resolve(undefined);
  run.stop.addEventListener('abort', onAbort);
  if (run.stop.aborted) onAbort();

  let error = await end.promise;
  clearTimeout(timer);
  run.stop.removeEventListener('abort', onAbort);
  ticks.stop();
  const durationMs = performance.now() - startedMs;
  await capture.stop().then(
    (last) => {
      counters = last;
    },
    (failure) => {
      error ??= errorData(failure);
    },
  );
  const summary = { ...started, counters, delivered, durationMs };
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
