/**
 * The one typed backend that the session exposes and every client uses (renderer over a MessagePort or WebSocket,
 * command line in process, tests over the memory adapter). Values must survive structured clone *and* the
 * WebSocket codec: JSON types plus Uint8Array. No bigint, no Map, no Date.
 */
import type { AnalysisMethods, Progress } from './analysis.ts';
import type { Capabilities, CaptureOptions, CaptureStatus, InterfaceInfo, Verdict } from './capture.ts';
import type { DecodeMethods } from './decode.ts';
import type { ErrorData } from './errors.ts';
import type { ExportPlan, ExportRequest, PacketChoice } from './export.ts';
import type { PacketSort, SortMethods } from './sort.ts';
import type { WorkbenchApiMethods } from './workbench-api.ts';

export interface HostInfo {
  version: string;
  kernel: string;
  hostname: string;
  /** Which host this is: decides what the window offers. */
  host: 'electron' | 'serve' | 'cli';
  demo: boolean;
  /** This window was given a link for looking only (serve). */
  viewer?: true;
  /** How privileged is reached. */
  privilege: {
    state: 'unknown' | 'ready' | 'needs-auth' | 'refused' | 'dismissed' | 'missing' | 'failed';
    via: 'direct' | 'pkexec' | 'none';
    error?: ErrorData;
  };
  capabilities?: Capabilities;
}

/** One row of the packet list. Strings are ready to show; nothing in them is HTML. */
export interface PacketRow {
  /** 1-based frame number. */
  number: number;
  /** ns since the first packet of the capture. */
  timeNs: number;
  source: string;
  destination: string;
  protocol: string;
  /** Wire length, bytes. */
  wireLen: number;
  capLen: number;
  info: string;
  verdict?: Verdict;
  direction?: 'in' | 'out';
  /** pcapng interface id and its name. */
  interfaceId: number;
  /** Seen before or after this XDP program (hook observe). */
  observed?: { side: 'before' | 'after'; program: string };
  /** Token for the row tint: 'tcp' | 'udp' | 'icmp' | 'arp' | 'dns' | 'ipv6' | 'error' | 'other' … */
  tint: string;
  /** tcp.stream or udp.stream: what can be followed. */
  stream?: { kind: 'tcp' | 'udp'; index: number };
  marked?: true;
  /** Times count from this packet on. */
  reference?: true;
  /** ns since the packet that times count from, when that is not the first. */
  sinceReferenceNs?: number;
  /** In a sorted list: ns since the packet that is displayed before it in the order of the capture. */
  sinceShownNs?: number;
  /** It has a comment. */
  commented?: true;
  /** Values of the fields that were asked for, as `-T fields` prints them. */
  fields?: string[];
  /** Which of the rules that were asked for is the first to match it. */
  rule?: number;
}

export interface RowsWindow {
  generation: number;
  /** Total rows of the view now: with a filter, those found so far. */
  total: number;
  /** With a filter: packets looked at so far. */
  scanned?: number;
  /** Of a sorted list: SortState.version. */
  version?: number;
  /** Some rows are not analysed yet: asked again later they may say more. */
  provisional?: boolean;
  start: number;
  rows: PacketRow[];
  /** Epoch ns of the first packet, decimal; absent while there is none. */
  baseTimeNs?: string;
}

/** A node of the detail tree. `offset`/`length` are bytes of the packet; generated fields have length 0. */
export interface DetailNode {
  /** Wireshark's field name, e.g. "ip.src"; protocol nodes have the protocol's name. */
  name: string;
  /** What Wireshark's tree would show, e.g. "Source Address: 10.0.0.1". */
  label: string;
  offset: number;
  length: number;
  /** Mask within the bytes for bit fields, for the hex view's tooltip. */
  mask?: number;
  /** Display value alone, as `-T fields` prints it. */
  value?: string;
  /** Display filter for packets that have this field with this value; absent where there is none. */
  filter?: string;
  severity?: 'chat' | 'note' | 'warn' | 'error';
  generated?: boolean;
  /** Its bytes are in PacketDetail.sources[source − 1]; absent or 0: in the packet. */
  source?: number;
  children?: DetailNode[];
}

