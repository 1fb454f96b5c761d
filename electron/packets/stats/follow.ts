/**
 * What the two ends of a stream said, in the order in which it arrived (`-z follow`). TCP's bytes are put in order and each is taken once; where
 * some are missing, that is said in their place.
 */
import { FOLLOW_KINDS, type FollowChunk, type FollowKind } from '../../shared/analysis.ts';
import { u32 } from '../dissect/bytes.ts';
import type { Dissection, Layer } from '../dissect/index.ts';
import { http2Facts, PREFACE } from '../dissect/protocols/http2.ts';
import { tcpFacts } from '../dissect/protocols/tcp-facts.ts';
import { decryptedData } from '../dissect/protocols/tls.ts';
import { udpFacts } from '../dissect/protocols/udp.ts';
import { after } from '../state/tcp-analysis.ts';
import { encodeUtf8 } from '../text/utf8.ts';
import { addressText, endKey, endsOf } from './ends.ts';
import type { StatPacket } from './stat.ts';

export interface FollowEnd {
  address: string;
  port: number;
}

interface Piece {
  seq: number;
  bytes: Uint8Array;
  number: number;
  timeNs: number;
}

/** Kept of one stream; what comes after is counted. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Out of order, of one direction. */
const MAX_WAITING = 8 * 1024 * 1024;
const MAX_PIECES = 4096;
const NONE = new Uint8Array(0);
const HEADER_WORDS_AT = 12;
const ACK_FLAG = 16;
const SYN_FLAG = 2;

class Direction {
  next: number | undefined;
  waiting: Piece[] = [];
  held = 0;
}

export class Follow {
  readonly kind: FollowKind;
  readonly stream: number;
  /** Of HTTP/2: only this stream of the connection. */
  readonly substream: number | undefined;
  /** What the packets of the stream carry that can be followed. */
  readonly kinds = new Set<FollowKind>();
  readonly chunks: FollowChunk[] = [];
  ends: [FollowEnd, FollowEnd] | undefined;
  packets = 0;
  /** Bytes said by each end, also those beyond the limit. */
  readonly bytes: [number, number] = [0, 0];
  /** There was more than is kept. */
  cut = false;
  readonly #directions = [new Direction(), new Direction()] as const;
  #kept = 0;
  /** Key of the end that was seen first. */
  #first = '';

  /** @param stream tcp.stream, or udp.stream */
  constructor(kind: FollowKind, stream: number, substream?: number) {
    this.kind = kind;
    this.substream = substream;
    this.stream = stream;
  }

  get transport(): 'tcp' | 'udp' {
    return this.kind === 'udp' ? 'udp' : 'tcp';
  }

  see({ d, number, timeNs }: StatPacket): void {
    for (const layer of d.layers) {
      if (layer.quotedBy || layer.short || layer.protocol.name !== this.transport) continue;
      const facts = this.transport === 'tcp' ? tcpFacts(layer) : udpFacts(layer);
      if (facts?.conversation.index !== this.stream) continue;
      this.packets++;
      this.#note(d);
      const from = this.#side(d, layer);
      if (this.kind === 'tcp') this.#segment(d, layer, from, number, timeNs);
      else if (this.kind === 'udp') this.#datagram(d, layer, from, number, timeNs);
      else this.#units(d, layer, from, number, timeNs);
      return;
    }
  }

