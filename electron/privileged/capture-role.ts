/**
 * What role `capture` does: one capture at a time, of our own programs only. Holds the one Capture of the addon; every way
 * out of this file closes it. Parameters arrive checked (vocabulary.ts). Synchronous: the addon has threads of its own.
 */
import type { Capture, FrameWriter } from '../../native/index.d.ts';
import { FLOW_RECORD_BYTES, STATS_BYTES } from '../shared/abi.ts';
import { type CaptureCounters, SNAPLEN_MAX } from '../shared/capture.ts';
import { type ErrorData, errorData, XdpeekError } from '../shared/errors.ts';
import {
  type CaptureMethods,
  type CommonMethods,
  FrameType,
  type PrivilegedEvent,
  SNAPSHOT_HEADER_BYTES,
} from '../shared/wire.ts';
import type { Addon } from './addon.ts';
import type { PrivilegedRole } from './role.ts';
import { CAPTURE_VOCABULARY } from './vocabulary.ts';

const DEFAULT_MAX_FLOWS = 65_536;

type Methods = Omit<CaptureMethods, keyof CommonMethods>;
export type Handlers = { [M in keyof Methods]: (params: Methods[M][0]) => Methods[M][1] };

export interface CaptureRoleOptions {
  addon: Addon;
  bpfDir: string;
  /** Where the addon notes attachments that would outlive the process. */
  journalDir: string;
  writer: FrameWriter;
  /** Written into the capture file's section header. */
  application: string;
  sendEvent(event: PrivilegedEvent): void;
}

export class CaptureRole implements PrivilegedRole {
  readonly vocabulary = CAPTURE_VOCABULARY;
  readonly handlers: Handlers;
  readonly #options: CaptureRoleOptions;
  #capture: Capture | undefined;
  #captureId = 0;

  constructor(options: CaptureRoleOptions) {
    this.#options = options;
    this.handlers = {
      captureStart: (params) => this.#start(params),
      captureFilter: ({ captureId, filter }) => {
        this.#running(captureId).setFilter(filter);
        return null;
      },
      filterRun: ({ context, code, packets }) => {
        const verdicts = options.addon.runFilter(code, context, splitPackets(Buffer.from(packets, 'base64')));
        return { verdicts: Buffer.from(verdicts).toString('base64') };
      },
      captureStop: ({ captureId }) => this.#stop(captureId),
      snapshot: (params) => this.#snapshot(params),
      credit: ({ captureId, bytes }) => {
        // A credit may cross the end of its capture on the way: it is then of no use, and no error.
        if (this.#capture && captureId === this.#captureId) this.#capture.grantCredit(bytes);
        return null;
      },
    };
  }

  /** Detaches whatever is attached, and tells the client what was counted. */
  end(reason: ErrorData): void {
    if (this.#capture) this.#fail(reason);
  }

  #start({ captureId, options, creditBytes, filter }: Methods['captureStart'][0]): Methods['captureStart'][1] {
    if (this.#capture)
      throw new XdpeekError({ code: 'EBUSY', message: 'a capture is already running', hint: 'Stop it first.' });
    const { addon, bpfDir, journalDir, writer, application } = this.#options;
    const { privileged, fentry } = addon.probe();
    if (!privileged) throw noPrivilege(options.targets.map(({ ifname }) => ifname));
    if (!fentry && options.targets.some(({ hook }) => hook === 'observe')) throw noFentry();
    const capture = new addon.Capture({
      captureId,
      targets: options.targets,
      snaplen: options.snaplen ?? SNAPLEN_MAX,
      buffer: options.buffer ?? 'auto',
      bufferBytes: options.bufferBytes ?? 0,
      packets: options.packets ?? true,
      flows: options.flows ?? true,
      stats: options.stats ?? true,
      maxFlows: options.maxFlows ?? DEFAULT_MAX_FLOWS,
      sample: options.sample ?? 1,
      ...(filter && { filter }),
      bpfDir,
      writer,
      creditBytes,
      application,
      journalDir,
    });
    this.#capture = capture;
    this.#captureId = captureId;
    capture.onNotice((text) => {
      if (this.#capture === capture) this.#options.sendEvent({ event: 'captureNotice', captureId, text });
    });
    capture.onFailure((error) => this.#capture === capture && this.#fail(errorData(error)));
    return { attachments: capture.attachments, startedNs: capture.startedNs };
  }

  #stop(captureId: number): CaptureCounters {
    const capture = this.#running(captureId);
    this.#capture = undefined;
    try {
      return capture.stop();
    } finally {
      capture.close();
    }
  }

  #fail(error: ErrorData): void {
    const captureId = this.#captureId;
    this.#options.sendEvent({ event: 'captureFailed', captureId, error, counters: this.#stop(captureId) });
  }

  #snapshot({ captureId, flows, stats }: Methods['snapshot'][0]): CaptureCounters {
    const capture = this.#running(captureId);
    if (flows) this.#writeSnapshot(FrameType.FLOWS, capture, capture.readFlows(), FLOW_RECORD_BYTES);
    if (stats) this.#writeSnapshot(FrameType.STATS, capture, capture.readStats(), STATS_BYTES);
    return capture.counters();
  }

  #writeSnapshot(type: FrameType, capture: Capture, records: Uint8Array, recordBytes: number): void {
    const frame = new Uint8Array(SNAPSHOT_HEADER_BYTES + records.byteLength);
    const view = new DataView(frame.buffer);
    view.setUint32(0, this.#captureId, true);
    view.setUint32(4, records.byteLength / recordBytes, true);
    view.setBigUint64(8, BigInt(capture.clockNs()), true);
    frame.set(records, SNAPSHOT_HEADER_BYTES);
    this.#options.writer.write(type, frame);
  }

  #running(captureId: number): Capture {
    if (!this.#capture || captureId !== this.#captureId)
      throw new XdpeekError({ code: 'ENOENT', message: `capture ${captureId} is not running` });
    return this.#capture;
  }
}

/** u32 length (little-endian) and so many bytes, again and again. */
function splitPackets(bytes: Buffer): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 <= bytes.length ? at + 4 + bytes.readUInt32LE(at) : Number.POSITIVE_INFINITY;
    if (end > bytes.length) throw new XdpeekError({ code: 'USAGE', message: 'filterRun.packets is cut short' });
    packets.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return packets;
}

/** Of the kernel's own refusal one would think that rights were missing. */
function noFentry(): XdpeekError {
  return new XdpeekError({
    code: 'EOPNOTSUPP',
    message: 'this kernel cannot show what an XDP program does: it refuses fentry programs, which --hook observe needs',
    tried: 'attach fentry and fexit programs to an eBPF program',
    hint: 'Use a kernel with CONFIG_FUNCTION_TRACER and CONFIG_DYNAMIC_FTRACE, or capture beside the program with --hook tc.',
  });
}

function noPrivilege(names: string[]): XdpeekError {
  return new XdpeekError({
    code: 'EPERM',
    message: `no permission to attach eBPF programs to ${names.join(', ')}`,
    tried: 'load and attach eBPF programs without CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON',
    hint: 'Run xdpeek as root, or install its package so that it can ask through pkexec.',
  });
}
