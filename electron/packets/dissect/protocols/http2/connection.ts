/** What an HTTP/2 connection remembers: both directions' header tables, unfinished header blocks, and the streams' bodies. All of it bounded. */
import { own } from '../../../state/conversations.ts';
import { COPY, type Copied } from '../../../state/copied.ts';
import type { Dissection, Layer } from '../../dissection.ts';
import { type Budget, budgetOf, Pending } from '../../tcp-payload.ts';
import { tcpFacts } from '../tcp-facts.ts';
import { type HeaderBlock, HeaderTable } from './hpack.ts';

const MAX_STREAMS = 4096;
const MAX_BLOCK = 1 << 20;

/** One direction of a stream. */
export interface Body {
  contentType: string | undefined;
  encoding: string | undefined;
  pieces: Pending | undefined;
  /** Too long to wait for. */
  given: boolean;
}

/** A body whose parts are too long to copy is not waited for. */
export function copyBody(body: Body, budget: Budget): Body {
  const pieces = body.pieces?.copy(budget);
  return { ...body, pieces, given: body.given || pieces?.length !== body.pieces?.length };
}

export interface Piece {
  number: number;
  length: number;
}

class Side {
  table = new HeaderTable();
  /** A header field that goes on in a CONTINUATION frame. */
  block: { stream: number; bytes: Uint8Array } | undefined;
  readonly bodies = new Map<number, Body>();

  copy(budget: Budget): Side {
    const copy = new Side();
    copy.table = this.table.copy();
    copy.block = this.block;
    for (const [stream, body] of this.bodies) copy.bodies.set(stream, copyBody(body, budget));
    return copy;
  }
}

export class Http2Connection implements Copied {
  sides: readonly [Side, Side] = [new Side(), new Side()];

  [COPY](budget: Budget): Http2Connection {
    const copy = new Http2Connection();
    copy.sides = [this.sides[0].copy(budget), this.sides[1].copy(budget)];
    return copy;
  }

  /** @returns what a frame's part of a header block says, and how many bytes of it were in earlier frames */
  headers(side: 0 | 1, stream: number, fragment: Uint8Array, ends: boolean): { block: HeaderBlock; before: number } {
    const of = this.sides[side];
    const before = of.block?.stream === stream ? of.block.bytes : new Uint8Array(0);
    const bytes = new Uint8Array(before.length + fragment.length);
    bytes.set(before);
    bytes.set(fragment, before.length);
    of.block = undefined;
    const block = of.table.decode(bytes, ends);
    const rest = bytes.subarray(block.used);
    if (!ends && !block.broken && rest.length <= MAX_BLOCK) of.block = { stream, bytes: rest };
    return { block, before: before.length };
  }

  body(side: 0 | 1, stream: number): Body {
    const { bodies } = this.sides[side];
    let body = bodies.get(stream);
    if (body) return body;
    body = { contentType: undefined, encoding: undefined, pieces: undefined, given: false };
    if (bodies.size >= MAX_STREAMS) this.ended(side, bodies.keys().next().value!);
    bodies.set(stream, body);
    return body;
  }

  ended(side: 0 | 1, stream: number): void {
    const { bodies } = this.sides[side];
    bodies.get(stream)?.pieces?.clear();
    bodies.delete(stream);
  }
}

/** Keeps a part of a body. False when there is no room. */
export function keepBody(d: Dissection, body: Body, bytes: Uint8Array): boolean {
  body.pieces ??= new Pending(budgetOf(d));
  if (!body.pieces.takes(bytes.length)) {
    body.pieces.clear();
    body.given = true;
    return false;
  }
  body.pieces.add(bytes);
  body.pieces.segments.push({ number: d.context!.number, length: bytes.length });
  return true;
}

const CONNECTION = Symbol('http2');

/** The connection and direction of a layer; undefined when packets are looked at alone. */
export function http2Connection(layer: Layer): { connection: Http2Connection; side: 0 | 1 } | undefined {
  for (let below = layer.below; below; below = below.below) {
    if (below.protocol.name !== 'tcp') continue;
    const facts = tcpFacts(below);
    return facts && { connection: own(facts.conversation, CONNECTION, () => new Http2Connection()), side: facts.side };
  }
  return undefined;
}
