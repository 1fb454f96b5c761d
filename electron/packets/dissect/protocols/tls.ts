/**
 * Transport Layer Security 1.0 to 1.3 (RFC 8446, RFC 5246) over TCP: records, handshakes, alerts, and the data where the capture's secrets open it. A
 * layer is the run of whole records in a segment.
 */
import { u16 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { ALERT_LEVELS, ALERTS, CONTENT_TYPES, HANDSHAKES, TLS_SHORT, TLS_VERSIONS } from '../names/tls.ts';
import { PDU_MORE, PDU_REST } from '../tcp-payload.ts';
import { deliver, finishData, namedProtocol } from './tls/data.ts';
import { emitHandshake, HS } from './tls/handshake-fields.ts';
import { TLS13 } from './tls/keys.ts';
import {
  ALERT,
  CHANGE,
  DATA,
  HANDSHAKE,
  HEADER,
  looksLikeRecord,
  type Message,
  RecordReader,
  type TlsRecord,
} from './tls/records.ts';
import { TlsState, tlsSession } from './tls/state.ts';
import { X509_FIELDS } from './x509.ts';

const SEGMENT = '[TLS segment of a reassembled PDU]';

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

interface TlsFacts {
  records: TlsRecord[];
  version: number | undefined;
  offered: number | undefined;
  /** What the data is by agreement or by port. */
  named: Protocol | undefined;
}
const factsOf = (layer: Layer) => layer.facts as TlsFacts;

export const tls: Protocol = protocol({
  name: 'tls',
  column: 'TLS',
  joinInfo: ', ',
  title: 'Transport Layer Security',
  tint: 'tls',
  binds: { 'tcp.port': [443, 563, 636, 989, 990, 992, 993, 994, 995, 5061, 6514, 8443, 853] },
  heuristic: {
    tcp: (bytes, at, end) =>
      looksLikeRecord(bytes, at, end) && bytes[at] === HANDSHAKE && (bytes[at + 5] === 1 || bytes[at + 5] === 2),
  },
  fields: {
    ...Object.fromEntries(Object.entries(F).map(([key, field]) => [`record_${key}`, field])),
    ...HS,
    ...X509_FIELDS,
  },

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
    const reader = new RecordReader(d, layer, state, side);
    const records: TlsRecord[] = [];
    const end = d.capturedEnd(layer);
    for (let at = layer.start; looksLikeRecord(d.bytes, at, end); ) {
      const record = reader.read(at, end);
      records.push(record);
      if (record.plain && record.inner === DATA && session) deliver(d, layer, session, record);
      if (record.plain && record.inner === ALERT) finishData(d, layer, state, side);
      at += HEADER + record.length;
    }
    const { version, offered } = state;
    const named = session && namedProtocol(d, session);
    layer.facts = { records, version, offered, named } satisfies TlsFacts;
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
    // Several parts of one unit are one.
    const said = records.map((record) => recordInfo(d, record));
    return said.filter((text, i) => text !== SEGMENT || said[i - 1] !== SEGMENT).join(', ');
  },

  emit(d, layer, out) {
    for (const record of factsOf(layer).records) emitRecord(d, layer, record, out);
  },
});

/** Content of a record: decrypted where it could be. */
function contentOf(d: Dissection, { at, length, plain }: TlsRecord): Uint8Array {
  return plain ? plain.bytes.subarray(plain.prefix) : d.bytes.subarray(at + HEADER, at + HEADER + length);
}

function messageName({ type, retry }: Message): string {
  return retry ? 'Hello Retry Request' : HANDSHAKES[type]!;
}

