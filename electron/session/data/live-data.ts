/**
 * A live capture as it grows: block frames → spool → column index, and snapshots of the kernel's tables → measures. A packet is
 * counted in the store only when its bytes are in the spool, so every row that is offered can be read. When the disk
 * is full, what was written stays, the capture is stopped, and the packets that came too late are counted as lostStore.
 */
import { rm } from 'node:fs/promises';
import { type BlockColumns, blockColumns, indexBlocks } from '../../packets/store/index-blocks.ts';
import { PacketStore } from '../../packets/store/packet-store.ts';
import type { AttachmentInfo, CaptureCounters, CaptureOptions } from '../../shared/capture.ts';
import { ZERO_COUNTERS } from '../../shared/capture.ts';
import { type ErrorData, errorData } from '../../shared/errors.ts';
import type { BlockFile } from '../files/block-file.ts';
import { firstPacketNs, wholeBlocks } from '../files/blocks.ts';
import { copyOut } from '../files/copy-out.ts';
import { FileBytes } from '../files/file-bytes.ts';
import { Limiter } from '../limiter.ts';
import { LiveCapture, type LiveCaptureOptions, type Snapshot } from '../live-capture.ts';
import { longTimeout } from '../long-timeout.ts';
import { LiveMeasures, SAMPLE_MS } from '../measures/live-measures.ts';
import type { PrivilegedClient } from '../privileged/privileged-client.ts';
import { AnalysedTable, type TableInterface } from '../rows.ts';
import type { CaptureData, SavedCapture } from './capture-data.ts';

/** Flows are read every so many samples: once a second. */
const SAMPLES_A_FLOW_TABLE = 4;
const INDEX_CAPACITY = 8192;
const NOTICES_KEPT = 20;

export interface LiveDataOptions {
  client: PrivilegedClient;
  spool: BlockFile;
  options: CaptureOptions;
  compile?: LiveCaptureOptions['compile'];
  /** Something that the status shows has changed. */
  onChange(): void;
  /** A limit was reached: the capture wants to be stopped. */
  onLimit(): void;
  /** It ended by itself; everything of it is detached. */
  onEnded(reason: ErrorData): void;
}

export class LiveData implements CaptureData {
  readonly source = 'live';
  readonly table: AnalysedTable;
  readonly measures: LiveMeasures;
  options: CaptureOptions;
  readonly fileName = 'unsaved capture';
  attachments: AttachmentInfo[] = [];
  notices: string[] = [];
  startedNs?: string;
  stoppedNs?: string;
  counters: CaptureCounters = ZERO_COUNTERS;
  pps = 0;
  bitsPerSecond = 0;
  readonly #store: PacketStore;
  readonly #spool: BlockFile;
  readonly #indexed: BlockColumns = blockColumns(INDEX_CAPACITY);
  readonly #settings: LiveDataOptions;
  #capture: LiveCapture | undefined;
  #sampler: NodeJS.Timeout | undefined;
  #sampling: Promise<void> | undefined;
  #lostStore = 0;
  #full = false;
  readonly #limiter: Limiter;
  #timer: { cancel(): void } | undefined;
  #last: { atMs: number; counters: CaptureCounters } | undefined;

  /** Attaches. On failure the spool is removed and the error says what was tried. */
  static async start(settings: LiveDataOptions): Promise<LiveData> {
    const data = new LiveData(settings);
    try {
      await data.#start();
      return data;
    } catch (error) {
      await data.dispose();
      throw error;
    }
  }

  private constructor(settings: LiveDataOptions) {
    this.#settings = settings;
    this.#spool = settings.spool;
    this.options = settings.options;
    this.#limiter = new Limiter(settings.options.limits ?? {});
    const source = new FileBytes(settings.spool.handle.fd);
    this.#store = new PacketStore(source, true);
    const interfaces = settings.options.targets.map(({ ifname }) => ({ name: ifname, linkType: 1 }));
    this.table = new AnalysedTable({ store: this.#store, source, pcapng: true, interfaces });
    this.measures = new LiveMeasures((id) => interfaces[id]?.name ?? '');
  }

  get fileBytes(): number {
    return this.#spool.bytes;
  }

  /** Detaches; resolves when the last packet is in the store. Idempotent. */
  async stop(): Promise<void> {
    if (!this.#capture) return;
    const capture = this.#capture;
    this.#endSampling();
    // One last look at the tables: they go with the programs.
    await this.#sampling?.catch(() => {});
    await this.#sample(true).catch(() => {});
    try {
      this.#takeCounters(await capture.stop());
    } finally {
      this.#end();
    }
  }

  save(): SavedCapture {
    return { pcapng: copyOut(this.#spool.handle, this.#spool.bytes), verbatim: true };
  }

  async dispose(): Promise<void> {
    this.#endSampling();
    this.table.end();
    await this.#capture?.stop().catch(() => {});
    await this.#spool.close();
    await rm(this.#spool.path, { force: true });
  }

  async #start(): Promise<void> {
    const { client, options } = this.#settings;
    this.#capture = await LiveCapture.start({
      client,
      options,
      compile: this.#settings.compile,
      onBlocks: (bytes, packets) => this.#take(bytes, packets),
      onNotice: (text) => this.#notice(text),
      onEnded: (reason, counters) => this.#failed(reason, counters),
    });
    this.attachments = this.#capture.attachments;
    this.startedNs = this.#capture.startedNs;
    const interfaces = this.table.interfaces as TableInterface[];
    for (const { interfaceId, ifname, linkType, observed } of this.attachments)
      interfaces[interfaceId] = {
        name: ifname,
        linkType,
        ...(observed && { observed: { side: observed.side, program: observed.name } }),
      };
    const { seconds } = this.options.limits ?? {};
    if (seconds !== undefined) this.#timer = longTimeout(seconds, this.#settings.onLimit);
    let tick = 0;
    this.#sampler = setInterval(() => {
      void this.#sample(tick++ % SAMPLES_A_FLOW_TABLE === 0).catch(() => {});
    }, SAMPLE_MS);
    await this.#sample(true);
  }

  /** From the next packet on. On failure the old filter stays. */
  async setFilter(filter: string): Promise<void> {
    await this.#capture?.setFilter(filter);
    this.options = { ...this.options, filter };
  }

  #notice(text: string): void {
    this.notices = [...this.notices, text].slice(-NOTICES_KEPT);
    this.#settings.onChange();
  }

