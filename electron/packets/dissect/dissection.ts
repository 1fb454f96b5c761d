/**
 * A dissected packet: the stack of layers that were recognised, each with its byte range, and what went wrong if something
 * did. Holds no strings: summary.ts, detail.ts and fields.ts read the bytes again when somebody looks. A protocol walks its
 * header once (`walk`), says what follows, and can later describe itself to a FieldSink.
 */
import type { PacketContext } from '../state/context.ts';
import type { DecodeAs } from './decode-as.ts';
import type { Field, FieldValue } from './field.ts';
import type { NoteGroup, Severity } from './notes.ts';
import type { PduMemo } from './tcp-payload.ts';

/** Bytes that are not the frame's own: put together from several packets, decompressed or decrypted. */
export interface DataSource {
  /** "Reassembled TCP", "Decrypted TLS". */
  name: string;
  /**
   * What the layers in it read. Begins with a copy of the frame's headers below (`prefix` bytes), so that the layers which lie there can be
   * read through it too.
   */
  bytes: Uint8Array;
  prefix: number;
}

/** A data unit that waits for its turn: one segment may hold several. */
interface Waiting {
  protocol: Protocol;
  start: number;
  end: number;
  below: Layer;
  within: Layer | undefined;
  source: DataSource | undefined;
}

export interface Layer {
  readonly protocol: Protocol;
  /** Where its bytes are when not in the frame. */
  readonly source: DataSource | undefined;
  /** Decrypted parts of it, whose fields are its own (FieldSink.within). */
  parts?: DataSource[];
  /** Packet offset of the header. */
  start: number;
  /** Bytes of the layer's own node in the tree; set by `walk`. */
  headerLength: number;
  /** Where the layer's data unit ends on the wire by its own length field; may lie past the captured bytes. */
  end: number;
  readonly below: Layer | undefined;
  /** The ICMP layer that quotes this one. */
  readonly quotedBy: Layer | undefined;
  /** Whose node in the tree holds this layer's; undefined = the packet's own. */
  readonly within: Layer | undefined;
  /** Fewer bytes than the header needs. */
  short: boolean;
  /** What the walk found out from earlier packets (a stream's number, what a segment repeats); the protocol knows its shape. */
  facts?: unknown;
}

export interface Problem {
  /** truncated: the snaplen cut the packet. malformed: the packet itself is wrong. deep: more layers than are looked at. */
  kind: 'truncated' | 'malformed' | 'deep';
  layer: Layer;
}

export interface Columns {
  source: string;
  destination: string;
}

export type BindTable =
  | 'linktype'
  | 'ethertype'
  | 'ip.proto'
  | 'ipv6.nxt'
  | 'udp.port'
  | 'tcp.port'
  | 'sctp.port'
  | 'sctp.ppi'
  | 'llc.dsap'
  | 'llc.pid'
  | 'ppp.protocol';

export interface Extra {
  /** Appended to the label. */
  suffix?: string;
  /** Replaces the label. */
  label?: string;
  severity?: Severity;
  /** It is an expert note: what the list of notes says of it. */
  note?: { readonly group: NoteGroup; readonly text: string };
  /** Answers filters and `-e`, not shown. */
  hidden?: boolean;
  /** Not in the packet: worked out. Shown in brackets, lights no bytes. */
  generated?: boolean;
}

/** Receives a layer's fields in tree order. `item` reads the value from the packet, `value` takes it. */
export interface FieldSink {
  item(field: Field, offset: number, length?: number, extra?: Extra): void;
  value(field: Field, offset: number, length: number, value: FieldValue, extra?: Extra): void;
  /** Whether any of these is wanted: guards what is costly to work out. Those that are not need not be emitted. */
  asks(...fields: Field[]): boolean;
  /** As `item`/`value`, and what comes until `close` goes below it. */
  open(field: Field, offset: number, length: number, value: FieldValue, extra?: Extra): void;
  close(): void;
  /** What `inner` emits lies in `source`, one of the layer's `parts`. */
  within(source: DataSource, inner: () => void): void;
  /** Answers filters and `-e`, not shown ("ip.addr"). */
  hidden(field: Field, offset: number, length?: number): void;
}

