/**
 * The framed protocol between session and privileged. Transport-free: bytes in, frames out.
 *
 *   0       4     5      6      8
 *   ┌───────┬─────┬──────┬──────┬────────── … ─┐
 *   │length │type │ 0    │magic │ payload      │   little-endian; length = payload bytes
 *   └───────┴─────┴──────┴──────┴────────── … ─┘   magic = 0x5844 ("DX")
 *
 * privileged → session (stdout, written by the addon only):
 *   CONTROL  JSON: a Reply or an Event. The first frame is Event "hello".
 *   PACKETS  u32 captureId, u32 packets, then whole pcapng blocks. The first of a capture is SHB + IDBs (packets = 0);
 *            all PACKETS payloads of a capture, headers removed, concatenate to a valid pcapng section.
 *   FLOWS    u32 captureId, u32 count, u64 clockNs, then count × xdpeek_flow_record (bpf/events.h).
 *   STATS    u32 captureId, u32 cpus, u64 clockNs, then cpus × xdpeek_stats (bpf/events.h).
 * session → privileged (stdin): CONTROL only: JSON Request, at most MAX_REQUEST_BYTES.
 *
 * Anything else on stdin ends privileged with one line on stderr and status 1. Credits: the session grants the
 * bytes of PACKETS that it is ready to take; without credit the addon counts packets as lostPipe.
 */
import type {
  AttachmentInfo,
  Capabilities,
  CaptureCounters,
  CaptureOptions,
  CompiledFilter,
  InterfaceInfo,
} from './capture.ts';
import type { ErrorData } from './errors.ts';
import type { WorkbenchEvent, WorkbenchMethods } from './workbench.ts';

export const PROTOCOL_VERSION = 3;
export const FRAME_HEADER_BYTES = 8;
export const FRAME_MAGIC = 0x5844;
export const MAX_REQUEST_BYTES = 256 * 1024;
/** Longest frame that privileged writes. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;
export const PACKETS_HEADER_BYTES = 8;
export const SNAPSHOT_HEADER_BYTES = 16;

export const FrameType = { CONTROL: 1, PACKETS: 2, FLOWS: 3, STATS: 4 } as const;
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

/** What every role answers: method → [params, result]. */
export interface CommonMethods {
  hello: [params: { protocol: number }, result: { protocol: number }];
  capabilities: [params: Record<string, never>, result: Capabilities];
  /** Interfaces of one namespace, or of all that can be seen when `netns` is "*". */
  interfaces: [params: { netns?: string }, result: InterfaceInfo[]];
  shutdown: [params: Record<string, never>, result: null];
}

/** The closed vocabulary of role `capture`. Anything else is refused by name. */
export interface CaptureMethods extends CommonMethods {
  /** Loads, attaches and starts streaming. One capture at a time; captureId is chosen by the client, > 0. */
  captureStart: [
    params: {
      captureId: number;
      options: Omit<CaptureOptions, 'limits'>;
      creditBytes: number;
      filter?: CompiledFilter;
    },
    result: { attachments: AttachmentInfo[]; startedNs: string },
  ];
  /** Changes the filter of a running capture without a gap: every packet is judged by the old or the new one. Absent = none. */
  captureFilter: [params: { captureId: number; filter?: CompiledFilter }, result: null];
  /**
   * Runs a filter in the kernel (test-run) on packets: base64 of u32 length + bytes each, one after another. Answers base64 of one
   * byte a packet, as native runFilter.
   */
  filterRun: [params: { context: 'xdp' | 'tc'; code: number[]; packets: string }, result: { verdicts: string }];
  /** Detaches, drains what is in the kernel buffer, answers after the last PACKETS frame is queued. */
  captureStop: [params: { captureId: number }, result: CaptureCounters];
  /** Asks for one FLOWS frame (and one STATS frame); the frames come before the reply. */
  snapshot: [params: { captureId: number; flows: boolean; stats: boolean }, result: CaptureCounters];
  /** More bytes of PACKETS may be sent. */
  credit: [params: { captureId: number; bytes: number }, result: null];
}

/** Both roles' methods: a process has those of its own role only. */
export interface PrivilegedMethods extends CaptureMethods, WorkbenchMethods {}
export type PrivilegedMethod = keyof PrivilegedMethods;

export interface Request<M extends PrivilegedMethod = PrivilegedMethod> {
  id: number;
  method: M;
  params: PrivilegedMethods[M][0];
}
export type Reply = { id: number; result: unknown } | { id: number; error: ErrorData };

export type PrivilegedEvent =
  | { event: 'hello'; protocol: number; version: string; role: 'capture' | 'workbench'; pid: number }
  /** Worth knowing, and the capture goes on. */
  | { event: 'captureNotice'; captureId: number; text: string }
  /** The capture ended by itself (interface deleted, program replaced…); everything of it is detached. */
  | { event: 'captureFailed'; captureId: number; error: ErrorData; counters: CaptureCounters }
  | WorkbenchEvent;