/** The same packet on the other side of an observed program. */
export interface PairedImage {
  /** 1-based frame number. */
  number: number;
  /** Runs of bytes of the packet after that are not what they were: [offset, length]; length 0 = bytes were taken out there. */
  changed: (readonly [offset: number, length: number])[];
  lengthBefore: number;
  lengthAfter: number;
}

export interface PacketDetail {
  generation: number;
  /** The analysis has not come to it: asked again later it may say more. */
  provisional?: boolean;
  row: PacketRow;
  /** Absolute time, ns since the epoch, decimal. */
  epochNs: string;
  bytes: Uint8Array;
  /** Bytes that are not the packet's own: put together, unpacked, decrypted. */
  sources?: { name: string; bytes: Uint8Array }[];
  layers: DetailNode[];
  pair?: PairedImage;
}

/** Points for a chart; every array in `pps`/`bps` has the length of `timeMs`. At most 300 points. */
export interface Series {
  generation: number;
  /** Epoch ms of each bucket's start. */
  timeMs: number[];
  stepMs: number;
  /** 'pass', 'drop'… or 'tcp', 'udp'…: stable order. */
  keys: string[];
  pps: number[][];
  bitsPerSecond: number[][];
}

export interface FlowRow {
  /** Stable identity of the flow. */
  key: string;
  family: 4 | 6;
  source: string;
  sourcePort: number;
  destination: string;
  destinationPort: number;
  /** IP protocol number and its name. */
  protocolNumber: number;
  protocol: string;
  interfaceName: string;
  direction: 'in' | 'out';
  packets: number;
  bytes: number;
  /** Rates over the last tick. */
  pps: number;
  bitsPerSecond: number;
  /** Epoch ms. */
  firstMs: number;
  lastMs: number;
  /** OR of all TCP flag bytes seen; 0 for others. `state` puts them in words ("established", "reset"…). */
  tcpFlags: number;
  state: string;
}

export type FlowSortKey =
  | 'source'
  | 'sourcePort'
  | 'destination'
  | 'destinationPort'
  | 'protocol'
  | 'interfaceName'
  | 'direction'
  | 'packets'
  | 'bytes'
  | 'pps'
  | 'bitsPerSecond'
  | 'firstMs'
  | 'lastMs'
  | 'state';

export interface FlowsWindow {
  generation: number;
  total: number;
  start: number;
  flows: FlowRow[];
  /** Largest rate in the whole table: scale of the in-cell bars. */
  maxBitsPerSecond: number;
}

export interface StatRow {
  key: string;
  packets: number;
  bytes: number;
  pps: number;
  bitsPerSecond: number;
}

export interface StatsSnapshot {
  generation: number;
  /** Measured period of the rates, ns: exact, from the kernel clock. */
  periodNs: number;
  byVerdict: StatRow[];
  byProtocol: StatRow[];
  /** Wire-length classes: "≤64", "65–127"… */
  bySize: StatRow[];
  /** One entry a possible CPU: packets and bytes by verdict. */
  perCpu: { cpu: number; byVerdict: StatRow[] }[];
}

export interface TopEntry {
  key: string;
  label: string;
  packets: number;
  bytes: number;
  bitsPerSecond: number;
}
export interface TopLists {
  generation: number;
  talkers: TopEntry[];
  ports: TopEntry[];
  protocols: TopEntry[];
  flows: FlowRow[];
}

/** A file that was opened before. `token` is the host's own word for it: never a path. */
export interface RecentFile {
  token: string;
  name: string;
  sizeBytes: number;
  openedMs: number;
}

/** `error.offset` and `length` are UTF-16 positions in the text: what to underline. */
export type FilterCheck =
  | { ok: true; instructions: number }
  | { ok: false; message: string; offset: number; length: number };

