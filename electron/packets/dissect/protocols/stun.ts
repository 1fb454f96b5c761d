/** Session Traversal Utilities for NAT (RFC 8489) with the common attributes of TURN and ICE (RFC 8656, RFC 8445). */
import { u16, u32 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import { PDU_MORE, PDU_REST } from '../tcp-payload.ts';
import { hex, ipv4Text, ipv6Text } from '../text.ts';
import { rest } from './data.ts';

const COOKIE = 0x2112a442;
const HEADER = 20;
const CLASSES: Record<number, string> = {
  0: 'Request',
  16: 'Indication',
  256: 'Success Response',
  272: 'Error Response',
};
const METHODS: Record<number, string> = {
  1: 'Binding',
  2: 'SharedSecret',
  3: 'Allocate',
  4: 'Refresh',
  6: 'Send',
  7: 'Data',
  8: 'CreatePermission',
  9: 'Channel-Bind',
};
const ATTRIBUTES: Record<number, string> = {
  1: 'MAPPED-ADDRESS',
  6: 'USERNAME',
  8: 'MESSAGE-INTEGRITY',
  9: 'ERROR-CODE',
  10: 'UNKNOWN-ATTRIBUTES',
  12: 'CHANNEL-NUMBER',
  13: 'LIFETIME',
  18: 'XOR-PEER-ADDRESS',
  19: 'DATA',
  20: 'REALM',
  21: 'NONCE',
  22: 'XOR-RELAYED-ADDRESS',
  25: 'REQUESTED-TRANSPORT',
  32: 'XOR-MAPPED-ADDRESS',
  36: 'PRIORITY',
  37: 'USE-CANDIDATE',
  32802: 'SOFTWARE',
  32803: 'ALTERNATE-SERVER',
  32808: 'FINGERPRINT',
  32809: 'ICE-CONTROLLED',
  32810: 'ICE-CONTROLLING',
  32811: 'RESPONSE-ORIGIN',
  32812: 'OTHER-ADDRESS',
};
const ERRORS: Record<number, string> = {
  300: 'Try Alternate',
  400: 'Bad Request',
  401: 'Unauthenticated',
  403: 'Forbidden',
  420: 'Unknown Attribute',
  437: 'Allocation Mismatch',
  438: 'Stale Nonce',
  486: 'Allocation Quota Reached',
  487: 'Role Conflict',
  500: 'Server Error',
  508: 'Insufficient Capacity',
};
const F = {
  type: f.x16('stun.type', 'Message Type'),
  class: f.x16('stun.type.class', 'Message Class', { names: (v) => CLASSES[v << 4] }),
  method: f.x16('stun.type.method', 'Message Method', { names: METHODS }),
  assignment: f.x16('stun.type.method-assignment', 'Message Method Assignment'),
  length: f.u16('stun.length', 'Message Length'),
  cookie: f.bytes('stun.cookie', 'Message Cookie'),
  id: f.bytes('stun.id', 'Message Transaction ID'),
  attributes: f.none('stun.attributes', 'Attributes'),
  attribute: f.x16('stun.attribute', 'Attribute Type'),
  attType: f.x16('stun.att.type', 'Attribute Type', { names: ATTRIBUTES }),
  comprehension: f.x16('stun.att.type.comprehension', 'Attribute Type Comprehension', { mask: 0x8000, bits: 16 }),
  attAssignment: f.x16('stun.att.type.assignment', 'Attribute Type Assignment', { mask: 0x4000, bits: 16 }),
  attLength: f.u16('stun.att.length', 'Attribute Length'),
  family: f.x8('stun.att.family', 'Protocol Family', { names: { 1: 'IPv4', 2: 'IPv6' } }),
  reserved: f.bytes('stun.att.reserved', 'Reserved'),
  ip4: f.ip4('stun.att.ipv4', 'IP'),
  ip6: f.ip6('stun.att.ipv6', 'IP'),
  port: f.u16('stun.att.port', 'Port'),
  ip4Xored: f.bytes('stun.att.ipv4-xord', 'IP (XOR-d)'),
  ip6Xored: f.bytes('stun.att.ipv6-xord', 'IP (XOR-d)'),
  portXored: f.bytes('stun.att.port-xord', 'Port (XOR-d)'),
  user: f.text('stun.att.username', 'Username'),
  hmac: f.bytes('stun.att.hmac', 'HMAC-SHA1'),
  crc: f.x32('stun.att.crc32', 'CRC-32'),
  errorClass: f.u8('stun.att.error.class', 'Error Class', { mask: 7, bits: 8 }),
  error: f.u8('stun.att.error', 'Error Code'),
  reason: f.text('stun.att.error.reason', 'Error Reason Phrase'),
  realm: f.text('stun.att.realm', 'Realm'),
  nonce: f.text('stun.att.nonce', 'Nonce'),
  software: f.text('stun.att.software', 'Software'),
  priority: f.u32('stun.att.priority', 'Priority'),
  tie: f.bytes('stun.att.tie-breaker', 'Tie breaker'),
  lifetime: f.u32('stun.att.lifetime', 'Lifetime'),
  transport: f.x8('stun.att.transp', 'Transport'),
  channel: f.x16('stun.att.channelnum', 'Channel-Number'),
  reserveNext: f.u8('stun.att.even-port.reserve-next', 'Reserve next', { mask: 0x80, bits: 8 }),
  token: f.bytes('stun.att.token', 'Token'),
  channelHeader: f.x16('stun.channel', 'Channel Number'),
  padding: f.u16('stun.att.padding', 'Padding'),
  value: f.bytes('stun.value', 'Value'),
  changeIp: bit('stun.att.change-ip', 'Change IP', 4, 16),
};

const TRANSPORTS: Record<number, string> = { 6: ' TCP', 17: ' UDP' };

const looksLike = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start >= HEADER &&
  (bytes[start]! & 0xc0) === 0 &&
  u32(bytes, start + 4) === COOKIE &&
  u16(bytes, start + 2) === end - start - HEADER;

/** What is relayed over a channel has a header of its own (RFC 8656 §12.4). */
const CHANNEL_HEADER = 4;
const isChannelData = (bytes: Uint8Array, start: number) => (bytes[start]! & 0xc0) === 0x40;

const classOf = (type: number) => type & 0x110;
const methodOf = (type: number) => (type & 0xf) | ((type & 0xe0) >> 1) | ((type & 0x3e00) >> 2);

/** What the address attributes say, for Info. */
function addresses(d: Dissection, layer: Layer): string {
  let text = '';
  for (let at = layer.start + HEADER; at + 4 <= d.capturedEnd(layer); at += 4 + ((u16(d.bytes, at + 2) + 3) & ~3)) {
    const type = u16(d.bytes, at);
    const name = ATTRIBUTES[type];
    const body = at + 4;
    if (type === 0x0006) text += ` user: ${latin(d.bytes, body, u16(d.bytes, at + 2))}`;
    else if (type === 0x0001 || type === 0x802b || type === 0x802c)
      text += ` ${name}: ${endpoint(d, layer, body, false)}`;
    else if (type === 0x0020 || type === 0x0012 || type === 0x0016)
      text += ` ${name}: ${endpoint(d, layer, body, true)}`;
    else if (type === 0x0014) text += ` realm: ${latin(d.bytes, body, u16(d.bytes, at + 2))}`;
    else if (type === 0x0009) text += errorText(d, at, body);
    else if (type === 0x000d) text += ` lifetime: ${u32(d.bytes, body)}`;
    else if (type === 0x000c) text += ` ChannelNumber=${hex(u16(d.bytes, body), 4)}`;
    else if (type === 0x0015) text += ' with nonce';
    else if (type === 0x0019) text += TRANSPORTS[d.bytes[body]!] ?? '';
  }
  return text;
}
function errorText({ bytes }: Dissection, at: number, body: number): string {
  const code = (bytes[body + 2]! & 7) * 100 + (bytes[body + 3] ?? 0);
  return ` error-code: ${code} (${ERRORS[code] ?? 'Unknown error code'}) ${latin(bytes, body + 4, u16(bytes, at + 2) - 4)}`;
}
const latin = (bytes: Uint8Array, at: number, length: number) =>
  String.fromCharCode(...bytes.subarray(at, at + Math.max(0, length)));

function endpoint(d: Dissection, layer: Layer, at: number, xored: boolean): string {
  const six = d.bytes[at + 1] === 2;
  const key = d.bytes.subarray(layer.start + 4, layer.start + 20);
  const part = d.bytes.slice(at + 2, at + 4 + (six ? 16 : 4));
  if (xored) for (let i = 0; i < part.length; i++) part[i]! ^= i < 2 ? key[i]! : key[i - 2]!;
  return six ? `[${ipv6Text(part, 2)}]:${u16(part, 0)}` : `${ipv4Text(part, 2)}:${u16(part, 0)}`;
}

export const stun: Protocol = protocol({
  name: 'stun',
  column: 'STUN',
  title: 'Session Traversal Utilities for NAT',
  tint: 'udp',
  minLength: CHANNEL_HEADER,
  binds: { 'udp.port': [3478], 'tcp.port': [3478] },
  heuristic: { udp: looksLike },
  fields: F,
  /** Over TCP both are padded to 4 bytes. */
  pdu(bytes, at, end) {
    if (end - at < CHANNEL_HEADER) return PDU_MORE;
    const length = (u16(bytes, at + 2) + 3) & ~3;
    if (isChannelData(bytes, at)) return CHANNEL_HEADER + length;
    return (bytes[at]! & 0xc0) === 0 ? HEADER + length : PDU_REST;
  },
  walk(d, layer) {
    const { start, end } = layer;
    if (!isChannelData(d.bytes, start)) {
      layer.headerLength = d.capturedEnd(layer) - start;
      return undefined;
    }
    layer.headerLength = CHANNEL_HEADER;
    return rest(d, start + CHANNEL_HEADER, Math.min(end, start + CHANNEL_HEADER + u16(d.bytes, start + 2)));
  },
  info(d, layer) {
    if (isChannelData(d.bytes, layer.start)) return 'ChannelData TURN Message';
    if (d.capturedEnd(layer) < layer.start + HEADER) return '';
    const type = u16(d.bytes, layer.start);
    return `${METHODS[methodOf(type)] ?? 'Unknown'} ${CLASSES[classOf(type)]}${addresses(d, layer)}`;
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    if (isChannelData(d.bytes, layer.start)) {
      c.u16(F.channelHeader);
      c.u16(F.length);
      return;
    }
    const type = c.peek(2);
    out.open(F.type, c.at, 2, type);
    out.value(F.class, c.at, 2, classOf(type) >> 4);
    out.value(F.method, c.at, 2, methodOf(type));
    out.value(F.assignment, c.at, 2, (type >> 13) & 1);
    out.close();
    c.skip(2);
    const length = c.u16(F.length);
    c.data(F.cookie, 4);
    c.data(F.id, 12);
    if (length === 0 || c.left < 4) return;
    c.under(F.attributes, c.left, null, () => {
      while (c.left >= 4) attribute(d, layer, c);
    });
  },
});

function attribute(d: Dissection, layer: Layer, c: Cursor): void {
  const type = c.peek(2);
  const length = c.peek(2, 2);
  const size = 4 + ((length + 3) & ~3);
  c.under(
    F.attribute,
    4 + length,
    type,
    () => {
      c.out.open(F.attType, c.at, 2, type);
      c.bits(2, F.comprehension, F.attAssignment);
      c.out.close();
      c.skip(2);
      c.u16(F.attLength);
      attributeValue(d, layer, c, type, length);
    },
    { label: ATTRIBUTES[type] ?? 'Unknown' },
  );
  const padding = size - 4 - length;
  if (padding > 0) c.out.value(F.padding, c.at, padding, padding);
  c.skip(padding);
}

function attributeValue(d: Dissection, layer: Layer, c: Cursor, type: number, length: number): void {
  switch (type) {
    case 0x0001:
    case 0x8023:
    case 0x802b:
    case 0x802c:
      address(d, layer, c, false);
      break;
    case 0x0012:
    case 0x0016:
    case 0x0020:
      address(d, layer, c, true);
      break;
    case 0x0006:
      c.text(F.user, length);
      break;
    case 0x0008:
      c.data(F.hmac, length);
      break;
    case 0x0009:
      c.data(F.reserved, 2);
      c.u8(F.errorClass);
      c.u8(F.error);
      c.text(F.reason, length - 4);
      break;
    case 0x000c:
      c.u16(F.channel);
      c.data(F.reserved, 2);
      break;
    case 0x000d:
      c.u32(F.lifetime);
      break;
    case 0x0014:
      c.text(F.realm, length);
      break;
    case 0x0015:
      c.text(F.nonce, length);
      break;
    case 0x0019:
      c.u8(F.transport);
      c.data(F.reserved, 3);
      break;
    case 0x0024:
      c.u32(F.priority);
      break;
    case 0x8022:
      c.text(F.software, length);
      break;
    case 0x8028:
      c.u32(F.crc);
      break;
    case 0x8029:
    case 0x802a:
      c.data(F.tie, 8);
      break;
    case 0x0018:
      c.bits(1, F.reserveNext);
      c.skip(1);
      break;
    case 0x0022:
      c.data(F.token, length);
      break;
    default:
      if (length > 0) c.data(F.value, length);
  }
}

function address(d: Dissection, layer: Layer, c: Cursor, xored: boolean): void {
  c.data(F.reserved, 1);
  const six = c.u8(F.family) === 2;
  if (!xored) {
    c.u16(F.port);
    c.item(six ? F.ip6 : F.ip4, six ? 16 : 4);
    return;
  }
  const at = c.at - 2;
  const [ip, port] = endpoint(d, layer, at, true)
    .replace(/^\[|\]/g, '')
    .match(/^(.*):(\d+)$/)
    ?.slice(1) ?? ['', '0'];
  c.data(F.portXored, 2);
  c.out.value(F.port, c.at - 2, 2, Number(port));
  c.data(six ? F.ip6Xored : F.ip4Xored, six ? 16 : 4);
  c.out.value(six ? F.ip6 : F.ip4, c.at - (six ? 16 : 4), six ? 16 : 4, ip!);
}
