/** MQTT 3.1, 3.1.1 and 5.0 control packets (OASIS MQTT). */

import { own } from '../../state/conversations.ts';
import { decodeUtf8 } from '../../text/utf8.ts';
import { u16 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import { PDU_MORE, PDU_REST } from '../tcp-payload.ts';
import {
  MQTT_5_FIELDS,
  properties,
  propertiesLength,
  reasonCode,
  reasonCodes,
  subscriptionOptions,
} from './mqtt-properties.ts';
import { tcpFacts } from './tcp-facts.ts';

const TYPES: Record<number, string> = {
  1: 'Connect Command',
  2: 'Connect Ack',
  3: 'Publish Message',
  4: 'Publish Ack',
  5: 'Publish Received',
  6: 'Publish Release',
  7: 'Publish Complete',
  8: 'Subscribe Request',
  9: 'Subscribe Ack',
  10: 'Unsubscribe Request',
  11: 'Unsubscribe Ack',
  12: 'Ping Request',
  13: 'Ping Response',
  14: 'Disconnect Req',
  15: 'Authentication Exchange',
};
const QOS = {
  0: 'At most once delivery (Fire and Forget)',
  1: 'At least once delivery (Acknowledged deliver)',
  2: 'Exactly once delivery (Assured Delivery)',
  3: 'Reserved',
};
const RETURNS = {
  0: 'Connection Accepted',
  1: 'Connection Refused: unacceptable protocol version',
  2: 'Connection Refused: identifier rejected',
  3: 'Connection Refused: server unavailable',
  4: 'Connection Refused: bad user name or password',
  5: 'Connection Refused: not authorized',
};
const VERSIONS = { 3: 'MQTT v3.1', 4: 'MQTT v3.1.1', 5: 'MQTT v5.0' };
const F = {
  flags: f.x8('mqtt.hdrflags', 'Header Flags'),
  type: f.u8('mqtt.msgtype', 'Message Type', { mask: 0xf0, bits: 8, names: TYPES }),
  reserved: f.u8('mqtt.hdr_reserved', 'Reserved', { mask: 0x0f, bits: 8 }),
  dup: bit('mqtt.dupflag', 'DUP Flag', 8),
  qos: f.u8('mqtt.qos', 'QoS Level', { mask: 6, bits: 8, names: QOS }),
  retain: bit('mqtt.retain', 'Retain', 1),
  length: f.u64('mqtt.len', 'Msg Len'),
  protocolLength: f.u16('mqtt.proto_len', 'Protocol Name Length'),
  protocol: f.text('mqtt.protoname', 'Protocol Name'),
  version: f.u8('mqtt.ver', 'Version', { names: VERSIONS }),
  connectFlags: f.x8('mqtt.conflags', 'Connect Flags'),
  flagUser: bit('mqtt.conflag.uname', 'User Name Flag', 0x80),
  flagPassword: bit('mqtt.conflag.passwd', 'Password Flag', 0x40),
  flagRetain: bit('mqtt.conflag.retain', 'Will Retain', 0x20),
  flagQos: f.u8('mqtt.conflag.qos', 'QoS Level', { mask: 0x18, bits: 8, names: QOS }),
  flagWill: bit('mqtt.conflag.willflag', 'Will Flag', 0x04),
  flagClean: bit('mqtt.conflag.cleansess', 'Clean Session Flag', 0x02),
  flagReserved: bit('mqtt.conflag.reserved', '(Reserved)', 0x01),
  keepAlive: f.u16('mqtt.kalive', 'Keep Alive'),
  clientLength: f.u16('mqtt.clientid_len', 'Client ID Length'),
  client: f.text('mqtt.clientid', 'Client ID'),
  willTopicLength: f.u16('mqtt.willtopic_len', 'Will Topic Length'),
  willTopic: f.text('mqtt.willtopic', 'Will Topic'),
  willLength: f.u16('mqtt.willmsg_len', 'Will Message Length'),
  will: f.bytes('mqtt.willmsg', 'Will Message'),
  userLength: f.u16('mqtt.username_len', 'User Name Length'),
  user: f.text('mqtt.username', 'User Name'),
  passwordLength: f.u16('mqtt.passwd_len', 'Password Length'),
  password: f.text('mqtt.passwd', 'Password'),
  retainReserved: f.u8('mqtt.retain_reserved', 'Reserved', { mask: 0x01, bits: 8 }),
  ackFlags: f.x8('mqtt.conack.flags', 'Acknowledge Flags'),
  ackReserved: bit('mqtt.conack.flags.reserved', 'Reserved', 0xfe),
  sessionPresent: bit('mqtt.conack.flags.sp', 'Session Present', 1),
  returnCode: f.u8('mqtt.conack.val', 'Return Code', { names: RETURNS }),
  id: f.u16('mqtt.msgid', 'Message Identifier'),
  topicLength: f.u16('mqtt.topic_len', 'Topic Length'),
  topic: f.text('mqtt.topic', 'Topic'),
  message: f.bytes('mqtt.msg', 'Message'),
  requestedQos: f.u8('mqtt.sub.qos', 'Requested QoS', { mask: 3, bits: 8, names: QOS }),
  grantedQos: f.u8('mqtt.suback.qos', 'Granted QoS', { names: QOS }),
  ...MQTT_5_FIELDS,
};

/** Length of the fixed header, and of what follows it; undefined while it is not whole, −1 when it makes no sense. */
function header(bytes: Uint8Array, at: number, end: number): { size: number; length: number } | undefined | -1 {
  let length = 0;
  for (let i = 0; i < 4; i++) {
    if (at + 1 + i >= end) return undefined;
    const byte = bytes[at + 1 + i]!;
    length += (byte & 0x7f) * 128 ** i;
    if (!(byte & 0x80)) return { size: 2 + i, length };
  }
  return -1;
}

const VERSION = Symbol('mqtt');
/** Of the connection, as its Connect said. */
function version(d: Dissection, layer: Layer): number {
  const type = d.bytes[layer.start]! >> 4;
  const conversation = layer.below && tcpFacts(layer.below)?.conversation;
  const known = conversation && own(conversation, VERSION, () => ({ value: 0 }));
  if (type === 1) {
    const head = header(d.bytes, layer.start, d.capturedEnd(layer));
    if (head && head !== -1) {
      const name = layer.start + head.size;
      const value = d.bytes[name + 2 + u16(d.bytes, name)] ?? 0;
      if (known) known.value = value;
      return value;
    }
  }
  return known?.value ?? 0;
}

function topicOf(d: Dissection, layer: Layer): string {
  const head = header(d.bytes, layer.start, d.capturedEnd(layer));
  if (!head || head === -1) return '';
  const at = layer.start + head.size;
  return String.fromCharCode(...d.bytes.subarray(at + 2, Math.min(d.capturedEnd(layer), at + 2 + u16(d.bytes, at))));
}

/** What is subscribed to. @param at behind the identifier */
function topicsOf(d: Dissection, layer: Layer, at: number): string[] {
  const { bytes } = d;
  const end = d.capturedEnd(layer);
  const topics: string[] = [];
  let from = (layer.facts as number) === 5 ? at + propertiesLength(bytes, at, end) : at;
  while (from + 2 < end) {
    const next = from + 2 + u16(bytes, from);
    topics.push(decodeUtf8(bytes.subarray(from + 2, Math.min(end, next))));
    from = next + 1;
  }
  return topics;
}

export const mqtt: Protocol = protocol({
  name: 'mqtt',
  column: 'MQTT',
  joinInfo: ', ',
  title: 'MQ Telemetry Transport Protocol',
  tint: 'tcp',
  minLength: 2,
  binds: { 'tcp.port': [1883] },
  fields: F,
  pdu(bytes, at, end) {
    const head = header(bytes, at, end);
    if (head === -1) return PDU_REST;
    return head ? head.size + head.length : PDU_MORE;
  },
  walk(d, layer) {
    layer.facts = version(d, layer);
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    return undefined;
  },
  info(d, layer) {
    const first = d.bytes[layer.start]!;
    const type = first >> 4;
    const name = TYPES[type] ?? 'Unknown';
    const head = header(d.bytes, layer.start, d.capturedEnd(layer));
    const at = head && head !== -1 ? layer.start + head.size : layer.start;
    const id = (more = 0) => ` (id=${u16(d.bytes, at + more)})`;
    if (type === 3) {
      const topic = topicOf(d, layer);
      return `${name}${(first >> 1) & 3 ? id(2 + topic.length) : ''} [${topic}]`;
    }
    if (type >= 4 && type <= 11) {
      if (type === 8) {
        const topics = topicsOf(d, layer, at + 2);
        return [`${name}${id()}`, ...topics.map((topic) => `[${topic}]`)].join(' ');
      }
      return `${name}${id()}`;
    }
    return name;
  },
  label: (d, layer) => `MQ Telemetry Transport Protocol, ${TYPES[d.bytes[layer.start]! >> 4] ?? 'Unknown'}`,
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    const first = c.peek(1);
    const type = first >> 4;
    out.open(F.flags, c.at, 1, first);
    c.bits(1, F.type);
    if (type === 3) c.bits(1, F.dup, F.qos, F.retain);
    else if (layer.facts === 3 && (type === 6 || type === 8 || type === 10)) c.bits(1, F.dup, F.qos, F.retainReserved);
    else c.bits(1, F.reserved);
    out.close();
    const head = header(d.bytes, layer.start, c.end);
    if (!head || head === -1) return;
    out.value(F.length, c.at + 1, head.size - 1, BigInt(head.length));
    c.skip(head.size);
    body(c, type, first, layer.facts as number);
  },
});

