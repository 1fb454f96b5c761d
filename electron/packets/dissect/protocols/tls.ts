/**
 * Transport Layer Security 1.0 to 1.3 (RFC 8446, RFC 5246) over TCP: records, handshakes while they are readable, alerts. A layer is the run of
 * whole records in a segment.
 */
import { u16, u24 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { ALERT_LEVELS, ALERTS, CONTENT_TYPES, HANDSHAKES, TLS_SHORT, TLS_VERSIONS } from '../names/tls.ts';
import { PDU_MORE, PDU_REST } from '../tcp-payload.ts';
import { emitHandshake, HS } from './tls/handshake-fields.ts';
import { alpnOf, chosenVersion, readHello } from './tls/hello.ts';
import { TlsState, tlsSession } from './tls/state.ts';
import { X509_FIELDS } from './x509.ts';

const HEADER = 5;
const MAX_RECORD = 16_384 + 2048;
const [CHANGE, ALERT, HANDSHAKE, DATA] = [20, 21, 22, 23];
const TLS13 = 0x0304;

const F = {
  record: f.none('tls.record', 'Record Layer'),
  type: f.u8('tls.record.content_type', 'Content Type', { names: CONTENT_TYPES }),
  opaqueType: f.u8('tls.record.opaque_type', 'Opaque Type', { names: CONTENT_TYPES }),
  version: f.x16('tls.record.version', 'Version', { names: TLS_VERSIONS }),
  length: f.u16('tls.record.length', 'Length'),
  change: f.none('tls.change_cipher_spec', 'Change Cipher Spec Message'),
  alert: f.none('tls.alert_message', 'Alert Message'),
  alertLevel: f.u8('tls.alert_message.level', 'Level', { names: ALERT_LEVELS }),
  alertText: f.u8('tls.alert_message.desc', 'Description', { names: ALERTS }),
  data: f.bytes('tls.app_data', 'Encrypted Application Data'),
  dataProtocol: f.text('tls.app_data_proto', 'Application Data Protocol'),
} satisfies Record<string, Field>;

interface Message {
  at: number;
  end: number;
  type: number;
}
interface TlsRecord {
  at: number;
  type: number;
  version: number;
  length: number;
  encrypted: boolean;
  /** Readable handshake messages. */
  messages: Message[];
}
interface TlsFacts {
  records: TlsRecord[];
  version: number | undefined;
  offered: number | undefined;
  suite: number | undefined;
  alpn: string | undefined;
}
const factsOf = (layer: Layer) => layer.facts as TlsFacts;

export function looksLikeRecord(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < HEADER) return false;
  const type = bytes[at]!;
  const version = u16(bytes, at + 1);
  return (
    type >= CHANGE &&
    type <= 24 &&
    version >= 0x0300 &&
    version <= TLS13 &&
    u16(bytes, at + 3) <= MAX_RECORD &&
    u16(bytes, at + 3) > 0
  );
}

export const tls: Protocol = protocol({
  name: 'tls',
  column: 'TLS',
  joinInfo: ', ',
  title: 'Transport Layer Security',
  tint: 'tls',
  binds: { 'tcp.port': [443, 563, 636, 989, 990, 992, 993, 994, 995, 5061, 8443, 853] },
  heuristic: {
    tcp: (bytes, at, end) =>
      looksLikeRecord(bytes, at, end) && bytes[at] === HANDSHAKE && (bytes[at + 5] === 1 || bytes[at + 5] === 2),
  },
  fields: { ...F, ...HS, ...X509_FIELDS },

  /** The whole records at hand, or the one that is not whole. */
  pdu(bytes, at, end) {
    let from = at;
    for (;;) {
      if (end - from < HEADER) return from > at ? from - at : PDU_MORE;
      if (!looksLikeRecord(bytes, from, end)) return PDU_REST;
      const size = HEADER + u16(bytes, from + 3);
      if (from + size > end) return from > at ? from - at : size;
      from += size;
      if (from === end) return from - at;
    }
  },

  walk(d, layer) {
    const session = tlsSession(layer);
    const state = session?.state ?? new TlsState();
    const side = session?.side ?? 0;
    const records: TlsRecord[] = [];
    const end = d.capturedEnd(layer);
    for (let at = layer.start; looksLikeRecord(d.bytes, at, end); ) {
      const record = readRecord(d, at, end, state, side);
      records.push(record);
      at += HEADER + record.length;
    }
    const { version, offered, suite, alpn } = state;
    layer.facts = { records, version, offered, suite, alpn } satisfies TlsFacts;
    layer.headerLength = end - layer.start;
    return undefined;
  },

  columnOf(_d, layer) {
    const { version, offered, records } = factsOf(layer);
    return TLS_SHORT[version ?? offered ?? records[0]?.version ?? 0] ?? 'TLS';
  },

  info(d, layer) {
    const { records } = factsOf(layer);
    if (records.length === 0) return 'Continuation Data';
    return records.map((record) => recordInfo(d, record)).join(', ');
  },

  emit(d, layer, out) {
    for (const record of factsOf(layer).records) emitRecord(d, layer, record, out);
  },
});