  /** What still waits for missing bytes, told with the holes: the end of `chunks` as long as nothing more comes. */
  get rest(): FollowChunk[] {
    const chunks: FollowChunk[] = [];
    for (const from of [0, 1] as const) {
      let { next } = this.#directions[from];
      for (const { seq, bytes, number, timeNs } of this.#directions[from].waiting.toSorted((a, b) =>
        after(a.seq, b.seq),
      )) {
        const missing = after(seq, next!);
        if (missing > 0) chunks.push({ from, number, timeNs, bytes: NONE, missing });
        const fresh = bytes.subarray(Math.min(Math.max(0, -missing), bytes.length));
        if (fresh.length === 0) continue;
        chunks.push({ from, number, timeNs, bytes: fresh, missing: 0 });
        next = (seq + bytes.length) >>> 0;
      }
    }
    return chunks;
  }

  #side(d: Dissection, layer: Layer): 0 | 1 {
    const ends = endsOf(d, layer);
    if (!ends) return 0;
    const key = endKey(ends.source, ends.sourcePort);
    if (!this.ends) {
      this.#first = key;
      this.ends = [
        { address: addressText(ends.source), port: ends.sourcePort },
        { address: addressText(ends.destination), port: ends.destinationPort },
      ];
    }
    return key === this.#first ? 0 : 1;
  }

  #datagram(d: Dissection, layer: Layer, from: 0 | 1, number: number, timeNs: number): void {
    d.enter(layer);
    const bytes = d.bytes.slice(layer.start + 8, d.capturedEnd(layer));
    if (bytes.length > 0) this.#say({ from, number, timeNs, bytes, missing: 0 });
  }

  #segment(d: Dissection, layer: Layer, from: 0 | 1, number: number, timeNs: number): void {
    d.enter(layer);
    const { bytes } = d;
    const at = layer.start;
    const flags = bytes[at + 13]!;
    if (flags & ACK_FLAG) this.#giveUp((1 - from) as 0 | 1, u32(bytes, at + 8));
    const direction = this.#directions[from];
    const seq = (u32(bytes, at + 4) + (flags & SYN_FLAG ? 1 : 0)) >>> 0;
    direction.next ??= seq;
    const start = at + (bytes[at + HEADER_WORDS_AT]! >> 4) * 4;
    const end = d.capturedEnd(layer);
    if (end <= start) return;
    this.#take(from, { seq, bytes: bytes.slice(start, end), number, timeNs });
  }

  #take(from: 0 | 1, piece: Piece): void {
    const direction = this.#directions[from];
    if (after(piece.seq, direction.next!) > 0) {
      direction.waiting.push(piece);
      direction.held += piece.bytes.length;
      if (direction.held > MAX_WAITING || direction.waiting.length > MAX_PIECES) this.#giveUp(from, undefined);
      return;
    }
    this.#append(from, piece);
    this.#release(from);
  }

  /** A piece that begins at what is expected next, or before: what is new of it. */
  #append(from: 0 | 1, { seq, bytes, number, timeNs }: Piece): void {
    const direction = this.#directions[from];
    const fresh = bytes.subarray(Math.min(after(direction.next!, seq), bytes.length));
    if (fresh.length === 0) return;
    direction.next = (direction.next! + fresh.length) >>> 0;
    this.#say({ from, number, timeNs, bytes: fresh, missing: 0 });
  }

  /** Pieces that waited for what has come now. */
  #release(from: 0 | 1): void {
    const direction = this.#directions[from];
    for (;;) {
      const i = direction.waiting.findIndex(({ seq }) => after(seq, direction.next!) <= 0);
      if (i < 0) return;
      const [piece] = direction.waiting.splice(i, 1);
      direction.held -= piece!.bytes.length;
      this.#append(from, piece!);
    }
  }

  /** The other end has what is missing here (`ack`), or nothing more comes: the hole stays. */
  #giveUp(from: 0 | 1, ack: number | undefined): void {
    const direction = this.#directions[from];
    while (direction.waiting.length > 0) {
      const lowest = direction.waiting.reduce((a, b) => (after(a.seq, b.seq) <= 0 ? a : b));
      if (ack !== undefined && after(ack, lowest.seq) <= 0) return;
      const missing = after(lowest.seq, direction.next!);
      const { number, timeNs } = lowest;
      if (missing > 0) this.#say({ from, number, timeNs, bytes: NONE, missing });
      direction.next = lowest.seq;
      this.#release(from);
    }
  }

  #note(d: Dissection): void {
    for (const layer of d.layers) {
      const kind = FOLLOW_KINDS.find((one) => one === layer.protocol.name);
      if (kind && (kind !== 'tls' || decryptedData(layer).length > 0)) this.kinds.add(kind);
    }
  }

  /** HTTP: heads and unpacked bodies. TLS: what was decrypted. */
  #units(d: Dissection, tcp: Layer, from: 0 | 1, number: number, timeNs: number): void {
    for (const [i, layer] of d.layers.entries()) {
      if (layer.protocol.name !== this.kind || !under(layer, tcp)) continue;
      if (this.kind === 'http2' && this.substream !== undefined && !isOf(layer, this.substream)) continue;
      for (const bytes of unitBytes(d, layer, d.layers[i + 1])) this.#say({ from, number, timeNs, bytes, missing: 0 });
    }
  }

  #say(chunk: FollowChunk): void {
    this.bytes[chunk.from] += chunk.bytes.length;
    if (this.#kept + chunk.bytes.length > MAX_BYTES) {
      this.cut = true;
      return;
    }
    this.#kept += chunk.bytes.length;
    this.chunks.push(chunk);
  }
}

function under(layer: Layer, carrier: Layer): boolean {
  for (let at = layer.below; at; at = at.below) if (at === carrier) return true;
  return false;
}

/** A message's head, and its body where that is: put together and unpacked. */
function unitBytes(d: Dissection, layer: Layer, above: Layer | undefined): Uint8Array[] {
  if (layer.protocol.name === 'tls') return decryptedData(layer).map((bytes) => bytes.slice());
  d.enter(layer);
  if (layer.protocol.name === 'http2') return frameBytes(d, layer, above);
  const head = d.bytes.slice(layer.start, layer.start + layer.headerLength);
  if (above?.below !== layer) return [head];
  d.enter(above);
  return [head, d.bytes.slice(above.start, d.capturedEnd(above))];
}

const isOf = (layer: Layer, substream: number): boolean => {
  const { magic, stream } = http2Facts(layer);
  return !magic && stream === substream;
};

/** Of HTTP/2: header fields as lines, bodies as they are, packed ones unpacked when they are whole. */
function frameBytes(d: Dissection, layer: Layer, above: Layer | undefined): Uint8Array[] {
  const { magic, type, headers, content, encoded } = http2Facts(layer);
  if (magic) return [encodeUtf8(PREFACE)];
  if (headers) return [encodeUtf8(`${headers.fields.map(({ name, value }) => `${name}: ${value}\r\n`).join('')}\r\n`)];
  if (type !== 0) return [];
  if (!encoded) return content.end > content.at ? [d.bytes.slice(content.at, content.end)] : [];
  if (above?.below !== layer) return [];
  d.enter(above);
  return [d.bytes.slice(above.start, d.capturedEnd(above))];
}
