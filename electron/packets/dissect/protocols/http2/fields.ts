/** Fields and numbers of HTTP/2 (RFC 9113), named as Wireshark names them. */
import { bit, f } from '../../define.ts';
import type { Field } from '../../field.ts';

export const TYPES: Readonly<Record<number, string>> = {
  0: 'DATA',
  1: 'HEADERS',
  2: 'PRIORITY',
  3: 'RST_STREAM',
  4: 'SETTINGS',
  5: 'PUSH_PROMISE',
  6: 'PING',
  7: 'GOAWAY',
  8: 'WINDOW_UPDATE',
  9: 'CONTINUATION',
  10: 'ALTSVC',
  11: 'BLOCKED',
  12: 'ORIGIN',
  16: 'PRIORITY_UPDATE',
};
const ERRORS = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];
const SETTING_NAMES: Readonly<Record<number, string>> = {
  1: 'Header table size',
  2: 'Enable PUSH',
  3: 'Max concurrent streams',
  4: 'Initial Windows size',
  5: 'Max frame size',
  6: 'Max header list size',
  8: 'Extended CONNECT',
};

const flag = (name: string, title: string, mask: number): Field =>
  bit(`http2.flags.${name}`, title, mask, 8, ['True', 'False']);
const unused = (name: string, mask: number): Field => f.x8(`http2.flags.${name}`, 'Unused', { mask, bits: 8 });
const id = (name: string, title: string): Field => f.u32(name, title, { mask: 0x7fffffff, bits: 32 });
const reserved = (name: string): Field => f.x32(name, 'Reserved', { mask: 0x80000000, bits: 32 });

export const F = {
  stream: f.none('http2.stream', 'Stream'),
  magic: f.text('http2.magic', 'Magic'),
  length: f.u24('http2.length', 'Length'),
  type: f.u8('http2.type', 'Type', { names: TYPES }),
  flags: f.x8('http2.flags', 'Flags'),
  reserved: reserved('http2.r'),
  streamId: id('http2.streamid', 'Stream Identifier'),
  unknown: f.bytes('http2.unknown', 'Unknown'),
  endStream: flag('end_stream', 'End Stream', 1),
  endHeaders: flag('eh', 'End Headers', 4),
  padded: flag('padded', 'Padded', 8),
  priority: flag('priority', 'Priority', 0x20),
  ackSettings: flag('ack.settings', 'ACK', 1),
  ackPing: flag('ack.ping', 'ACK', 1),
  unused: unused('unused', 0xff),
  unusedData: unused('unused_data', 0xf6),
  unusedHeaders: unused('unused_headers', 0xd2),
  unusedSettings: unused('unused_settings', 0xfe),
  unusedPing: unused('unused_ping', 0xfe),
  unusedPush: unused('unused_push_promise', 0xf3),
  unusedContinuation: unused('unused_continuation', 0xfb),
  padding: f.x8('http2.padding', 'Pad Length'),
  padLength: f.u16('http2.pad_length', 'Pad Length'),
  exclusive: bit('http2.exclusive', 'Exclusive', 0x80000000, 32, ['True', 'False']),
  dependency: id('http2.stream_dependency', 'Stream Dependency'),
  weight: f.u8('http2.headers.weight', 'Weight'),
  weightReal: f.u8('http2.headers.weight_real', 'Weight real'),
  data: f.bytes('http2.data.data', 'Data'),
  dataPadding: f.bytes('http2.data.padding', 'Padding'),
  fragments: f.none('http2.body.fragments', 'Body fragments'),
  fragment: f.u32('http2.body.fragment', 'Body fragment'),
  fragmentCount: f.u32('http2.body.fragment.count', 'Body fragment count'),
  bodyLength: f.u32('http2.body.reassembled.length', 'Reassembled body length'),
  bodyData: f.bytes('http2.body.reassembled.data', 'Reassembled body data'),
  block: f.bytes('http2.headers', 'Header Block Fragment'),
  blockPadding: f.bytes('http2.headers.padding', 'Padding'),
  header: f.none('http2.header', 'Header'),
  headerLength: f.u32('http2.header.length', 'Header Length'),
  headerCount: f.u32('http2.header.count', 'Header Count'),
  nameLength: f.u32('http2.header.name.length', 'Name Length'),
  name: f.text('http2.header.name', 'Name'),
  valueLength: f.u32('http2.header.value.length', 'Value Length'),
  value: f.text('http2.header.value', 'Value'),
  unescaped: f.text('http2.header.unescaped', 'Unescaped'),
  representation: f.text('http2.header.repr', 'Representation'),
  index: f.u32('http2.header.index', 'Index'),
  sizeUpdate: f.none('http2.header_table_size_update', 'Header table size update'),
  tableSize: f.u32('http2.header_table_size_update.header_table_size', 'Header table size'),
  fullUri: f.text('http2.request.full_uri', 'Full request URI'),
  resetError: f.u32('http2.rst_stream.error', 'Error', { names: (code) => ERRORS[code] }),
  settings: f.none('http2.settings', 'Settings'),
  settingId: f.u16('http2.settings.id', 'Settings Identifier', { names: SETTING_NAMES }),
  settingUnknown: f.u32('http2.settings.unknown', 'Unknown Settings'),
  pushReserved: reserved('http2.push_promise.r'),
  pushStream: id('http2.push_promise.promised_stream_id', 'Promised-Stream-ID'),
  pushBlock: f.bytes('http2.push_promise.header', 'Header Block Fragment'),
  pushPadding: f.bytes('http2.push_promise.padding', 'Padding'),
  ping: f.bytes('http2.ping', 'Ping'),
  pong: f.bytes('http2.pong', 'Pong'),
  goawayReserved: reserved('http2.goway.r'),
  goawayLast: id('http2.goaway.last_stream_id', 'Last-Stream-ID'),
  goawayError: f.u32('http2.goaway.error', 'Error', { names: (code) => ERRORS[code] }),
  goawayData: f.bytes('http2.goaway.addata', 'Additional Debug Data'),
  windowReserved: reserved('http2.window_update.r'),
  windowIncrement: id('http2.window_update.window_size_increment', 'Window Size Increment'),
  continuation: f.text('http2.continuation.header', 'Continuation Header'),
  originLength: f.u16('http2.altsvc.origin.len', 'Origin Length'),
  origin: f.text('http2.altsvc.origin', 'Origin'),
  alternative: f.text('http2.altsvc.field_value', 'Field/Value'),
  originEntry: f.none('http2.origin', 'Origin'),
  originEntryLength: f.u16('http2.origin.origin_len', 'Origin Length'),
  originEntryText: f.text('http2.origin.origin', 'Origin'),
} satisfies Record<string, Field>;

