/** What MQTT 5 adds to packets: properties, reason codes, options of subscriptions (OASIS MQTT 5.0 §2.2.2, §2.4, §3.8.3.1). */
import type { Cursor } from '../cursor.ts';
import { bit, f } from '../define.ts';
import type { Field } from '../field.ts';

const IDS: Record<number, string> = {
  1: 'Payload Format Indicator',
  2: 'Publication Expiry Interval',
  3: 'Content Type',
  8: 'Response Topic',
  9: 'Correlation Data',
  11: 'Subscription Identifier',
  17: 'Session Expiry Interval',
  18: 'Assigned Client Identifier',
  19: 'Server Keep Alive',
  21: 'Authentication Method',
  22: 'Authentication Data',
  23: 'Request Problem Information',
  24: 'Will Delay Interval',
  25: 'Request Response Information',
  26: 'Response Information',
  28: 'Server Reference',
  31: 'Reason String',
  33: 'Receive Maximum',
  34: 'Topic Alias Maximum',
  35: 'Topic Alias',
  36: 'Maximum QoS',
  37: 'Retain Available',
  38: 'User Property',
  39: 'Maximum Packet Size',
  40: 'Wildcard Subscription Available',
  41: 'Subscription Identifier Available',
  42: 'Shared Subscription Available',
};
const REASONS: Record<number, string> = {
  0: 'Success',
  16: 'No matching subscribers',
  17: 'No subscription existed',
  24: 'Continue authentication',
  25: 'Re-authenticate',
  128: 'Unspecified error',
  129: 'Malformed Packet',
  130: 'Protocol Error',
  131: 'Implementation specific error',
  132: 'Unsupported Protocol Version',
  133: 'Client Identifier not valid',
  134: 'Bad User Name or Password',
  135: 'Not authorized',
  136: 'Server unavailable',
  137: 'Server busy',
  138: 'Banned',
  139: 'Server shutting down',
  140: 'Bad authentication method',
  141: 'Keep Alive timeout',
  142: 'Session taken over',
  143: 'Topic Filter invalid',
  144: 'Topic Name invalid',
  145: 'Packet Identifier in use',
  147: 'Receive Maximum exceeded',
  148: 'Topic Alias invalid',
  149: 'Packet too large',
  150: 'Message rate too high',
  151: 'Quota exceeded',
  152: 'Administrative action',
  153: 'Payload format invalid',
  154: 'Retain not supported',
  155: 'QoS not supported',
  156: 'Use another server',
  157: 'Server moved',
  158: 'Shared Subscription not supported',
  159: 'Connection rate exceeded',
  160: 'Maximum connect time',
  161: 'Subscription Identifiers not supported',
  162: 'Wildcard Subscription not supported',
};
const QOS = {
  0: 'At most once delivery (Fire and Forget)',
  1: 'At least once delivery (Acknowledged deliver)',
  2: 'Exactly once delivery (Assured Delivery)',
  3: 'Reserved',
};

const reason = (packet: string, names: Record<number, string> = {}) =>
  f.u8(`mqtt.${packet}.reason_code`, 'Reason Code', { names: { ...REASONS, ...names } });
const F = {
  properties: f.none('mqtt.properties', 'Properties'),
  willProperties: f.none('mqtt.will_properties', 'Will Properties'),
  length: f.u64('mqtt.property_len', 'Total Length'),
  property: f.x8('mqtt.property_id', 'ID', { names: IDS }),
  number: f.u32('mqtt.prop_number', 'Value'),
  contentType: f.text('mqtt.property.content_type', 'Content Type'),
  maxQos: f.u8('mqtt.property.max_qos', 'QoS', { names: QOS }),
  topicAlias: f.u16('mqtt.property.topic_alias', 'Topic Alias'),
  stringLength: f.u32('mqtt.prop_string_len', 'Length'),
  string: f.text('mqtt.prop_string', 'Value'),
  keyLength: f.u32('mqtt.prop_key_len', 'Key Length'),
  key: f.text('mqtt.prop_key', 'Key'),
  valueLength: f.u32('mqtt.prop_value_len', 'Value Length'),
  value: f.text('mqtt.prop_value', 'Value'),
  unknown: f.text('mqtt.prop_unknown', 'Unknown Property'),
  options: f.x8('mqtt.subscription_options', 'Subscription Options'),
  optionQos: f.u8('mqtt.subscription_options_qos', 'QoS', { mask: 0x03, bits: 8, names: QOS }),
  noLocal: bit('mqtt.subscription_options_nl', 'No Local', 0x04),
  asPublished: bit('mqtt.subscription_options_rap', 'Retain As Published', 0x08),
  handling: f.u8('mqtt.subscription_options_retain', 'Retain Handling', {
    mask: 0x30,
    bits: 8,
    names: {
      0: 'Send msgs at subscription time',
      1: 'Send msgs if subscription does not exist',
      2: 'Do not send msgs at subscription time',
      3: 'Reserved',
    },
  }),
  optionReserved: f.x8('mqtt.subscription_options_reserved', 'Reserved', { mask: 0xc0, bits: 8 }),
} satisfies Record<string, Field>;

