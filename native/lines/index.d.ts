/** The unprivileged addon of `xdpeek read` (dist/native/xdpeek-lines.node): lines of packets that need no dissection. */

/** The packets of a piece of a file; rows and shards as of electron/cli/read-threads/messages.ts. Packets are of one interface. */
export interface Piece {
  bytes: Uint8Array;
  /** Of the first byte in the file. */
  offset: number;
  rows: Float64Array;
  /** Packets that are printed become HERE, 255. */
  shards: Uint8Array;
  packets: number;
  /** Packets of the file in front of them. */
  before: number;
  /** LINKTYPE_*: Ethernet, raw IP, or Linux cooked. */
  linkType: number;
}

export interface Written {
  /** Packets that were printed. */
  printed: number;
  /** The text, where there was not enough room for it. */
  text?: Uint8Array;
  /** All is left to dissectors from now on. */
  over: boolean;
  /** Past packets are not known any more: all must be read again. */
  lost: boolean;
  /** Six numbers each: shard, number, offset in the file, bytes captured, on the wire, time. Must be dissected before the packets that were left out. */
  past?: Float64Array;
}

export class LineWriter {
  /**
   * @param tcpPorts,udpPorts what 65536 ports say of a payload: 0 nothing, 1 TLS, 2 HTTP, 3 another protocol
   * @param marks what lines say of verdicts, by their number
   */
  constructor(tcpPorts: Uint8Array, udpPorts: Uint8Array, marks: string[]);
  /**
   * On a thread of its own, piece after piece in the order of the calls: lines into `text`; `ends` takes where the text of each printed packet ends. All memory
   * is the thread's until then.
   */
  write(piece: Piece, text: Uint8Array, ends: Uint32Array): Promise<Written>;
  /** Nothing more is printed. No piece may be under way. Returns past packets as Written has them; undefined where they are not known any more. */
  handOver(): Float64Array | undefined;
  /** Ends the thread; what it did not begin comes back as lost. */
  close(): void;
}
