/** Fields and numbers of HTTP/3, named as Wireshark names them; those of header fields as its newer versions do. */
import { f } from '../../define.ts';
import type { Field } from '../../field.ts';
import { HEADER_NAMES, NUMBERS } from '../http2/fields.ts';

export const [DATA, HEADERS, CANCEL_PUSH, SETTINGS, PUSH_PROMISE, GOAWAY, MAX_PUSH_ID] = [
  0, 1, 3, 4, 5, 7, 13,
] as const;
export const [PRIORITY_UPDATE, PRIORITY_UPDATE_PUSH] = [0xf0700, 0xf0701] as const;
export const FRAME_NAMES: Readonly<Record<number, string>> = {
  [DATA]: 'DATA',
  [HEADERS]: 'HEADERS',
  [CANCEL_PUSH]: 'CANCEL_PUSH',
  [SETTINGS]: 'SETTINGS',
  [PUSH_PROMISE]: 'PUSH_PROMISE',
  [GOAWAY]: 'GOAWAY',
  [MAX_PUSH_ID]: 'MAX_PUSH_ID',
  [PRIORITY_UPDATE]: 'PRIORITY_UPDATE',
  [PRIORITY_UPDATE_PUSH]: 'PRIORITY_UPDATE',
};
export const [CONTROL, PUSH, ENCODER, DECODER] = [0, 1, 2, 3] as const;
export const STREAM_NAMES: Readonly<Record<number, string>> = {
  [CONTROL]: 'Control Stream',
  [PUSH]: 'Push Stream',
  [ENCODER]: 'QPACK Encoder Stream',
  [DECODER]: 'QPACK Decoder Stream',
};
/** Numbers that mean nothing and are there so that nobody relies on the others (RFC 9114 §7.2.8). */
export const isReserved = (number: number): boolean => number >= 0x21 && (number - 0x21) % 0x1f === 0;

const setting = (name: string, title: string): Field => f.u64(`http3.settings.${name}`, title);
export const SETTING_FIELDS: Readonly<Record<number, Field>> = {
  1: setting('qpack.max_table_capacity', 'Max Table Capacity'),
  6: setting('max_field_section_size', 'Max header list size'),
  7: setting('qpack.blocked_streams', 'Blocked Streams'),
  8: setting('extended_connect', 'Extended CONNECT'),
};
export const SETTING_NAMES: Readonly<Record<number, string>> = {
  1: 'Max Table Capacity',
  6: 'Max Field Section Size',
  7: 'Blocked Streams',
};

export const F = {
  streamType: f.u64('http3.stream_type', 'Stream Type'),
  pushId: f.u64('http3.push_id', 'Push ID'),
  type: f.u64('http3.frame_type', 'Type'),
  length: f.u64('http3.frame_length', 'Length'),
  payload: f.bytes('http3.frame_payload', 'Frame Payload'),
  settings: f.none('http3.settings', 'Settings'),
  settingId: f.u64('http3.settings.id', 'Settings Identifier'),
  settingValue: f.u64('http3.settings.value', 'Settings Value'),
  priorityId: f.u64('http3.priority_update_element_id', 'Priority Update Element ID'),
  priority: f.text('http3.priority_update_field_value', 'Priority Update Field Value'),
  data: f.bytes('http3.data', 'Data'),
  headerCount: f.u32('http3.headers.count', 'Headers Count'),
  header: f.none('http3.headers.header', 'Header'),
  headerLength: f.u32('http3.headers.header.length', 'Header Length'),
  nameLength: f.u32('http3.headers.header.name.length', 'Name Length'),
  name: f.text('http3.header.header.name', 'Name'),
  valueLength: f.u32('http3.headers.header.value.length', 'Value Length'),
  value: f.text('http3.headers.header.value', 'Value'),
} satisfies Record<string, Field>;

/** Header fields with a name of their own. */
export const HEADER_FIELDS: ReadonlyMap<string, Field> = new Map([
  [':status', f.u16('http3.headers.status', ':status')],
  ...HEADER_NAMES.map((name): [string, Field] => {
    const field = `http3.headers.${name.replace(':', '').replaceAll('-', '_')}`;
    return [name, NUMBERS.has(name) ? f.u64(field, name) : f.text(field, name)];
  }),
]);
