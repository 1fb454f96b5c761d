/** Fields of TLS handshake messages, as the tree shows them: for TLS records and for QUIC's CRYPTO frames. */
import { Cursor } from '../../cursor.ts';
import { f } from '../../define.ts';
import type { Dissection } from '../../dissection.ts';
import type { Field } from '../../field.ts';
import { extensionName, groupName, HANDSHAKES, suiteName, versionName } from '../../names/tls.ts';
import { emitCertificate } from '../x509.ts';
import { ja3sText, ja3Text, ja4, md5Text, readHello } from './hello.ts';
import {
  authorities,
  certificateRequest,
  certificateVerify,
  clientKeyExchange,
  EXCHANGE_FIELDS,
  schemes,
  serverKeyExchange,
} from './key-exchange.ts';
import { earlyData, PSK_FIELDS, preSharedKey } from './pre-shared-key.ts';
import { PARAMETER_FIELDS, transportParameters } from './transport-parameters.ts';

const h = (name: string) => `tls.handshake.${name}`;
export const HS = {
  message: f.none('tls.handshake', 'Handshake Protocol'),
  type: f.u8(h('type'), 'Handshake Type', { names: HANDSHAKES }),
  length: f.u24(h('length'), 'Length'),
  version: f.x16(h('version'), 'Version', { names: versionName }),
  random: f.bytes(h('random'), 'Random'),
  randomTime: f.time(h('random_time'), 'GMT Unix Time'),
  randomBytes: f.bytes(h('random_bytes'), 'Random Bytes'),
  sessionLength: f.u16(h('session_id_length'), 'Session ID Length'),
  session: f.bytes(h('session_id'), 'Session ID'),
  suitesLength: f.u16(h('cipher_suites_length'), 'Cipher Suites Length'),
  suites: f.none(h('ciphersuites'), 'Cipher Suites'),
  suite: f.x16(h('ciphersuite'), 'Cipher Suite', { names: suiteName }),
  compressionsLength: f.u8(h('comp_methods_length'), 'Compression Methods Length'),
  compressions: f.none(h('comp_methods'), 'Compression Methods'),
  compression: f.u8(h('comp_method'), 'Compression Method', { names: { 0: 'null', 1: 'DEFLATE' } }),
  extensionsLength: f.u16(h('extensions_length'), 'Extensions Length'),
  extension: f.u16(h('extension.type'), 'Type', { names: extensionName }),
  extensionLength: f.u16(h('extension.len'), 'Length'),
  extensionData: f.bytes(h('extension.data'), 'Data'),
  sniListLength: f.u16(h('extensions_server_name_list_len'), 'Server Name list length'),
  sniType: f.u8(h('extensions_server_name_type'), 'Server Name Type', { names: { 0: 'host_name' } }),
  sniLength: f.u16(h('extensions_server_name_len'), 'Server Name length'),
  sni: f.text(h('extensions_server_name'), 'Server Name'),
  groupsLength: f.u16(h('extensions_supported_groups_length'), 'Supported Groups List Length'),
  groups: f.none(h('extensions_supported_groups'), 'Supported Groups'),
  group: f.x16(h('extensions_supported_group'), 'Supported Group', { names: groupName }),
  formatsLength: f.u8(h('extensions_ec_point_formats_length'), 'EC point formats Length'),
  formats: f.none(h('extensions_ec_point_formats'), 'Elliptic curves point formats'),
  format: f.u8(h('extensions_ec_point_format'), 'EC point format', {
    names: { 0: 'uncompressed', 1: 'ansiX962_compressed_prime', 2: 'ansiX962_compressed_char2' },
  }),
  alpnLength: f.u16(h('extensions_alpn_len'), 'ALPN Extension Length'),
  alpnList: f.none(h('extensions_alpn_list'), 'ALPN Protocol'),
  alpnStringLength: f.u8(h('extensions_alpn_str_len'), 'ALPN string length'),
  alpn: f.text(h('extensions_alpn_str'), 'ALPN Next Protocol'),
  versionsLength: f.u8(h('extensions.supported_versions_len'), 'Supported Versions length'),
  supportedVersion: f.x16(h('extensions.supported_version'), 'Supported Version', { names: versionName }),
  shareLength: f.u16(h('extensions_key_share_client_length'), 'Client Key Share Length'),
  shareGroup: f.u16(h('extensions_key_share_group'), 'Group', { names: groupName }),
  shareKeyLength: f.u16(h('extensions_key_share_key_exchange_length'), 'Key Exchange Length'),
  shareKey: f.bytes(h('extensions_key_share_key_exchange'), 'Key Exchange'),
  shareSelected: f.u16(h('extensions_key_share_selected_group'), 'Selected Group', { names: groupName }),
  modesLength: f.u8('tls.extension.psk_ke_modes_length', 'PSK Key Exchange Modes Length'),
  mode: f.u8('tls.extension.psk_ke_mode', 'PSK Key Exchange Mode', {
    names: { 0: 'PSK-only key establishment (psk_ke)', 1: 'PSK with (EC)DHE key establishment (psk_dhe_ke)' },
  }),
  renegotiationLength: f.u8(h('extensions_reneg_info_len'), 'Renegotiation info extension length'),
  renegotiation: f.bytes(h('extensions_reneg_info'), 'Renegotiation info'),
  statusType: f.u8(h('extensions_status_request_type'), 'Certificate Status Type', {
    names: { 1: 'OCSP', 2: 'OCSP Multi' },
  }),
  statusResponders: f.u16(h('extensions_status_request_responder_ids_len'), 'Responder ID list Length'),
  statusExtensions: f.u16(h('extensions_status_request_exts_len'), 'Request Extensions Length'),
  padding: f.bytes(h('extensions_padding_data'), 'Padding Data'),
  ticketTime: f.u32('tls.handshake.session_ticket_lifetime_hint', 'Session Ticket Lifetime Hint'),
  ticketAge: f.u32('tls.handshake.session_ticket_age_add', 'Session Ticket Age Add'),
  ticketNonceLength: f.u8('tls.handshake.session_ticket_nonce_length', 'Session Ticket Nonce Length'),
  ticketNonce: f.bytes('tls.handshake.session_ticket_nonce', 'Session Ticket Nonce'),
  updateRequest: f.u8('tls.handshake.key_update.request_update', 'Key Update Request', {
    names: { 0: 'update_not_requested', 1: 'update_requested' },
  }),
  ticketLength: f.u16('tls.handshake.session_ticket_length', 'Session Ticket Length'),
  ticket: f.bytes('tls.handshake.session_ticket', 'Session Ticket'),
  certificatesLength: f.u24(h('certificates_length'), 'Certificates Length'),
  certificates: f.none(h('certificates'), 'Certificates'),
  certificateLength: f.u24(h('certificate_length'), 'Certificate Length'),
  certificate: f.bytes(h('certificate'), 'Certificate'),
  contextLength: f.u8(h('certificate_request_context_length'), 'Certificate Request Context Length'),
  verify: f.none(h('verify_data'), 'Verify Data'),
  ja3Full: f.text(h('ja3_full'), 'JA3 Fullstring'),
  ja3: f.text(h('ja3'), 'JA3'),
  ja3sFull: f.text(h('ja3s_full'), 'JA3S Fullstring'),
  ja3s: f.text(h('ja3s'), 'JA3S'),
  ja4: f.text(h('ja4'), 'JA4'),
  ja4Raw: f.text(h('ja4_r'), 'JA4_r'),
  maxFragment: f.u8(h('max_fragment_length'), 'Maximum Fragment Length', {
    names: { 1: '512', 2: '1024', 3: '2048', 4: '4096' },
  }),
  ...EXCHANGE_FIELDS,
  ...PARAMETER_FIELDS,
  ...PSK_FIELDS,
} satisfies Record<string, Field>;

