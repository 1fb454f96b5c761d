/**
 * memcached over UDP (memcached's doc/protocol.txt, "UDP protocol"): eight bytes in front of each datagram say which request it belongs to and which part
 * of it this is. An answer over several datagrams is put together when its last part has come, in whatever order.
 */
import { type Conversation, own } from '../../state/conversations.ts';
import { forgetOldest } from '../../state/oldest.ts';
import { u16 } from '../bytes.ts';
import type { Cursor } from '../cursor.ts';
import { f } from '../define.ts';
import type { DataSource, Dissection, Layer } from '../dissection.ts';
import { type Budget, budgetOf, source } from '../tcp-payload.ts';
import { udpFacts } from './udp.ts';

export const DATAGRAM_HEADER = 8;
const MAX_UNFINISHED = 64;
/** Of one answer: items have a megabyte unless the server was told otherwise. */
const MAX_HELD = 4 << 20;
/** Of all that waits to be put together in a capture, TCP's data units too. */
const MAX_HELD_IN_ALL = 192 << 20;

/** Wireshark has no names for them. */
export const DATAGRAM_FIELDS = {
  requestId: f.u16('memcache.udp.request_id', 'Request ID'),
  sequence: f.u16('memcache.udp.sequence', 'Sequence number'),
  total: f.u16('memcache.udp.total', 'Datagrams in this message'),
  udpReserved: f.x16('memcache.udp.reserved', 'Reserved'),
};

export interface Datagram {
  id: number;
  number: number;
  of: number;
  /** All parts, in the last of them that came. */
  whole?: DataSource;
}

interface Unfinished {
  parts: Map<number, Uint8Array>;
  of: number;
  held: number;
}
const UNFINISHED = Symbol('memcache datagrams');

/** Undefined when the header is not wholly there. */
export function readDatagram(d: Dissection, layer: Layer): Datagram | undefined {
  const { bytes } = d;
  const at = layer.start;
  const end = d.capturedEnd(layer);
  if (end - at < DATAGRAM_HEADER) return undefined;
  const datagram: Datagram = { id: u16(bytes, at), number: u16(bytes, at + 2), of: u16(bytes, at + 4) };
  const conversation = layer.below && udpFacts(layer.below)?.conversation;
  if (datagram.of < 2 || !conversation || end < layer.end) return datagram;
  const port = u16(bytes, layer.below!.start);
  const whole = add(conversation, port, datagram, bytes.subarray(at + DATAGRAM_HEADER, end), budgetOf(d));
  if (whole) {
    datagram.whole = source(d, at, whole, 'Reassembled memcache');
    layer.parts = [datagram.whole];
  }
  return datagram;
}

/** @param port of the sender: a request and its answer have the same id */
function add(
  conversation: Conversation,
  port: number,
  { id, number, of }: Datagram,
  bytes: Uint8Array,
  budget: Budget,
): Uint8Array | undefined {
  const all = own(conversation, UNFINISHED, () => new Map<number, Unfinished>());
  const forget = (key: number) => {
    budget.held -= all.get(key)?.held ?? 0;
    all.delete(key);
  };
  const key = port * 65_536 + id;
  let found = all.get(key);
  if (!found || found.of !== of) {
    forget(key);
    forgetOldest(all, MAX_UNFINISHED, forget);
    found = { parts: new Map(), of, held: 0 };
    all.set(key, found);
  }
  if (number >= of || found.parts.has(number)) return undefined;
  if (found.held + bytes.length > MAX_HELD || budget.held + bytes.length > MAX_HELD_IN_ALL) {
    forget(key);
    return undefined;
  }
  found.held += bytes.length;
  budget.held += bytes.length;
  found.parts.set(number, bytes.slice());
  if (found.parts.size < of) return undefined;
  forget(key);
  const whole = new Uint8Array(found.held);
  let at = 0;
  for (let i = 0; i < of; i++) {
    const part = found.parts.get(i)!;
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function emitDatagram(c: Cursor): void {
  c.group('Datagram header', DATAGRAM_HEADER, () => {
    c.u16(DATAGRAM_FIELDS.requestId);
    c.u16(DATAGRAM_FIELDS.sequence);
    c.u16(DATAGRAM_FIELDS.total);
    c.u16(DATAGRAM_FIELDS.udpReserved);
  });
}

export const datagramInfo = ({ id, number, of }: Datagram): string => `Request ${id}, datagram ${number + 1} of ${of} `;
