/**
 * The backend: everything behind InspectorApi. One session serves every client of a host (windows, browsers, the command line)
 * and shows them the same capture. It holds one CaptureData at a time and replaces it only when the new one is really there: a
 * capture that cannot start, or a file that cannot be opened, costs nothing that was captured before.
 */
import { hostname, release } from 'node:os';
import path from 'node:path';
import type { Writable } from 'node:stream';
import type { HostInfo, InspectorApi, InspectorMethod, InspectorMethods, InspectorTopics } from '../shared/api.ts';
import type { ClientMessage, MessagePipe, ServerMessage } from '../shared/backend-messages.ts';
import type { Capabilities, CaptureOptions, CaptureState, CaptureStatus } from '../shared/capture.ts';
import { type ErrorData, errorData, XdpeekError } from '../shared/errors.ts';
import type { ExportRequest } from '../shared/export.ts';
import { createInspectorClient } from '../shared/inspector-client.ts';
import { memoryPair } from '../transport/memory.ts';
import { annotationHandlers } from './analysis/annotation-handlers.ts';
import { Decoding } from './analysis/decode-handlers.ts';
import { Decryption } from './analysis/decryption.ts';
import { checkDisplayFilter, fieldHints } from './analysis/display-check.ts';
import { type Backend, serveClient } from './connection.ts';
import { type CaptureData, noData } from './data/capture-data.ts';
import { FileData } from './data/file-data.ts';
import { LiveData } from './data/live-data.ts';
import { exportPlan } from './files/export-plan.ts';
import { formatOf, packingOfName } from './files/pack.ts';
import { saveFile, saveStream } from './files/save.ts';
import { createSpool, defaultSpoolDir } from './files/spool.ts';
import { Transfers } from './files/transfers.ts';
import { FilterCompiler } from './filter/compiler.ts';
import { FILTER_LINK_TYPES, filterPresets } from './filter/index.ts';
import { InterfaceWatch } from './interface-watch.ts';
import { findLayout, type Layout } from './layout.ts';
import { topLists } from './measures/top.ts';
import { checkCall, checkTopic } from './params.ts';
import { PrivilegedAccess } from './privileged/access.ts';
import { packetDetail, packetPlace, rowsWindow, type TableInterface } from './rows.ts';
import { threadedStatistics } from './scan/threaded-statistics.ts';
import { sortHandlers } from './sort/handlers.ts';
import { Topic } from './topic.ts';
import { workbenchHandlers } from './workbench/handlers.ts';
import { Workbench } from './workbench/workbench.ts';

/** While a capture runs its packets are analysed at a third of a core at most. */
const LIVE_PAUSE_MS = 16;
/** A pause that ends later than this is followed by one that is so many times as late longer. */
const LATE_MS = 4;
const STAND_BACK = 8;
const MOST_PAUSE_MS = 500;
const READING_PAUSE_MS = 100;
const STORED_PERIOD_MS = 25;
/** Rows that are asked for hold everything else up: packets that come, above all. */
const LIVE_ROWS_MS = 10;
const ROWS_MS = 100;
/** A file may describe 65,535 interfaces; the list names these. */
const INTERFACES_TOLD = 256;

export interface SessionOptions {
  host: HostInfo['host'];
  version: string;
  demo?: boolean;
  /** Folder for live captures; made 0700. */
  spoolDir?: string;
  layout?: Layout;
}

type Handlers = {
  [M in InspectorMethod]: (params: InspectorMethods[M][0]) => InspectorMethods[M][1] | Promise<InspectorMethods[M][1]>;
};