export interface HandshakeContext {
  /** Negotiated; undefined before the server hello. */
  version: number | undefined;
  suite: number | undefined;
  quic: boolean;
  retry?: boolean;
}

/** One message, header included. The cursor's end is the message's. */
export function emitHandshake(d: Dissection, c: Cursor, context: HandshakeContext): void {
  const { out } = c;
  const type = c.peek(1);
  out.open(HS.message, c.at, c.left, null, {
    label: `Handshake Protocol: ${context.retry ? 'Hello Retry Request' : (HANDSHAKES[type] ?? 'Unknown')}`,
  });
  c.u8(HS.type);
  c.u24(HS.length);
  emitBody(d, c, type, context);
  out.close();
}

function emitBody(d: Dissection, c: Cursor, type: number, context: HandshakeContext): void {
  const modern = context.version === 0x0304;
  switch (type) {
    case 1:
      clientHello(d, c, context.quic);
      break;
    case 2:
      serverHello(d, c, modern);
      break;
    case 4:
      c.group('TLS Session Ticket', c.left, () => sessionTicket(d, c, modern));
      break;
    case 8:
      extensions(d, c, false);
      break;
    case 11:
      certificates(d, c, modern);
      break;
    case 12:
      serverKeyExchange(c, context.suite, context.version);
      break;
    case 13:
      if (modern) {
        c.skip(c.u8(HS.contextLength));
        extensions(d, c, false);
      } else certificateRequest(d, c, context.version);
      break;
    case 24:
      c.u8(HS.updateRequest);
      break;
    case 15:
      certificateVerify(c, context.version);
      break;
    case 16:
      clientKeyExchange(c, context.suite);
      break;
    case 20:
      if (c.left > 0) c.under(HS.verify, c.left, null, () => {});
      break;
  }
}

