/**
 * A dissected packet: the stack of layers that were recognised, each with its byte range, and what went wrong if something
 * did. Holds no strings: summary.ts, detail.ts and fields.ts read the bytes again when somebody looks. A protocol walks its
 * header once (`walk`), says what follows, and can later describe itself to a FieldSink.
 */
import type { Field, FieldValue } from './field.ts';

export interface Layer {
  readonly protocol: Protocol;
  /** Packet offset of the header. */
  readonly start: number;
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
}

export interface Problem {
  /** truncated: the snaplen cut the packet. malformed: the packet itself is wrong. */
  kind: 'truncated' | 'malformed';
  layer: Layer;
}

export interface Columns {
  source: string;
  destination: string;
}

export type BindTable = 'linktype' | 'ethertype' | 'ip.proto' | 'ipv6.nxt' | 'udp.port' | 'tcp.port' | 'llc.dsap';

export interface Extra {
  /** Appended to the label. */
  suffix?: string;
  /** Replaces the label. */
  label?: string;
  severity?: 'note' | 'warn' | 'error';
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
const MAX_LAYERS = 40;

export class Dissection {
  readonly bytes: Uint8Array;
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

  constructor(bytes: Uint8Array, linkType: number, wireLen: number) {
    this.bytes = bytes;
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

  /** Layers from here on are a quotation inside `layer` (an ICMP error's original datagram). */
  quote(layer: Layer): void {
    this.#quotedBy ??= layer;
  }

  /** The header is there but makes no sense, or its length fields point outside. */
  malformed(layer: Layer): void {
    if (layer.quotedBy) return; // quotations are cut by their nature
    const cut = this.wireLen > this.bytes.length && layer.end > this.bytes.length;
    this.problem ??= { kind: cut ? 'truncated' : 'malformed', layer };
  }

  run(first: Protocol): void {
    for (let protocol: Protocol | undefined = first; protocol; ) {
      const available = Math.min(this.#end, this.bytes.length) - this.#start;
      if (this.layers.length >= MAX_LAYERS) return;
      const layer: Layer = {
        protocol,
        start: this.#start,
        headerLength: Math.max(0, available),
        end: this.#end,
        below: this.layers.length > 0 ? this.layers[this.layers.length - 1] : undefined,
        quotedBy: this.#quotedBy,
        within: this.#within,
        short: available < protocol.minLength,
      };
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