  #take(all: Uint8Array, count: number): Promise<void> | undefined {
    const before = this.#limiter.reached;
    const { bytes, packets } = this.#limiter.take(all, count);
    if (this.#limiter.reached && !before) this.#settings.onLimit();
    return bytes.byteLength === 0 ? undefined : this.#keep(bytes, packets);
  }

  async #keep(bytes: Uint8Array, packets: number): Promise<void> {
    const written = await this.#spool.append(bytes, packets);
    this.#index(bytes.subarray(0, written.bytes), written.offset);
    const lost = packets - written.packets;
    if (lost > 0 || this.#spool.failed) this.#outOfSpace(lost);
    this.#settings.onChange();
  }

  #index(bytes: Uint8Array, fileOffset: number): void {
    this.#store.baseNs ??= firstPacketNs(bytes);
    const baseNs = this.#store.baseNs;
    if (baseNs === undefined) return;
    for (let at = 0; at < bytes.byteLength; ) {
      const rest = bytes.subarray(at);
      const count = indexBlocks(rest, baseNs, this.#indexed);
      this.#store.appendIndexed(this.#indexed, count, fileOffset + at);
      if (count < INDEX_CAPACITY) return;
      at += wholeBlocks(rest, rest.byteLength, count).bytes;
    }
  }

  #outOfSpace(lost: number): void {
    this.#lostStore += lost;
    this.counters = { ...this.counters, lostStore: this.#lostStore };
    if (this.#full || !this.#capture) return;
    this.#full = true;
    const reason = errorData(this.#spool.failed);
    // Not awaited: this runs inside the capture's own sink.
    void this.stop()
      .catch(() => {})
      .then(() => this.#settings.onEnded(reason));
  }

  /** One snapshot at a time: a slow one skips ticks instead of piling up. */
  #sample(flows: boolean): Promise<void> {
    this.#sampling ??= this.#takeSample(flows).finally(() => {
      this.#sampling = undefined;
    });
    return this.#sampling;
  }

  async #takeSample(flows: boolean): Promise<void> {
    const { options } = this;
    const wanted = { flows: flows && options.flows !== false, stats: options.stats !== false };
    const snapshot: Snapshot | undefined = await this.#capture?.snapshot(wanted);
    if (!snapshot) return;
    if (snapshot.stats) this.measures.takeStats(snapshot.stats);
    if (snapshot.flows) this.measures.takeFlows(snapshot.flows);
    this.#takeCounters(snapshot.counters);
    this.#settings.onChange();
  }

  #takeCounters(counters: CaptureCounters): void {
    this.counters = { ...counters, lostStore: this.#lostStore };
    const atMs = performance.now();
    const last = this.#last;
    if (last && atMs - last.atMs < SAMPLE_MS / 2) return;
    this.#last = { atMs, counters };
    if (!last) return;
    const perSecond = 1000 / (atMs - last.atMs);
    this.pps = (counters.matchedPackets - last.counters.matchedPackets) * perSecond;
    this.bitsPerSecond = (counters.matchedBytes - last.counters.matchedBytes) * 8 * perSecond;
  }

  #failed(reason: ErrorData, counters: CaptureCounters | undefined): void {
    if (counters) this.#takeCounters(counters);
    this.#end();
    this.#settings.onEnded(reason);
  }

  #end(): void {
    this.#endSampling();
    this.#capture = undefined;
    this.stoppedNs ??= (BigInt(Date.now()) * 1_000_000n).toString();
    this.pps = 0;
    this.bitsPerSecond = 0;
    this.measures.end();
  }

  #endSampling(): void {
    this.#timer?.cancel();
    clearInterval(this.#sampler);
  }
}