export interface Protocol {
  /** Wireshark's filter name. */
  readonly name: string;
  /** What the Protocol column says. */
  readonly column: string;
  /** Full name, the tree's node. */
  readonly title: string;
  /** Row tint token. */
  readonly tint: string;
  /** Its part of frame.protocols when that is not just `name`. */
  path?(d: Dissection, layer: Layer): string;
  /** Fixed part of the header: with fewer bytes the layer is `short` and `walk` is not called. */
  readonly minLength: number;
  /** Where it hangs: table → keys. */
  readonly binds: Readonly<Partial<Record<BindTable, readonly number[]>>>;
  readonly fields: Readonly<Record<string, Field>>;
  /** Sets headerLength and end; returns what follows after calling `d.follow`. */
  walk(d: Dissection, layer: Layer): Protocol | undefined;
  /**
   * Over TCP: bytes that the data unit at `at` has (it may end after `end`), or PDU_MORE, PDU_REST, PDU_UNTIL_FIN of tcp-payload.ts. Without it
   * a segment's payload is one unit.
   */
  pdu?(bytes: Uint8Array, at: number, end: number, memo: PduMemo, d: Dissection, layer: Layer): number;
  /** Another protocol that these first bytes of a conversation are of, although a port says this one. */
  instead?(bytes: Uint8Array, start: number, end: number): Protocol | undefined;
  /** Between the Info of several units of one segment; without it the last one's stands alone. */
  readonly joinInfo?: string;
  /** Info of a segment in which such a unit begins and does not end; '' = TCP's own. */
  partialInfo?(d: Dissection, at: number, end: number): string;
  /** Tables that the user may choose it for although it claims no key there. */
  readonly decodeAs?: readonly BindTable[];
  /** Whether bytes that no port claims look like this protocol. Tried in the order of the registry. */
  heuristic?: Partial<Record<'tcp' | 'udp', (bytes: Uint8Array, start: number, end: number, d: Dissection) => boolean>>;
  /** On its own UDP ports too its heuristic decides. */
  readonly strict?: boolean;
  /** Protocol column when it depends on the packet. */
  columnOf?(d: Dissection, layer: Layer): string;
  /** Source and Destination columns. */
  addresses?(d: Dissection, layer: Layer, columns: Columns): void;
  /** Info column. */
  info?(d: Dissection, layer: Layer): string;
  /** Info column of a layer that is `short`. */
  shortInfo?(d: Dissection, layer: Layer): string;
  /** Tree label; default: title. */
  label?(d: Dissection, layer: Layer): string;
  /** Tree label of a layer that is `short`; default: title. */
  shortLabel?(d: Dissection, layer: Layer): string;
  emit(d: Dissection, layer: Layer, out: FieldSink): void;
}

/** Tunnels in tunnels end here. */
const MAX_DEPTH = 40;
/** Of one packet in all: a segment may hold many data units. */
const MAX_LAYERS = 600;

export class Dissection {
  /** The packet's own bytes. */
  readonly frame: Uint8Array;
  /** The bytes that the layer at hand lies in: the frame's, or a DataSource's. `enter` sets them. */
  bytes: Uint8Array;
  /** What earlier packets told; absent when the packet is looked at alone. */
  readonly context: PacketContext | undefined;
  /** The user's own choice of protocols. */
  readonly decodeAs: DecodeAs | undefined;
  /** When somebody wants to know: by what keys the packet's protocols were looked up. */
  asked: { table: BindTable; key: number; found: Protocol | undefined }[] | undefined;
  /** What a protocol read to measure a data unit, for the walk of that unit; it knows its shape. */
  measured: unknown;
  readonly linkType: number;
  readonly wireLen: number;
  readonly layers: Layer[] = [];
  problem: Problem | undefined;
  /** Something states an impossible value; the packet could still be walked or was walked up to there. */
  bogus = false;
  #start = 0;
  #end: number;
  #quotedBy: Layer | undefined;
  #within: Layer | undefined;
  #source: DataSource | undefined;
  #waiting: Waiting[] | undefined;