function sized(c: Cursor, length: typeof F.topicLength, field: typeof F.topic): void {
  const size = c.u16(length);
  if (field.type === 'bytes') c.data(field, size);
  else c.text(field, size);
}

function body(c: Cursor, type: number, first: number, version: number): void {
  switch (type) {
    case 1:
      connect(c);
      break;
    case 2:
      if (version >= 4 || version === 0) {
        c.out.open(F.ackFlags, c.at, 1, c.peek(1));
        c.bits(1, F.ackReserved, F.sessionPresent);
        c.out.close();
      } else c.bits(1, F.ackReserved);
      c.skip(1);
      if (version === 5) {
        reasonCode(c, type);
        properties(c);
      } else c.u8(F.returnCode);
      break;
    case 3:
      sized(c, F.topicLength, F.topic);
      if ((first >> 1) & 3) c.u16(F.id);
      if (version === 5) properties(c);
      if (c.left > 0) c.data(F.message);
      break;
    case 8:
    case 10:
      c.u16(F.id);
      if (version === 5) properties(c);
      while (c.left > 2) {
        sized(c, F.topicLength, F.topic);
        if (type === 8 && version === 5) subscriptionOptions(c);
        else if (type === 8) {
          c.bits(1, F.requestedQos);
          c.skip(1);
        }
      }
      break;
    case 9:
      c.u16(F.id);
      if (version === 5) {
        properties(c);
        reasonCodes(c, type);
      } else while (c.left > 0) c.u8(F.grantedQos);
      break;
    case 4:
    case 5:
    case 6:
    case 7:
      c.u16(F.id);
      if (version !== 5) break;
      reasonCode(c, type);
      properties(c);
      break;
    case 11:
      c.u16(F.id);
      if (version !== 5) break;
      properties(c);
      reasonCodes(c, type);
      break;
    case 14:
    case 15:
      if (version !== 5) break;
      reasonCode(c, type);
      properties(c);
      break;
  }
}

function connect(c: Cursor): void {
  sized(c, F.protocolLength, F.protocol);
  const version = c.u8(F.version);
  const flags = c.peek(1);
  c.out.open(F.connectFlags, c.at, 1, flags);
  c.bits(1, F.flagUser, F.flagPassword, F.flagRetain, F.flagQos, F.flagWill, F.flagClean, F.flagReserved);
  c.out.close();
  c.skip(1);
  c.u16(F.keepAlive);
  if (version === 5) properties(c);
  sized(c, F.clientLength, F.client);
  if (flags & 4) {
    if (version === 5) properties(c, true);
    sized(c, F.willTopicLength, F.willTopic);
    sized(c, F.willLength, F.will);
  }
  if (flags & 0x80) sized(c, F.userLength, F.user);
  if (flags & 0x40) sized(c, F.passwordLength, F.password);
}