function readRecord(d: Dissection, at: number, limit: number, state: TlsState, side: 0 | 1): TlsRecord {
  const { bytes } = d;
  const record: TlsRecord = {
    at,
    type: bytes[at]!,
    version: u16(bytes, at + 1),
    length: u16(bytes, at + 3),
    encrypted: false,
    messages: [],
  };
  state.offered ??= record.version;
  const end = Math.min(limit, at + HEADER + record.length);
  record.encrypted = state.encrypted[side] && record.type !== CHANGE;
  if (record.type === CHANGE) state.encrypted[side] = true;
  else if (record.type === HANDSHAKE && !record.encrypted) readMessages(bytes, at + HEADER, end, record, state, side);
  return record;
}

function readMessages(
  bytes: Uint8Array,
  start: number,
  end: number,
  record: TlsRecord,
  state: TlsState,
  side: 0 | 1,
): void {
  for (let at = start; at + 4 <= end; ) {
    const type = bytes[at]!;
    const stop = at + 4 + u24(bytes, at + 1);
    if (HANDSHAKES[type] === undefined || (stop > end && at === start && u24(bytes, at + 1) > 1 << 18)) {
      record.encrypted ||= at === start;
      return;
    }
    record.messages.push({ at, end: Math.min(stop, end), type });
    if (type === 1 || type === 2) hello(bytes, at + 4, Math.min(stop, end), state, side, type === 1);
    at = stop;
  }
}

function hello(bytes: Uint8Array, at: number, end: number, state: TlsState, side: 0 | 1, client: boolean): void {
  const found = readHello(bytes, at, end, client);
  if (!found) return;
  state.client = client ? side : ((1 - side) as 0 | 1);
  if (client) {
    state.clientRandom = found.random.slice();
    state.encrypted[side] = false;
    return;
  }
  state.serverRandom = found.random.slice();
  state.version = chosenVersion(bytes, found);
  state.suite = found.suites[0];
  state.alpn = alpnOf(bytes, found)[0] ?? state.alpn;
}

function recordInfo(d: Dissection, { type, encrypted, messages, at }: TlsRecord): string {
  if (type === HANDSHAKE) {
    if (encrypted || messages.length === 0) return 'Encrypted Handshake Message';
    return messages.map((message) => HANDSHAKES[message.type]).join(', ');
  }
  if (type === ALERT) {
    if (encrypted || u16(d.bytes, at + 3) !== 2) return 'Encrypted Alert';
    const level = ALERT_LEVELS[d.bytes[at + HEADER]!] ?? 'Unknown';
    return `Alert (Level: ${level}, Description: ${ALERTS[d.bytes[at + HEADER + 1]!] ?? 'Unknown'})`;
  }
  return CONTENT_TYPES[type] ?? 'Unknown';
}

function emitRecord(d: Dissection, layer: Layer, record: TlsRecord, out: FieldSink): void {
  const { version, offered, suite, alpn } = factsOf(layer);
  const c = new Cursor(d, out, record.at, record.at + HEADER + record.length);
  const short = TLS_SHORT[version ?? offered ?? record.version] ?? 'TLS';
  const opaque = record.type === DATA && version === TLS13;
  out.open(F.record, c.at, HEADER + record.length, null, { label: `${short} Record Layer: ${recordLabel(d, record)}` });
  c.u8(opaque ? F.opaqueType : F.type);
  c.u16(F.version);
  c.u16(F.length);
  if (record.type === CHANGE) out.value(F.change, c.at, record.length, null);
  else if (record.type === DATA) {
    c.data(F.data, record.length);
    if (alpn !== undefined || !opaque) emitProtocolName(alpn, c.at, out);
  } else if (record.type === ALERT) emitAlert(c, record, out);
  else if (record.type === HANDSHAKE) emitMessages(d, record, { version, suite }, out);
  out.close();
}

/** What the application protocol would be, by ALPN. */
function emitProtocolName(alpn: string | undefined, at: number, out: FieldSink): void {
  const names: Record<string, string> = {
    h2: 'HyperText Transfer Protocol 2',
    'http/1.1': 'Hypertext Transfer Protocol',
  };
  const name = names[alpn ?? ''];
  if (name) out.value(F.dataProtocol, at, 0, name, { generated: true });
}

function emitAlert(c: Cursor, record: TlsRecord, out: FieldSink): void {
  if (record.encrypted || record.length !== 2) {
    out.value(F.alert, c.at, record.length, null, { label: 'Alert Message: Encrypted Alert' });
    return;
  }
  c.under(F.alert, 2, null, () => {
    c.u8(F.alertLevel);
    c.u8(F.alertText);
  });
}

function emitMessages(
  d: Dissection,
  record: TlsRecord,
  { version, suite }: { version: number | undefined; suite: number | undefined },
  out: FieldSink,
): void {
  if (record.messages.length === 0) {
    out.value(HS.message, record.at + HEADER, record.length, null, {
      label: 'Handshake Protocol: Encrypted Handshake Message',
    });
    return;
  }
  for (const { at, end } of record.messages)
    emitHandshake(d, new Cursor(d, out, at, end), { version, suite, quic: false });
}

function recordLabel(d: Dissection, record: TlsRecord): string {
  if (record.type === HANDSHAKE)
    return record.messages.length > 1
      ? 'Handshake Protocol: Multiple Handshake Messages'
      : `Handshake Protocol: ${recordInfo(d, record)}`;
  if (record.type === CHANGE) return 'Change Cipher Spec Protocol: Change Cipher Spec';
  if (record.type === DATA) return 'Application Data Protocol';
  return recordInfo(d, record);
}