  constructor(
    bytes: Uint8Array,
    linkType: number,
    wireLen: number,
    context?: PacketContext,
    decodeAs = context?.state.decodeAs,
  ) {
    this.frame = bytes;
    this.bytes = bytes;
    this.context = context;
    this.decodeAs = decodeAs;
    this.linkType = linkType;
    this.wireLen = Math.max(wireLen, bytes.length);
    this.#end = this.wireLen;
  }

  /**
   * Says where the protocol that `walk` returns starts, how far its carrier lets it go, and whose node holds it when it
   * is a part of that one (extension headers, an echo's data).
   */
  follow(start: number, end: number, within?: Layer): void {
    this.#start = start;
    this.#end = end;
    this.#within = within ?? this.#quotedBy;
  }

  /** As `follow`, for bytes of another source; layers above stay in it. */
  followIn(source: DataSource, start: number, end: number, within?: Layer): void {
    this.follow(start, end, within);
    this.#source = source;
    this.bytes = source.bytes;
  }

  /** One more data unit that `below` carries, walked when those before it are done. */
  also(protocol: Protocol, below: Layer, start: number, end: number, source = below.source, within?: Layer): void {
    this.#waiting ??= [];
    this.#waiting.push({ protocol, start, end, below, within, source });
  }

  /** Before anything of a layer is read: `bytes` are then those it lies in. */
  enter({ source }: Layer): void {
    this.bytes = source ? source.bytes : this.frame;
  }

  /** Whether a quotation is being walked: what it says concerns another packet. */
  get quoting(): boolean {
    return this.#quotedBy !== undefined;
  }

  /** Layers from here on are a quotation inside `layer` (an ICMP error's original datagram). */
  quote(layer: Layer): void {
    this.#quotedBy ??= layer;
  }

  /** The header is there but makes no sense, or its length fields point outside. */
  malformed(layer: Layer): void {
    if (layer.quotedBy) return; // quotations are cut by their nature
    const cut = this.wireLen > this.frame.length && layer.end > this.bytes.length;
    this.problem ??= { kind: cut ? 'truncated' : 'malformed', layer };
  }

  run(first: Protocol): void {
    this.#walk(first, undefined);
    // What a unit carries comes before the unit after it.
    let queue = this.#waiting ?? [];
    for (let next = queue.shift(); next; next = queue.shift()) {
      this.#waiting = undefined;
      this.#start = next.start;
      this.#end = next.end;
      this.#within = next.within;
      this.#source = next.source;
      this.#walk(next.protocol, next.below);
      if (this.#waiting) queue = [...(this.#waiting as Waiting[]), ...queue];
    }
    this.bytes = this.frame;
  }

  #walk(first: Protocol, under: Layer | undefined): void {
    let below = under;
    let depth = 0;
    for (let at = under; at; at = at.below) depth++;
    for (let protocol: Protocol | undefined = first; protocol; depth++) {
      if (depth >= MAX_DEPTH || this.layers.length >= MAX_LAYERS) {
        this.problem ??= { kind: 'deep', layer: below ?? this.layers[0]! };
        return;
      }
      this.bytes = this.#source ? this.#source.bytes : this.frame;
      const available = Math.min(this.#end, this.bytes.length) - this.#start;
      const layer: Layer = {
        protocol,
        source: this.#source,
        start: this.#start,
        headerLength: Math.max(0, available),
        end: this.#end,
        below,
        quotedBy: this.#quotedBy,
        within: this.#within,
        short: available < protocol.minLength,
      };
      below = layer;
      this.layers.push(layer);
      if (layer.short) {
        if (!layer.quotedBy)
          this.problem ??= { kind: this.#end > this.bytes.length ? 'truncated' : 'malformed', layer };
        return;
      }
      protocol = protocol.walk(this, layer);
    }
  }

  /** Captured bytes of a layer end here. */
  capturedEnd(layer: Layer): number {
    return Math.min(layer.end, this.bytes.length);
  }
}