/** Of a display filter. Positions are UTF-16. */
export type DisplayCheck = { ok: true } | { ok: false; message: string; offset: number; length: number };

export interface FieldHint {
  name: string;
  /** Wireshark's: "uint16", "ipv4", "protocol". */
  type: string;
  description: string;
}

export interface FilterPreset {
  id: string;
  label: string;
  filter: string;
}

/** method → [params, result] */
export interface InspectorMethods extends AnalysisMethods, DecodeMethods, SortMethods, WorkbenchApiMethods {
  'host.info': [params: Record<string, never>, result: HostInfo];
  'interfaces.list': [params: Record<string, never>, result: InterfaceInfo[]];
  'capture.start': [params: CaptureOptions, result: CaptureStatus];
  /** Changes the filter of the running capture ('' = none), or of the next one. Rejects with code FILTER and keeps the old one. */
  'capture.filter': [params: { filter: string }, result: CaptureStatus];
  /** Compiles for the interfaces' link types without using it. */
  'filter.check': [params: { filter: string; linkTypes: number[] }, result: FilterCheck];
  'filter.presets': [params: Record<string, never>, result: FilterPreset[]];
  'capture.stop': [params: Record<string, never>, result: CaptureStatus];
  'capture.status': [params: Record<string, never>, result: CaptureStatus];
  /** With `filter`, rows of the packets that this display filter lets through. Rejects with code FILTER. */
  'packets.rows': [
    params: {
      start: number;
      count: number;
      filter?: string;
      /** Without one: the order of the capture. While the list is not sorted so, it has no rows and version 0: packets.sort does it. */
      sort?: PacketSort;
      /** Field names: their values come with each row. */
      fields?: string[];
      /** Display filters that colour rows. What is no filter matches nothing. */
      rules?: string[];
    },
    result: RowsWindow,
  ];
  /**
   * The next packet that a display filter lets through, from `number` (left out) forwards or backwards, in the order of the capture or of a sorted `list`.
   * 0 = none so far.
   */
  'packets.seek': [
    params: { number: number; filter: string; backwards: boolean; list?: { filter: string; sort: PacketSort } },
    result: Progress & { number: number },
  ];
  /** Marks packets. Answers when a filter has looked at all of them. */
  'packets.mark': [params: { packets: PacketChoice; marked: boolean }, result: { marked: number }];
  /** Times count from this packet on, or no longer. */
  'packets.reference': [params: { number: number; on: boolean }, result: Record<string, never>];
  /** Replaces the comments of a packet; '' takes them away. Saved with the capture. */
  'packets.comment': [params: { number: number; text: string }, result: Record<string, never>];
  /** What an export of these would be. */
  'export.plan': [params: { packets: PacketChoice }, result: ExportPlan];
  /** The file that is being written is not written: nothing of it stays. */
  'export.cancel': [params: Record<string, never>, result: Record<string, never>];
  /** Reads no further in the file that is being opened: what was read stays. */
  'file.stop': [params: Record<string, never>, result: CaptureStatus];
  /** Where packet `number` is, or would be, among the rows of a display filter ('' = all). */
  'packets.place': [
    params: { number: number; filter: string; sort?: PacketSort },
    result: { index: number; there: boolean },
  ];
  'display.check': [params: { filter: string }, result: DisplayCheck];
  /** Fields and protocols for completing a word. */
  'display.fields': [params: { prefix: string }, result: FieldHint[]];
  'packets.detail': [params: { number: number }, result: PacketDetail];
  /** The last `seconds`, in at most `points` buckets (≤ 300). */
  'series.get': [params: { by: 'verdict' | 'protocol'; seconds: number; points: number }, result: Series];
  'flows.rows': [
    params: { sort: FlowSortKey; descending: boolean; start: number; count: number; search?: string },
    result: FlowsWindow,
  ];
  'stats.get': [params: Record<string, never>, result: StatsSnapshot];
  'top.get': [params: { count: number }, result: TopLists];
  /** Forget the packets shown; refuses while a capture runs. */
  'capture.clear': [params: Record<string, never>, result: CaptureStatus];
}
export type InspectorMethod = keyof InspectorMethods;