function sessionTicket(d: Dissection, c: Cursor, modern: boolean): void {
  c.u32(HS.ticketTime);
  if (modern) {
    c.u32(HS.ticketAge);
    const nonce = c.u8(HS.ticketNonceLength);
    if (nonce > 0) c.data(HS.ticketNonce, nonce);
  }
  const length = c.u16(HS.ticketLength);
  if (length > 0) c.data(HS.ticket, length);
  if (modern && c.left >= 2) extensions(d, c, false);
}

/** @param split the first four bytes may be a time, as they were before TLS 1.3 */
function random(c: Cursor, split: boolean): void {
  const at = c.at;
  c.out.open(HS.random, at, 32, c.bytes.subarray(at, at + 32));
  if (split) c.out.value(HS.randomTime, at, 4, BigInt(c.peek(4)) * 1_000_000_000n);
  c.skip(4);
  if (split) c.data(HS.randomBytes, 28);
  c.out.close();
  c.at = at + 32;
}

function sessionId(c: Cursor): void {
  const length = c.u8(HS.sessionLength);
  if (length > 0) c.data(HS.session, length);
}

function clientHello(d: Dissection, c: Cursor, quic: boolean): void {
  const body = c.at;
  c.u16(HS.version);
  random(c, !quic);
  sessionId(c);
  const suites = c.u16(HS.suitesLength);
  c.under(
    HS.suites,
    suites,
    null,
    () => {
      for (let i = 0; i + 1 < suites && c.left >= 2; i += 2) c.u16(HS.suite);
    },
    { label: `Cipher Suites (${suites >> 1} suite${suites === 2 ? '' : 's'})` },
  );
  const methods = c.u8(HS.compressionsLength);
  c.under(
    HS.compressions,
    methods,
    null,
    () => {
      for (let i = 0; i < methods && c.left > 0; i++) c.u8(HS.compression);
    },
    { label: `Compression Methods (${methods} method${methods === 1 ? '' : 's'})` },
  );
  if (c.left >= 2) extensions(d, c, true);
  fingerprint(c, body, true, quic);
}

function serverHello(d: Dissection, c: Cursor, modern: boolean): void {
  const body = c.at;
  c.u16(HS.version);
  random(c, !modern);
  sessionId(c);
  c.u16(HS.suite);
  c.u8(HS.compression);
  if (c.left >= 2) extensions(d, c, false);
  fingerprint(c, body, false, false);
}

function fingerprint(c: Cursor, body: number, client: boolean, quic: boolean): void {
  const { out } = c;
  if (!out.asks(HS.ja3, HS.ja3Full, HS.ja3s, HS.ja3sFull, HS.ja4, HS.ja4Raw)) return;
  const hello = readHello(c.bytes, body, c.end, client);
  if (!hello) return;
  const made = { generated: true };
  const full = client ? ja3Text(c.bytes, hello) : ja3sText(hello);
  if (client) {
    const four = ja4(c.bytes, hello, quic);
    out.value(HS.ja4, body, 0, four.hash, made);
    out.value(HS.ja4Raw, body, 0, four.raw, made);
  }
  out.value(client ? HS.ja3Full : HS.ja3sFull, body, 0, full, made);
  const hash = md5Text(full);
  if (hash) out.value(client ? HS.ja3 : HS.ja3s, body, 0, hash, made);
}

function extensions(d: Dissection, c: Cursor, client: boolean): void {
  const length = c.u16(HS.extensionsLength);
  const stop = Math.min(c.end, c.at + length);
  while (c.at + 4 <= stop) {
    const type = c.peek(2);
    const size = c.peek(2, 2);
    c.group(`Extension: ${extensionName(type) ?? 'Unknown type'} (len=${size})`, 4 + size, () => {
      const end = c.at + 4 + size;
      c.u16(HS.extension);
      c.u16(HS.extensionLength);
      if (size > 0) extension(d, new CursorWithin(c, end), type, client);
      else if (type === 35) c.out.value(HS.extensionData, c.at, 0, c.bytes.subarray(c.at, c.at));
    });
  }
}

