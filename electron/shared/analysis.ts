/** What the analysis of a capture answers: statistics, streams, graphs. Strings are ready to show. Times are ns since the first packet. */

/** Layers whose ends are counted, in the order in which they are offered. */
export const STAT_LAYERS = ['eth', 'ip', 'ipv6', 'tcp', 'udp', 'sctp'] as const;
export type StatLayer = (typeof STAT_LAYERS)[number];

export const IO_FUNCTIONS = ['packets', 'bytes', 'bits', 'count', 'sum', 'min', 'max', 'avg', 'load'] as const;
export type IoFunction = (typeof IO_FUNCTIONS)[number];
/** Those that need a field. */
export const OF_FIELD: readonly IoFunction[] = ['count', 'sum', 'min', 'max', 'avg', 'load'];

/** One line of an I/O graph. */
export interface IoLine {
  /** Display filter; '' = every packet. */
  filter: string;
  fn: IoFunction;
  /** With a function of OF_FIELD. */
  field?: string | undefined;
}

export const FOLLOW_KINDS = ['tcp', 'udp', 'tls', 'http', 'http2'] as const;
export type FollowKind = (typeof FOLLOW_KINDS)[number];

/** How far a walk over the packets has come; asked again later, the answer says more. */
export interface Progress {
  generation: number;
  scanned: number;
  total: number;
}

export interface HierarchyRow {
  /** Filter name. */
  name: string;
  title: string;
  depth: number;
  packets: number;
  bytes: number;
  endPackets: number;
  endBytes: number;
}

export interface LengthRow {
  label: string;
  packets: number;
  bytes: number;
  min?: number;
  max?: number;
}

export interface ExpertRow {
  severity: 'chat' | 'note' | 'warn' | 'error';
  group: string;
  protocol: string;
  text: string;
  count: number;
  /** Frame numbers of the first ones. */
  frames: number[];
}

export interface ResponseTimeRow {
  protocol: string;
  what: string;
  count: number;
  minNs: number;
  averageNs: number;
  maxNs: number;
  /** Frame number. */
  slowest: number;
}

export interface Overview extends Progress {
  /** Those that the filter lets through. */
  packets: number;
  bytes: number;
  durationNs: number;
  /** In tree order. */
  hierarchy: HierarchyRow[];
  lengths: LengthRow[];
  expert: ExpertRow[];
  times: ResponseTimeRow[];
  layers: { layer: StatLayer; conversations: number; endpoints: number }[];
}

export interface ConversationRow {
  a: string;
  b: string;
  /** Absent where the layer has none. */
  portA?: number;
  portB?: number;
  /** tcp.stream, udp.stream. */
  stream?: number;
  packetsAB: number;
  bytesAB: number;
  packetsBA: number;
  bytesBA: number;
  firstNs: number;
  lastNs: number;
  /** Display filter for its packets. */
  filter: string;
}

export const CONVERSATION_SORTS = [
  'a',
  'b',
  'packets',
  'bytes',
  'packetsAB',
  'bytesAB',
  'packetsBA',
  'bytesBA',
  'firstNs',
  'durationNs',
] as const;
export type ConversationSort = (typeof CONVERSATION_SORTS)[number];

export interface EndpointRow {
  address: string;
  port?: number;
  packetsSent: number;
  bytesSent: number;
  packetsReceived: number;
  bytesReceived: number;
  filter: string;
}

export const ENDPOINT_SORTS = [
  'address',
  'packets',
  'bytes',
  'packetsSent',
  'bytesSent',
  'packetsReceived',
  'bytesReceived',
] as const;
export type EndpointSort = (typeof ENDPOINT_SORTS)[number];

export interface TableWindow<Row> extends Progress {
  start: number;
  /** Rows in all. */
  count: number;
  rows: Row[];
}

export interface IoWindow extends Progress {
  intervalNs: number;
  /** Of each line, by interval; null: nothing there to say. */
  values: (number | null)[][];
}

export interface FollowChunk {
  /** 0: the end that was seen first. */
  from: 0 | 1;
  number: number;
  timeNs: number;
  /** Empty where bytes are missing. */
  bytes: Uint8Array;
  missing: number;
}

export interface FollowWindow extends Progress {
  /** [address, port] of both; absent while no packet of the stream was found. */
  ends?: readonly [readonly [string, number], readonly [string, number]];
  packets: number;
  /** Said by each end. */
  bytes: readonly [number, number];
  /** Chunks in all, and those asked for. */
  count: number;
  start: number;
  chunks: FollowChunk[];
  /** There was more than is kept. */
  cut: boolean;
  /** What else the stream can be followed as: what its packets were seen to carry. */
  kinds: FollowKind[];
}

/** Columns of one connection's segments: arrays of one length. */
export interface TcpGraph extends Progress {
  /** Segments in all: above MAX_TCP_POINTS only some are given, spread evenly. */
  count: number;
  number: number[];
  timeNs: number[];
  from: (0 | 1)[];
  seq: number[];
  length: number[];
  /** −1: no acknowledgement. */
  ack: number[];
  window: number[];
  /** −1: acknowledges nothing whose time is known. */
  rttNs: number[];
  inFlight: number[];
  retransmission: boolean[];
  ends?: readonly [string, string];
}

export const MAX_IO_POINTS = 2000;
export const MAX_TCP_POINTS = 4000;

/** method → [params, result]; part of InspectorMethods. */
export interface AnalysisMethods {
  'analysis.overview': [params: { filter: string }, result: Overview];
  'analysis.conversations': [
    params: {
      filter: string;
      layer: StatLayer;
      sort: ConversationSort;
      descending: boolean;
      start: number;
      count: number;
    },
    result: TableWindow<ConversationRow>,
  ];
  'analysis.endpoints': [
    params: { filter: string; layer: StatLayer; sort: EndpointSort; descending: boolean; start: number; count: number },
    result: TableWindow<EndpointRow>,
  ];
  /** `intervalNs` 0: chosen so that there are some hundred. Rejects with FILTER; `line` is then in its detail. */
  'analysis.io': [params: { lines: IoLine[]; intervalNs: number }, result: IoWindow];
  'analysis.follow': [
    params: { kind: FollowKind; stream: number; start: number; maxBytes: number },
    result: FollowWindow,
  ];
  'analysis.tcp': [params: { stream: number }, result: TcpGraph];
}