/** topic → payload. A subscriber gets the current value at once, then at most 10 a second, the latest wins. */
export interface InspectorTopics {
  status: CaptureStatus;
  /** Of the status, up to 40 a second: for a list that shows the newest packet. */
  stored: Pick<CaptureStatus, 'generation' | 'stored'>;
  /** Interfaces with counters, once a second while somebody listens: cards and sparklines. */
  interfaces: InterfaceInfo[];
  host: HostInfo;
}
export type InspectorTopic = keyof InspectorTopics;

/** What the renderer, the tests and the command line hold. Rejections are XdpeekError. */
export interface InspectorApi {
  call<M extends InspectorMethod>(method: M, params: InspectorMethods[M][0]): Promise<InspectorMethods[M][1]>;
  subscribe<T extends InspectorTopic>(topic: T, listener: (value: InspectorTopics[T]) => void): () => void;
  /** Called once if the backend goes away (session died, socket closed). */
  onClosed(listener: (reason: ErrorData) => void): () => void;
}

/** The part of the DOM's File that this contract needs to name; hosts get the real File. */
export interface DroppedFile {
  readonly name: string;
  readonly size: number;
}

/** An eBPF object file in memory, for `objects.open`. */
export interface ObjectFile {
  name: string;
  bytes: Uint8Array;
}

/**
 * What only the host can do. Absent method = the window does not offer it. The renderer never sees a path:
 * dialogs and drops hand the file to the session behind its back, and the status topic shows the result.
 */
export interface HostApi {
  readonly kind: 'electron' | 'serve';
  /** Shows a dialog (Electron) or a file picker + upload (serve). False = dismissed. */
  openCapture(): Promise<boolean>;
  /** A TLS key log: a dialog (Electron) or a file picker + upload (serve). False = dismissed. */
  openKeyLog?(): Promise<boolean>;
  /** An eBPF object file: a dialog (Electron) or a file picker (serve). The page gets its bytes, never its path. Null = dismissed. */
  openObject(): Promise<ObjectFile | null>;
  /** Opens dropped files, several merged by time. */
  openDropped(files: readonly DroppedFile[]): Promise<void>;
  /** Files that were opened before, the last one first. */
  recentFiles?(): Promise<RecentFile[]>;
  openRecent?(token: string): Promise<void>;
  forgetRecent?(): Promise<void>;
  /** Saves the present capture: a dialog (Electron) or a download (serve). False = dismissed. */
  saveCapture(suggestedName: string): Promise<boolean>;
  /** Writes chosen packets, likewise. */
  exportPackets(request: ExportRequest, suggestedName: string): Promise<boolean>;
  /** Packets can be dragged out of the window as a file of this name: called as the drag begins. Hosts have one of the two. */
  dragOut?(request: ExportRequest, name: string): Promise<void>;
  /** The same as what the drag carries (DataTransfer): the receiver downloads it. */
  dragData?(request: ExportRequest, name: string): { type: string; value: string }[];
  /** A file is on its way to the backend (serve): bytes of it, undefined = none. Returns how to stop listening. */
  onUpload?(listener: (upload: { name: string; done: number; total: number } | undefined) => void): () => void;
  cancelUpload?(): void;
  /** 'system' follows the desktop. */
  setTheme?(theme: 'system' | 'light' | 'dark'): void;
  /** Starts the demo network with its traffic; `HostInfo.demo` turns true. It ends with the host. */
  startDemo?(): Promise<void>;
  /** https only; the host asks first. */
  openExternal?(url: string): Promise<void>;
  /** Menu items and global keys chosen in the host's native menu. */
  onCommand?(listener: (command: string) => void): () => void;
}