function recordInfo(d: Dissection, record: TlsRecord): string {
  const { inner, encrypted, plain, messages, fragment, above, partial } = record;
  const closed = encrypted && !plain;
  if (inner === HANDSHAKE) {
    if (messages.length > 0) return messages.map(messageName).join(', ');
    return fragment && !closed ? 'Handshake fragment' : 'Encrypted Handshake Message';
  }
  if (inner === ALERT) {
    const content = contentOf(d, record);
    if (closed || content.length !== 2) return 'Encrypted Alert';
    return `Alert (Level: ${ALERT_LEVELS[content[0]!] ?? 'Unknown'}, Description: ${ALERTS[content[1]!] ?? 'Unknown'})`;
  }
  if (inner === DATA && above && partial) return SEGMENT;
  return CONTENT_TYPES[inner] ?? 'Unknown';
}

function emitRecord(d: Dissection, layer: Layer, record: TlsRecord, out: FieldSink): void {
  const { named } = factsOf(layer);
  const c = new Cursor(d, out, record.at, record.at + HEADER + record.length);
  const short = TLS_SHORT[record.known ?? record.version] ?? 'TLS';
  const opaque = record.type === DATA && record.session.version === TLS13;
  const label = recordLabel(d, record, named);
  out.open(F.record, c.at, HEADER + record.length, null, { label: `${short} Record Layer: ${label}` });
  c.u8(opaque ? F.opaqueType : F.type);
  c.u16(F.version);
  c.u16(F.length);
  if (opaque && record.plain) out.value(F.type, c.at, 0, record.inner, { generated: true });
  if (record.type === CHANGE) out.value(F.change, c.at, record.length, null);
  else if (record.inner === DATA) {
    c.data(F.data, record.length);
    if (named) out.value(F.dataProtocol, c.at, 0, named.title, { generated: true });
  } else if (record.inner === ALERT) emitAlert(d, c, record, out);
  else if (record.inner === HANDSHAKE) emitMessages(d, record, out);
  out.close();
}

/** Fields of a record's content, where it lies. */
function inside(d: Dissection, c: Cursor, { plain }: TlsRecord, out: FieldSink, show: (inner: Cursor) => void): void {
  if (plain) out.within(plain, () => show(new Cursor(d, out, plain.prefix, plain.bytes.length)));
  else show(c);
}

function emitAlert(d: Dissection, c: Cursor, record: TlsRecord, out: FieldSink): void {
  if ((record.encrypted && !record.plain) || contentOf(d, record).length !== 2) {
    out.value(F.alert, c.at, record.length, null, { label: 'Alert Message: Encrypted Alert' });
    return;
  }
  inside(d, c, record, out, (inner) =>
    inner.under(F.alert, 2, null, () => {
      inner.u8(F.alertLevel);
      inner.u8(F.alertText);
    }),
  );
}

function emitMessages(d: Dissection, record: TlsRecord, out: FieldSink): void {
  const { version, suite } = record.session;
  if (record.messages.length === 0) {
    const what = record.fragment ? 'Handshake fragment' : 'Encrypted Handshake Message';
    out.value(HS.message, record.at + HEADER, record.length, null, { label: `Handshake Protocol: ${what}` });
    return;
  }
  for (const { at, end, source, retry } of record.messages) {
    const show = () => emitHandshake(d, new Cursor(d, out, at, end), { version, suite, quic: false, retry });
    if (source) out.within(source, show);
    else show();
  }
}

function recordLabel(d: Dissection, record: TlsRecord, above: Protocol | undefined): string {
  if (record.inner === HANDSHAKE)
    return record.messages.length > 1
      ? 'Handshake Protocol: Multiple Handshake Messages'
      : `Handshake Protocol: ${recordInfo(d, record)}`;
  if (record.inner === CHANGE) return 'Change Cipher Spec Protocol: Change Cipher Spec';
  if (record.inner === DATA) return `Application Data Protocol: ${above?.title ?? 'Application Data'}`;
  return recordInfo(d, record);
}

/** What the records of a layer that could be decrypted said, to whoever follows the stream. */
export function decryptedData(layer: Layer): Uint8Array[] {
  const facts = layer.facts as TlsFacts | undefined; // none: it is short, or QUIC's handshake
  return (facts?.records ?? []).flatMap(({ plain, inner }) =>
    plain && inner === DATA ? [plain.bytes.subarray(plain.prefix)] : [],
  );
}
