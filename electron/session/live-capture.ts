/**
 * One capture from start to end, over one privileged process: frames are sorted by kind, packet blocks go to a sink, and the
 * sink's progress turns into credit for more. At most CREDIT_BYTES wait in this process; what the sink cannot keep up
 * with is dropped and counted by privileged (lostPipe), never stored up here.
 */
import type { AttachmentInfo, CaptureCounters, CaptureOptions, CompiledFilter } from '../shared/capture.ts';
import { type ErrorData, XdpeekError } from '../shared/errors.ts';
import { FrameType, PACKETS_HEADER_BYTES, SNAPSHOT_HEADER_BYTES } from '../shared/wire.ts';
import { compileFilter, FILTER_LINK_TYPES } from './filter/index.ts';
import type { Moved, PipedBlocks } from './privileged/output-pipe.ts';
import type { PrivilegedClient } from './privileged/privileged-client.ts';

const MIB = 1 << 20;
const CREDIT_BYTES = 32 * MIB;
/**
 * More of it once blocks have gone from the pipe into a file, and more that goes at once: they wait in no process's memory, and each return to JavaScript
 * costs CPU that would move packets.
 */
const PIPED_CREDIT_BYTES = 224 * MIB;
const PIPED_ENOUGH_BYTES = 64 * MIB;
/** At the end: as much as the kernel's buffers can hold by default, as blocks. */
const LAST_CREDIT_BYTES = 256 * MIB;
/** Credit goes back in pieces of this size: 40 messages a second at 160 MB/s. */
const CREDIT_STEP_BYTES = 4 * MIB;

/** Records of electron/shared/abi.ts, and the kernel's clock when they were read. */
export interface KernelTable {
  /** ns since the epoch. */
  clockNs: bigint;
  bytes: Uint8Array;
}

export interface Snapshot {
  counters: CaptureCounters;
  /** xdpeek_flow_record × n. */
  flows?: KernelTable;
  /** xdpeek_stats × CPUs. */
  stats?: KernelTable;
}

export interface LiveCaptureOptions {
  client: PrivilegedClient;
  options: CaptureOptions;
  /** For FILTER_LINK_TYPES; default: on the caller's thread. */
  compile?: ((text: string, linkTypes: readonly number[]) => Promise<CompiledFilter>) | undefined;
  /**
   * Whole pcapng blocks, in order. Credit is given when the promise resolves; a rejection is not expected. The bytes are the sink's until then, and
   * for good if it returns none.
   */
  onBlocks(bytes: Uint8Array, packets: number): Promise<unknown> | undefined;
  /** Offered before `onBlocks` where blocks are still in the pipe: whoever wants them moves them, and tells what went; if nothing, `onBlocks` gets them. */
  onPiped?: ((blocks: PipedBlocks) => Promise<Moved> | undefined) | undefined;
  /** Something worth telling that does not end it. */
  onNotice?(text: string): void;
  /** It ended by itself: privileged died, the interface went away… Called once, never after `stop` was asked for. */
  onEnded(reason: ErrorData, counters: CaptureCounters | undefined): void;
}

let lastCaptureId = 0;

export class LiveCapture {
  readonly attachments: AttachmentInfo[];
  /** Epoch ns, decimal. */
  readonly startedNs: string;
  readonly #client: PrivilegedClient;
  readonly #captureId: number;
  readonly #frames: FrameSorter;
  readonly #compiled: (text: string) => Promise<CompiledFilter | undefined>;
  #ended = false;
  #stopping: Promise<CaptureCounters> | undefined;
  #lastCounters: CaptureCounters | undefined;
  readonly #forgetGone: () => void;