/** A part of what another cursor reads. */
class CursorWithin extends Cursor {
  constructor(c: Cursor, end: number) {
    super({ bytes: c.bytes } as Dissection, c.out, c.at, Math.min(end, c.end));
  }
}

function extension(d: Dissection, c: Cursor, type: number, client: boolean): void {
  switch (type) {
    case 0:
      c.group('Server Name Indication extension', c.left, () => {
        c.u16(HS.sniListLength);
        while (c.left >= 3) {
          c.u8(HS.sniType);
          c.text(HS.sni, lengthAhead(c, HS.sniLength));
        }
      });
      break;
    case 1:
      c.u8(HS.maxFragment);
      break;
    case 5:
      if (!client) break;
      c.u8(HS.statusType);
      c.u16(HS.statusResponders);
      c.u16(HS.statusExtensions);
      break;
    case 10:
      numbers(c, HS.groupsLength, HS.groups, HS.group, 'Supported Groups', 'group');
      break;
    case 11: {
      const count = c.u8(HS.formatsLength);
      c.under(
        HS.formats,
        count,
        null,
        () => {
          for (let i = 0; i < count && c.left > 0; i++) c.u8(HS.format);
        },
        { label: `Elliptic curves point formats (${count})` },
      );
      break;
    }
    case 13:
    case 50:
      schemes(c);
      break;
    case 16: {
      const length = c.u16(HS.alpnLength);
      c.under(HS.alpnList, length, null, () => {
        while (c.left >= 1) c.text(HS.alpn, c.u8(HS.alpnStringLength));
      });
      break;
    }
    case 21:
      c.data(HS.padding);
      break;
    case 41:
      preSharedKey(c, client);
      break;
    case 42:
      earlyData(c);
      break;
    case 43:
      if (client) c.u8(HS.versionsLength);
      while (c.left >= 2) c.u16(HS.supportedVersion);
      break;
    case 45: {
      const count = c.u8(HS.modesLength);
      for (let i = 0; i < count && c.left > 0; i++) c.u8(HS.mode);
      break;
    }
    case 47:
      authorities(d, c);
      break;
    case 51:
      keyShare(c, client);
      break;
    case 57:
      transportParameters(c);
      break;
    case 65281: {
      const length = c.u8(HS.renegotiationLength);
      if (length > 0) c.data(HS.renegotiation, length);
      break;
    }
    default:
      c.data(HS.extensionData);
  }
}

function lengthAhead(c: Cursor, field: Field): number {
  return c.u16(field);
}

function numbers(c: Cursor, lengthField: Field, listField: Field, field: Field, title: string, word: string): void {
  const length = c.u16(lengthField);
  c.under(
    listField,
    length,
    null,
    () => {
      while (c.left >= 2) c.u16(field);
    },
    { label: `${title} (${length >> 1} ${word}${length === 2 ? '' : 's'})` },
  );
}

function keyShare(c: Cursor, client: boolean): void {
  c.group('Key Share extension', c.left, () => {
    if (!client && c.left === 2) {
      c.u16(HS.shareSelected);
      return;
    }
    if (client) c.u16(HS.shareLength);
    while (c.left >= 4) {
      const group = c.peek(2);
      const length = c.peek(2, 2);
      c.group(
        `Key Share Entry: Group: ${groupName(group) ?? 'Unknown'}, Key Exchange length: ${length}`,
        4 + length,
        () => {
          c.u16(HS.shareGroup);
          c.u16(HS.shareKeyLength);
          c.data(HS.shareKey, length);
        },
      );
    }
  });
}

function certificates(d: Dissection, c: Cursor, modern: boolean): void {
  if (modern) {
    const length = c.u8(HS.contextLength);
    c.skip(length);
  }
  const total = c.u24(HS.certificatesLength);
  if (total === 0) return;
  const stop = Math.min(c.end, c.at + total);
  c.under(
    HS.certificates,
    total,
    null,
    () => {
      while (c.at + 3 <= stop) {
        const length = c.u24(HS.certificateLength);
        const at = c.at;
        c.out.open(HS.certificate, at, length, c.bytes.subarray(at, Math.min(c.end, at + length)));
        if (at + length <= c.end) emitCertificate(d, c.out, at, at + length);
        c.out.close();
        c.at = at + length;
        if (modern) extensions(d, c, false);
      }
    },
    { label: `Certificates (${total} bytes)` },
  );
}