export class Session implements Backend {
  readonly #options: SessionOptions;
  readonly #access: PrivilegedAccess;
  readonly #interfaces: InterfaceWatch;
  readonly #compiler = new FilterCompiler();
  readonly #decryption = new Decryption(
    () => this.#data.table,
    () => this.#changedBy(this.#data),
  );
  readonly #decoding = new Decoding(
    () => this.#data.table,
    () => this.#changedBy(this.#data),
  );
  readonly #transfers = new Transfers(() => this.#status.changed());
  readonly #status = new Topic<CaptureStatus>(() => this.status());
  readonly #stored = new Topic<InspectorTopics['stored']>(
    () => ({ generation: this.#generation, stored: this.#data.table.store.count }),
    undefined,
    STORED_PERIOD_MS,
  );
  readonly #host = new Topic<HostInfo>(() => this.hostInfo());
  readonly #connections = new Set<() => void>();
  readonly #handlers: Handlers;
  #data: CaptureData = noData();
  #generation = 0;
  #state: CaptureState = 'idle';
  #error: ErrorData | undefined;
  #demo: boolean;
  #capabilities: Capabilities | undefined;
  #starting: Promise<unknown> | undefined;
  #closed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#demo = options.demo ?? false;
    this.#access = new PrivilegedAccess(options.layout ?? findLayout(), () => this.#host.changed());
    this.#interfaces = new InterfaceWatch(this.#access);
    const generation = () => ({ generation: this.#generation });
    const tableHost = {
      table: () => this.#data.table,
      generation: () => this.#generation,
      onProgress: () => this.#status.changed(),
    };
    this.#handlers = {
      'host.info': () => this.#fullHostInfo(),
      'interfaces.list': () => this.#interfaces.list(),
      'capture.start': (params) => this.startCapture(params),
      'capture.filter': ({ filter }) => this.changeFilter(filter),
      'filter.check': ({ filter, linkTypes }) =>
        this.#compiler.check(filter, linkTypes.length > 0 ? linkTypes : FILTER_LINK_TYPES),
      'filter.presets': () => filterPresets(process.env),
      'capture.stop': () => this.stopCapture(),
      'capture.status': () => this.status(),
      'capture.clear': () => this.clear(),
      'packets.rows': (question) => ({
        ...generation(),
        ...rowsWindow(this.#data.table, question, () => this.#status.changed(), this.#rowsMs()),
      }),
      ...annotationHandlers(tableHost),
      ...this.#decoding.handlers,
      'export.plan': ({ packets }) => exportPlan(tableHost, packets),
      'export.cancel': () => {
        this.cancelExport();
        return {};
      },
      'file.stop': () => {
        if (this.#data instanceof FileData) this.#data.stopReading();
        return this.status();
      },
      'packets.place': (place) => packetPlace(this.#data.table, place),
      ...sortHandlers(tableHost),
      'display.check': ({ filter }) => checkDisplayFilter(filter),
      'display.fields': ({ prefix }) => fieldHints(prefix),
      'packets.detail': ({ number }) => ({ ...generation(), ...packetDetail(this.#data.table, number) }),
      'series.get': ({ by, seconds, points }) => ({
        ...generation(),
        ...this.#data.measures.chart(by, seconds, points),
      }),
      'flows.rows': (query) => ({ ...generation(), ...this.#data.measures.flows.window(query) }),
      'stats.get': () => ({ ...generation(), ...this.#data.measures.statistics() }),
      ...threadedStatistics(tableHost),
      ...workbenchHandlers(new Workbench(this.#access), () => this.#data.table),
      'top.get': ({ count }) => ({ ...generation(), ...topLists(this.#data.measures.flows, count) }),
    };
  }

  async call(method: string, params: unknown): Promise<unknown> {
    const checked = checkCall(method, params);
    return (this.#handlers[checked.method] as (params: unknown) => unknown)(checked.params);
  }

  subscribe(topic: string, listener: (value: unknown) => void): () => void {
    switch (checkTopic(topic)) {
      case 'status':
        return this.#status.subscribe(listener);
      case 'stored':
        return this.#stored.subscribe(listener);
      case 'interfaces':
        return this.#interfaces.topic.subscribe(listener);
      case 'host':
        void this.#fullHostInfo().catch(() => {});
        return this.#host.subscribe(listener);
    }
  }

  /** A client came; it is served until its pipe closes. */
  connect(pipe: MessagePipe<ClientMessage, ServerMessage>): void {
    const end = serveClient(this, pipe);
    const close = () => {
      end();
      pipe.close();
    };
    this.#connections.add(close);
    pipe.onClose(() => this.#connections.delete(close));
  }

  /** The API in this very process; values are cloned as over any other boundary. */
  api(): InspectorApi {
    const [server, client] = memoryPair<ClientMessage, ServerMessage>();
    this.connect(server);
    return createInspectorClient(client);
  }

  status(): CaptureStatus {
    const data = this.#data;
    const status: CaptureStatus = {
      state: this.#state,
      generation: this.#generation,
      source: data.source,
      attachments: data.attachments,
      notices: [...data.notices],
      counters: data.counters,
      stored: data.table.store.count,
      fileBytes: data.fileBytes,
      pps: data.pps,
      bitsPerSecond: data.bitsPerSecond,
      flowCount: data.measures.flows.columns.count,
    };
    const { annotations } = data.table;
    if (annotations.marked.size > 0) status.marked = annotations.marked.size;
    if (annotations.version > 0) status.annotations = annotations.version;
    if (data.options) status.options = data.options;
    if (data.startedNs !== undefined) status.startedNs = data.startedNs;
    if (data.stoppedNs !== undefined) status.stoppedNs = data.stoppedNs;
    if (data.fileName !== undefined) status.fileName = data.fileName;
    if (data.reading && this.#state === 'starting') status.reading = { ...data.reading };
    if (this.#transfers.status) status.transfer = this.#transfers.status;
    if (data.source === 'file') status.interfaces = data.table.interfaces.slice(0, INTERFACES_TOLD).map(toldInterface);
    const keyLog = this.#decryption.told;
    if (keyLog) status.keyLog = keyLog;
    if (this.#error) status.error = this.#error;
    return status;
  }

  hostInfo(): HostInfo {
    const info: HostInfo = {
      version: this.#options.version,
      kernel: release(),
      hostname: hostname(),
      host: this.#options.host,
      demo: this.#demo,
      privilege: this.#access.privilege,
    };
    if (this.#capabilities) info.capabilities = this.#capabilities;
    return info;
  }

  /** The demo network came or went. */
  setDemo(demo: boolean): void {
    this.#demo = demo;
    this.#host.changed();
  }

  async startCapture(options: CaptureOptions): Promise<CaptureStatus> {
    this.#mustBeIdle();
    const start = this.#start(options);
    this.#starting = start;
    await start.finally(() => {
      this.#starting = undefined;
    });
    return this.status();
  }

  /** Of the running capture, from the next packet on. Without one it is only checked. Rejects with FILTER. */
  async changeFilter(filter: string): Promise<CaptureStatus> {
    await this.#starting?.catch(() => {});
    if (this.#state === 'running' && this.#data instanceof LiveData) await this.#data.setFilter(filter);
    else if (filter.trim() !== '') await this.#compiler.compile(filter, FILTER_LINK_TYPES);
    return this.status();
  }

  /** Resolves when the last packet is stored. Does nothing when no capture runs. */
  async stopCapture(): Promise<CaptureStatus> {
    await this.#starting?.catch(() => {});
    if (this.#state !== 'running' || !(this.#data instanceof LiveData)) return this.status();
    this.#set('stopping');
    try {
      await this.#data.stop();
      this.#set('stopped');
    } catch (error) {
      this.#set('failed', errorData(error));
    }
    return this.status();
  }

  async clear(): Promise<CaptureStatus> {
    this.#mustBeIdle();
    await this.#replace(noData());
    this.#set('idle');
    return this.status();
  }

  /**
   * Opens a capture file, or several merged by time, under `shownName` (of several: a name each). Resolves when its first packets can be asked for; the rest follows,
   * and the status tells of its progress and of damage. Rejects when it is no capture; what was shown stays.
   */
  async openFile(file: string | readonly string[], shownName?: string | readonly string[]): Promise<void> {
    this.#mustBeIdle();
    const names = shownName === undefined ? undefined : [shownName].flat();
    const data = await FileData.open(file, this.#options.spoolDir, names);
    try {
      this.#mustBeIdle();
    } catch (error) {
      await data.dispose();
      throw error;
    }
    await this.#replace(data);
    this.#set('starting');
    void this.#load(data);
  }

  /** Opens a key log, shown under `name`: what it has the secrets of is decrypted, in this capture and in those to come. */
  async openKeyLog(file: string, name = path.basename(file)): Promise<void> {
    this.#decryption.open(file, name);
  }

  hasCapture(): boolean {
    return this.#data.save() !== undefined;
  }

  /**
   * Saves the capture with its comments, complete as of now also while it runs: into a file (beside it first, then renamed, so that a
   * file that is there is replaced only by a whole one; its name says the format), or into a stream as pcapng.
   */
  async saveCapture(to: string | Writable): Promise<void> {
    const packets = { of: 'filter', filter: '' } as const;
    if (typeof to !== 'string') return this.exportPackets({ packets, format: 'pcapng', packing: 'none' }, to);
    return this.exportPackets({ packets, format: formatOf(to), packing: packingOfName(to) }, to);
  }

  /** Chosen packets, likewise. @param name as it is told, when `to` is a stream */
  async exportPackets(request: ExportRequest, to: string | Writable, name = 'the download'): Promise<void> {
    if (this.#state === 'starting' && this.#data.source === 'file')
      throw new XdpeekError({
        code: 'EBUSY',
        message: 'the file is still being read',
        hint: 'Wait for it, or stop reading.',
      });
    const file = typeof to === 'string' ? to : undefined;
    const told = file === undefined ? name : path.basename(file);
    await this.#transfers.run(this.#data, request, told, (bytes) =>
      typeof to === 'string' ? saveFile(to, bytes) : saveStream(to, bytes),
    );
  }

  cancelExport(): void {
    this.#transfers.cancel();
  }

  /** Detaches, removes the spool, lets go of every client. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.stopCapture().catch(() => {});
    this.#transfers.cancel('xdpeek ended');
    this.#decryption.close();
    this.#interfaces.close();
    this.#compiler.close();
    this.#status.close();
    this.#stored.close();
    this.#host.close();
    for (const close of this.#connections) close();
    await this.#data.dispose().catch(() => {});
    await this.#access.close();
  }

  async #start(options: CaptureOptions): Promise<void> {
    this.#set('starting');
    let data: LiveData | undefined;
    let ended: ErrorData | undefined;
    try {
      const client = await this.#access.capturer();
      const spool = await createSpool(this.#options.spoolDir ?? defaultSpoolDir());
      data = await LiveData.start({
        client,
        spool,
        options,
        compile: (...filter) => this.#compiler.compile(...filter),
        onChange: () => data && this.#changedBy(data),
        onLimit: () => void this.stopCapture(),
        onEnded: (reason) => {
          ended = reason;
          if (data && data === this.#data) this.#set('failed', reason);
        },
      });
      await this.#replace(data);
      if (ended) this.#set('failed', ended);
      else this.#set('running');
    } catch (error) {
      this.#set('failed', errorData(error));
      throw error;
    }
  }

  #changedBy(data: CaptureData): void {
    if (data !== this.#data) return;
    data.table.analysis.poke(
      () => data === this.#data && this.#status.changed(),
      (lateMs) => this.#pauseMs(lateMs),
    );
    this.#stored.changed();
    this.#status.changed();
  }

  /** The background stands back while packets come, and more so while a file is read: else each of its pieces would wait for a slice. */
  #pauseMs(lateMs: number): number {
    if (this.#state === 'starting') return READING_PAUSE_MS;
    if (this.#state !== 'running' && this.#state !== 'stopping') return 0;
    // The machine has too much to do: packets that are not taken in time are lost.
    return LIVE_PAUSE_MS + (lateMs > LATE_MS ? Math.min(MOST_PAUSE_MS, STAND_BACK * lateMs) : 0);
  }

  #rowsMs(): number {
    return this.#state === 'running' || this.#state === 'stopping' ? LIVE_ROWS_MS : ROWS_MS;
  }

  async #load(data: FileData): Promise<void> {
    const onChange = () => this.#changedBy(data);
    try {
      const damage = await data.load(onChange);
      if (data !== this.#data) return;
      this.#set('stopped', damage);
      await data.count(onChange);
    } catch (error) {
      if (data === this.#data) this.#set('failed', errorData(error));
    }
  }

  async #replace(data: CaptureData): Promise<void> {
    this.#transfers.cancel('the capture was replaced before all of it was written');
    const old = this.#data;
    this.#decryption.use(data.table);
    this.#decoding.use(data.table);
    this.#data = data;
    this.#generation++;
    await old.dispose();
  }

  #set(state: CaptureState, error?: ErrorData): void {
    this.#state = state;
    this.#error = error;
    this.#status.changed();
  }

  #mustBeIdle(): void {
    if (this.#closed) throw new XdpeekError({ code: 'CLOSED', message: 'this session is closed' });
    if (this.#starting || this.#state === 'running' || this.#state === 'stopping')
      throw new XdpeekError({ code: 'EBUSY', message: 'a capture is running', hint: 'Stop it first.' });
  }

  /** With what the kernel can do; asked once. */
  async #fullHostInfo(): Promise<HostInfo> {
    if (!this.#capabilities) {
      const observer = await this.#access.observer();
      this.#capabilities = await observer.request('capabilities', {});
      this.#host.changed();
    }
    return this.hostInfo();
  }
}

function toldInterface({ name, file }: TableInterface): { name: string; file?: string } {
  return { name, ...(file !== undefined && { file }) };
}

export function createSession(options: SessionOptions): Session {
  return new Session(options);
}