  /** A filter that cannot be compiled rejects (FILTER) before anything is loaded. */
  static async start(asked: LiveCaptureOptions): Promise<LiveCapture> {
    const {
      client,
      options,
      onBlocks,
      onPiped,
      onNotice,
      onEnded,
      compile = async (...filter) => compileFilter(...filter),
    } = asked;
    const { limits: _own, ...rest } = options;
    const compiled = async (text: string) => (text.trim() === '' ? undefined : compile(text, FILTER_LINK_TYPES));
    const filter = await compiled(options.filter ?? '');
    const captureId = ++lastCaptureId;
    const frames = new FrameSorter(client, captureId, onBlocks, onPiped);
    client.onCaptureNotice((event) => {
      if (event.captureId === captureId) onNotice?.(event.text);
    });
    const params = { captureId, options: rest, creditBytes: CREDIT_BYTES, ...(filter && { filter }) };
    const started = await client.request('captureStart', params).catch((error) => {
      frames.drop();
      throw error;
    });
    frames.release();
    return new LiveCapture(client, captureId, frames, started, onEnded, compiled);
  }

  private constructor(
    client: PrivilegedClient,
    captureId: number,
    frames: FrameSorter,
    started: { attachments: AttachmentInfo[]; startedNs: string },
    onEnded: LiveCaptureOptions['onEnded'],
    compiled: (text: string) => Promise<CompiledFilter | undefined>,
  ) {
    this.#compiled = compiled;
    this.#client = client;
    this.#captureId = captureId;
    this.#frames = frames;
    this.attachments = started.attachments;
    this.startedNs = started.startedNs;
    const ended = (reason: ErrorData, counters?: CaptureCounters): void => {
      if (this.#ended) return;
      this.#ended = true;
      if (counters) this.#lastCounters = counters;
      if (this.#stopping) return;
      this.#release();
      void frames.settled().then(() => onEnded(reason, counters));
    };
    client.onCaptureFailed((event) => {
      if (event.captureId === captureId) ended(event.error, event.counters);
    });
    this.#forgetGone = client.onGone((reason) => ended(reason));
  }

  async snapshot(tables: { flows: boolean; stats: boolean }): Promise<Snapshot> {
    this.#frames.forget();
    const counters = await this.#client.request('snapshot', { captureId: this.#captureId, ...tables });
    return { counters, ...this.#frames.tables() };
  }

  /** From the next packet on; '' = none. Rejects (FILTER) and keeps the old one when it cannot be used. */
  async setFilter(text: string): Promise<void> {
    const filter = await this.#compiled(text);
    await this.#client.request('captureFilter', { captureId: this.#captureId, ...(filter && { filter }) });
  }

  /** Detaches; resolves with the final counters when the last block is with the sink. Idempotent. */
  stop(): Promise<CaptureCounters> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<CaptureCounters> {
    try {
      // What waits in the kernel's buffer may all come now.
      void this.#client.request('credit', { captureId: this.#captureId, bytes: LAST_CREDIT_BYTES }).catch(() => {});
      const counters = await this.#client.request('captureStop', { captureId: this.#captureId });
      await this.#frames.settled();
      return counters;
    } catch (error) {
      await this.#frames.settled();
      // A Ctrl-C in the terminal can reach privileged first: it has then stopped and counted already.
      if (this.#lastCounters) return this.#lastCounters;
      throw error;
    } finally {
      this.#ended = true;
      this.#release();
    }
  }

  /** The process outlives its captures: what it holds of this one would keep the whole store alive. */
  #release(): void {
    this.#forgetGone();
    this.#client.onFrame(undefined);
    this.#client.onBody(undefined);
    this.#client.onCaptureFailed(undefined);
    this.#client.onCaptureNotice(undefined);
  }
}

/**
 * Frames of one capture → blocks with credit, and the latest tables. Blocks come before it is known whether the capture starts (the file's
 * header does): they are held back until then, so that one that cannot start leaves nothing behind.
 */
class FrameSorter {
  readonly #client: PrivilegedClient;
  readonly #captureId: number;
  readonly #onBlocks: LiveCaptureOptions['onBlocks'];
  readonly #onPiped: LiveCaptureOptions['onPiped'];
  #tables: Omit<Snapshot, 'counters'> = {};
  #held: (() => unknown)[] | undefined = [];
  #piped = false;
  #busy = 0;
  #owed = 0;
  #idle: (() => void)[] = [];

  constructor(
    client: PrivilegedClient,
    captureId: number,
    onBlocks: LiveCaptureOptions['onBlocks'],
    onPiped: LiveCaptureOptions['onPiped'],
  ) {
    this.#client = client;
    this.#captureId = captureId;
    this.#onBlocks = onBlocks;
    this.#onPiped = onPiped;
    client.onFrame((type, payload) => this.#take(type, payload));
    if (onPiped) client.onBody((blocks) => this.#takePiped(blocks));
  }

  /** The sink has taken every block that arrived so far. */
  async settled(): Promise<void> {
    if (this.#busy > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const deliver of held) void deliver();
  }
  drop(): void {
    this.#held = [];
    this.#client.onFrame(undefined);
    this.#client.onBody(undefined);
  }

  forget(): void {
    this.#tables = {};
  }
  tables(): Omit<Snapshot, 'counters'> {
    return this.#tables;
  }

  #take(type: FrameType, payload: Uint8Array): Promise<unknown> | undefined {
    const header = type === FrameType.PACKETS ? PACKETS_HEADER_BYTES : SNAPSHOT_HEADER_BYTES;
    if (payload.byteLength < header) throw badFrame(type);
    const view = new DataView(payload.buffer, payload.byteOffset, header);
    if (view.getUint32(0, true) !== this.#captureId) return undefined;
    const body = payload.subarray(header);
    if (type === FrameType.PACKETS) return this.#packets(body, view.getUint32(4, true), payload.byteLength);
    this.#tables[type === FrameType.FLOWS ? 'flows' : 'stats'] = { clockNs: view.getBigUint64(8, true), bytes: body };
    return undefined;
  }

  #packets(blocks: Uint8Array, packets: number, creditBytes: number): Promise<unknown> | undefined {
    if (this.#held) {
      this.#held.push(() => this.#packets(blocks, packets, creditBytes));
      return undefined; // and so the bytes are ours
    }
    const taken = this.#onBlocks(blocks, packets);
    if (!taken) {
      this.#credit(creditBytes);
      return undefined;
    }
    const settle = this.#work();
    const done = (): void => settle(creditBytes);
    return taken.then(done, done);
  }

  #takePiped(blocks: PipedBlocks): Promise<Moved> | undefined {
    if (this.#held || blocks.captureId !== this.#captureId) return undefined;
    if (this.#piped) blocks.enough = PIPED_ENOUGH_BYTES;
    const taken = this.#onPiped?.(blocks);
    if (!taken) return undefined;
    const done = this.#work();
    return taken.then((moved) => {
      const { bytes, rest, frames } = moved;
      const more = this.#piped || bytes === 0 ? 0 : PIPED_CREDIT_BYTES;
      this.#piped ||= bytes > 0;
      // If nothing went it comes as blocks, and gets its credit then.
      done(bytes > 0 ? frames * PACKETS_HEADER_BYTES + bytes + rest + more : 0);
      return moved;
    });
  }

  /** The sink is busy until the answer is called, with the bytes that may come for those that it took. */
  #work(): (creditBytes: number) => void {
    this.#busy++;
    return (creditBytes) => {
      this.#credit(creditBytes);
      if (--this.#busy === 0) for (const resolve of this.#idle.splice(0)) resolve();
    };
  }

  #credit(bytes: number): void {
    this.#owed += bytes;
    if (this.#owed < CREDIT_STEP_BYTES || this.#client.gone) return;
    // No answer is needed; a refusal means that the capture has just ended.
    void this.#client.request('credit', { captureId: this.#captureId, bytes: this.#owed }).catch(() => {});
    this.#owed = 0;
  }
}

function badFrame(type: FrameType): XdpeekError {
  return new XdpeekError({ code: 'PROTOCOL', message: `a frame of type ${type} is shorter than its header` });
}
