/** Decrypted data → data units of the protocol above: several in a record, or one over several records. */
import { u16 } from '../../bytes.ts';
import type { DataSource, Dissection, Layer, Protocol } from '../../dissection.ts';
import { lookup, recognise } from '../../tables.ts';
import { budgetOf, PDU_MORE, PDU_UNTIL_FIN, Pending, source } from '../../tcp-payload.ts';
import type { TlsRecord } from './records.ts';
import type { TlsSession, TlsState } from './state.ts';

/** Ports of protocols in TLS → the port that they have without it. */
const PLAIN_PORTS: Record<number, number> = {
  443: 80,
  465: 25,
  636: 389,
  853: 53,
  990: 21,
  993: 143,
  995: 110,
  6514: 514,
  8883: 1883,
};

/** What the protocols above register themselves as: they may not be imported here, because they import TLS's neighbours. */
const BY_ALPN = new Map<string, Protocol>();
export function bindAlpn(names: readonly string[], protocol: Protocol): void {
  for (const name of names) BY_ALPN.set(name, protocol);
}

/** What the data is by agreement, or by the port that TLS is spoken on. */
export function namedProtocol(d: Dissection, { state, tcp }: TlsSession): Protocol | undefined {
  return protocolOf(state.alpn) ?? byPort(d, tcp);
}

function protocolOf(alpn: string | undefined): Protocol | undefined {
  return alpn === undefined ? undefined : BY_ALPN.get(alpn);
}

function choose(d: Dissection, { state, tcp }: TlsSession, { bytes, prefix }: DataSource): Protocol | undefined {
  if (state.above) return state.above;
  state.above = protocolOf(state.alpn) ?? recognise('tcp', bytes, prefix, bytes.length, d) ?? byPort(d, tcp);
  return state.above;
}

function byPort(d: Dissection, tcp: Layer): Protocol | undefined {
  const bytes = tcp.source?.bytes ?? d.frame;
  for (const at of [0, 2]) {
    const plain = PLAIN_PORTS[u16(bytes, tcp.start + at)];
    const found = plain === undefined ? undefined : lookup('tcp.port', plain);
    if (found) return found;
  }
  return undefined;
}

/** Hands a record's data on. Layers above wait until the TLS layer is done. */
export function deliver(d: Dissection, layer: Layer, session: TlsSession, record: TlsRecord): void {
  const plain = record.plain!;
  if (plain.bytes.length === plain.prefix) return;
  const protocol = choose(d, session, plain);
  if (!protocol) return;
  record.above = protocol;
  if (!protocol.pdu || !d.context) {
    d.also(protocol, layer, plain.prefix, plain.bytes.length, plain);
    return;
  }
  const of = session.state.sides[session.side];
  of.pending ??= new Pending(budgetOf(d));
  const { pending } = of;
  if (pending.protocol && pending.protocol !== protocol) pending.clear();
  pending.protocol = protocol;
  let from = plain;
  let at = plain.prefix;
  if (pending.length > 0) {
    const bytes = plain.bytes.subarray(plain.prefix);
    if (!pending.takes(bytes.length)) {
      pending.clear();
      return;
    }
    pending.add(bytes);
    record.partial = true;
    const size =
      pending.size > 0 ? pending.size : protocol.pdu(pending.bytes, 0, pending.length, pending.memo, d, session.tcp);
    if (size === PDU_MORE || size > pending.length) {
      pending.size = Number.isFinite(size) ? size : 0;
      return;
    }
    from = source(d, layer.start, pending.bytes, 'Reassembled TLS');
    at = from.prefix;
    pending.clear();
    pending.protocol = protocol;
  }
  units(d, layer, session, record, protocol, pending, from, at);
}

function units(
  d: Dissection,
  layer: Layer,
  session: TlsSession,
  record: TlsRecord,
  protocol: Protocol,
  pending: Pending,
  from: DataSource,
  start: number,
): void {
  const { bytes } = from;
  const end = bytes.length;
  for (let at = start; at < end; ) {
    // Since the first message another protocol may have been agreed on.
    const size = protocol.pdu!(bytes, at, end, pending.memo, d, session.tcp);
    if (size === PDU_MORE || size > end - at) {
      record.partial = true;
      if (pending.takes(end - at)) {
        pending.add(bytes.subarray(at, end));
        pending.size = size === PDU_UNTIL_FIN ? 0 : size;
      }
      return;
    }
    pending.memo = {};
    const stop = size < 0 ? end : at + size;
    d.also(protocol, layer, at, stop, from);
    at = stop;
  }
}

/** The peer says that nothing more comes: what waited for that is whole. */
export function finishData(d: Dissection, layer: Layer, state: TlsState, side: 0 | 1): void {
  const { pending } = state.sides[side];
  if (!pending?.protocol || pending.length === 0) return;
  const from = source(d, layer.start, pending.bytes, 'Reassembled TLS');
  d.also(pending.protocol, layer, from.prefix, from.bytes.length, from);
  pending.clear();
}