/** By packet type. */
const REASON_FIELDS: Record<number, Field> = {
  2: reason('connack'),
  4: reason('puback'),
  5: reason('pubrec'),
  6: reason('pubrel'),
  7: reason('pubcomp'),
  9: reason('suback', { 0: 'Granted QoS 0', 1: 'Granted QoS 1', 2: 'Granted QoS 2' }),
  11: reason('unsuback'),
  14: reason('disconnect', { 0: 'Normal disconnection', 4: 'Disconnect with Will Message' }),
  15: reason('auth'),
};

export const MQTT_5_FIELDS: Record<string, Field> = {
  ...Object.fromEntries(Object.entries(F).map(([key, field]) => [`five_${key}`, field])),
  ...Object.fromEntries(Object.values(REASON_FIELDS).map((field) => [field.name, field])),
};

/** How their values are written. */
const BYTES = [1, 23, 25, 37, 40, 41, 42];
const SHORTS = [19, 33, 34];
const LONGS = [2, 17, 24, 39];
const STRINGS = [8, 9, 18, 21, 22, 26, 28, 31];

/** A number of 7 bits a byte at `at`, and how many bytes it takes. */
function variable(c: Cursor): { value: number; size: number } {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const byte = c.peek(1, i);
    value += (byte & 0x7f) * 128 ** i;
    if (!(byte & 0x80)) return { value, size: i + 1 };
  }
  return { value, size: 4 };
}

/** Length of the properties at `at`, that number included. */
export function propertiesLength(bytes: Uint8Array, at: number, end: number): number {
  let length = 0;
  for (let i = 0; i < 4 && at + i < end; i++) {
    length += (bytes[at + i]! & 0x7f) * 128 ** i;
    if (!(bytes[at + i]! & 0x80)) return i + 1 + length;
  }
  return 0;
}

export function properties(c: Cursor, will = false): void {
  if (c.left < 1) return;
  const { value: length, size } = variable(c);
  const stop = Math.min(c.end, c.at + size + length);
  c.under(will ? F.willProperties : F.properties, size + length, null, () => {
    c.out.value(F.length, c.at, size, BigInt(length));
    c.skip(size);
    while (c.at < stop) property(c, stop);
  });
  c.at = stop;
}

function property(c: Cursor, stop: number): void {
  const id = c.u8(F.property);
  if (BYTES.includes(id)) number(c, 1);
  else if (SHORTS.includes(id)) number(c, 2);
  else if (LONGS.includes(id)) number(c, 4);
  else if (id === 11) {
    const { value, size } = variable(c);
    c.out.value(F.number, c.at, size, value);
    c.skip(size);
  } else if (id === 3) {
    const length = c.peek(2);
    c.skip(2);
    c.text(F.contentType, length);
  } else if (id === 35) c.u16(F.topicAlias);
  else if (id === 36) c.u8(F.maxQos);
  else if (STRINGS.includes(id)) counted(c, F.stringLength, F.string);
  else if (id === 38) {
    counted(c, F.keyLength, F.key);
    counted(c, F.valueLength, F.value);
  } else c.text(F.unknown, stop - c.at);
}

function number(c: Cursor, size: 1 | 2 | 4): void {
  c.out.value(F.number, c.at, size, c.peek(size));
  c.skip(size);
}

function counted(c: Cursor, lengthField: Field, field: Field): void {
  const length = c.peek(2);
  c.out.value(lengthField, c.at, 2, length);
  c.skip(2);
  c.text(field, length);
}

/** Left out when all went well; properties behind it when there are any. */
export function reasonCode(c: Cursor, type: number): void {
  const field = REASON_FIELDS[type];
  if (field && c.left > 0) c.u8(field);
}

export function reasonCodes(c: Cursor, type: number): void {
  while (c.left > 0) c.u8(REASON_FIELDS[type]!);
}

export function subscriptionOptions(c: Cursor): void {
  c.out.open(F.options, c.at, 1, c.peek(1));
  c.bits(1, F.optionReserved, F.handling, F.asPublished, F.noLocal, F.optionQos);
  c.out.close();
  c.skip(1);
}