export const SETTING_FIELDS: Readonly<Record<number, Field>> = {
  1: f.u32('http2.settings.header_table_size', 'Header table size'),
  2: f.u32('http2.settings.enable_push', 'Enable PUSH'),
  3: f.u32('http2.settings.max_concurrent_streams', 'Max concurrent streams'),
  4: f.u32('http2.settings.initial_window_size', 'Initial Windows Size'),
  5: f.u32('http2.settings.max_frame_size', 'Max frame size'),
  6: f.u32('http2.settings.max_header_list_size', 'Max header list size'),
  8: f.u32('http2.settings.extended_connect', 'Extended CONNECT'),
};
export const settingName = (id: number): string => SETTING_NAMES[id] ?? `Unknown (${id})`;

export const NUMBERS: ReadonlySet<string> = new Set(['age', 'content-length', 'max-forwards']);
/** Header fields with a field of their own, besides :status. */
export const HEADER_NAMES: readonly string[] = [
  ':authority',
  ':path',
  ':method',
  ':scheme',
  ...(
    'accept accept-charset accept-encoding accept-language accept-ranges access-control-allow-origin age allow authorization cache-control ' +
    'content-disposition content-encoding content-language content-length content-location content-range content-type cookie date etag expect ' +
    'expires from if-match if-modified-since if-none-match if-range if-unmodified-since last-modified link location max-forwards ' +
    'proxy-authenticate proxy-authorization range referer refresh retry-after server set-cookie strict-transport-security user-agent vary via ' +
    'www-authenticate'
  ).split(' '),
];
export const HEADER_FIELDS: ReadonlyMap<string, Field> = new Map([
  [':status', f.u16('http2.headers.status', ':status')],
  ...HEADER_NAMES.map((name): [string, Field] => {
    const field = `http2.headers.${name.replace(':', '').replaceAll('-', '_')}`;
    return [name, NUMBERS.has(name) ? f.u64(field, name) : f.text(field, name)];
  }),
]);
