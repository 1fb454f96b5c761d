/**
 * memcached: the text protocol (memcached's doc/protocol.txt) and the binary one (doc/protocol-binary.txt). The first byte tells them apart. Over UDP
 * both have a header in front.
 */
import { decodeUtf8 } from '../../text/utf8.ts';
import { u16, u32 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import { note } from '../notes.ts';
import { PDU_MORE } from '../tcp-payload.ts';
import {
  DATAGRAM_FIELDS,
  DATAGRAM_HEADER,
  type Datagram,
  datagramInfo,
  emitDatagram,
  readDatagram,
} from './memcache-datagram.ts';
import { fromServer } from './text-lines.ts';

const PORTS = [11211];
const REQUEST = 0x80;
const RESPONSE = 0x81;
const HEADER = 24;
const MAX_LINE = 65_536;
const MAX_VALUE = 1 << 30;
const LF = 10;

const OPCODES: Record<number, string> = {
  0: 'Get',
  1: 'Set',
  2: 'Add',
  3: 'Replace',
  4: 'Delete',
  5: 'Increment',
  6: 'Decrement',
  7: 'Quit',
  8: 'Flush',
  9: 'Get Quietly',
  10: 'No-op',
  11: 'Version',
  12: 'Get Key',
  13: 'Get Key Quietly',
  14: 'Append',
  15: 'Prepend',
  16: 'Statistics',
  17: 'Set Quietly',
  18: 'Add Quietly',
  19: 'Replace Quietly',
  20: 'Delete Quietly',
  21: 'Increment Quietly',
  22: 'Decrement Quietly',
  23: 'Quit Quietly',
  24: 'Flush Quietly',
  25: 'Append Quietly',
  26: 'Prepend Quietly',
};
const STATUSES: Record<number, string> = {
  0: 'No error',
  1: 'Key not found',
  2: 'Key exists',
  3: 'Value too big',
  4: 'Invalid arguments',
  5: 'Item not stored',
  129: 'Unknown command',
  130: 'Out of memory',
};
const STORING = new Set([1, 2, 3, 17, 18, 19]);
const COUNTING = new Set([5, 6, 21, 22]);
const GETTING = new Set([0, 9, 12, 13]);
const FLUSHING = new Set([8, 24]);

const F = {
  magic: f.u8('memcache.magic', 'Magic', { names: { 128: 'Request', 129: 'Response' } }),
  opcode: f.u8('memcache.opcode', 'Opcode', { names: OPCODES }),
  keyLength: f.u16('memcache.key.length', 'Key Length'),
  extrasLength: f.u8('memcache.extras.length', 'Extras length'),
  dataType: f.u8('memcache.data_type', 'Data type', { names: { 0: 'Raw bytes' } }),
  reserved: f.u16('memcache.reserved', 'Reserved'),
  status: f.u16('memcache.status', 'Status', { names: STATUSES }),
  valueLength: f.u32('memcache.value.length', 'Value length'),
  bodyLength: f.u32('memcache.total_body_length', 'Total body length'),
  opaque: f.u32('memcache.opaque', 'Opaque'),
  cas: f.u64('memcache.cas', 'CAS'),
  extras: f.none('memcache.extras', 'Extras'),
  extrasFlags: f.x32('memcache.extras.flags', 'Flags'),
  extrasExpiration: f.u32('memcache.extras.expiration', 'Expiration'),
  delta: f.u64('memcache.extras.delta', 'Amount to add'),
  initial: f.u64('memcache.extras.initial', 'Initial value'),
  extrasUnknown: f.bytes('memcache.extras.unknown', 'Unknown'),
  counted: f.u64('memcache.extras.response', 'Response'),
  key: f.text('memcache.key', 'Key'),
  value: f.text('memcache.value', 'Value'),
  command: f.text('memcache.command', 'Command'),
  subcommand: f.text('memcache.subcommand', 'Sub command'),
  flags: f.u16('memcache.flags', 'Flags'),
  expiration: f.u32('memcache.expiration', 'Expiration'),
  noreply: f.text('memcache.noreply', 'Noreply'),
  response: f.text('memcache.response', 'Response'),
  version: f.text('memcache.version', 'Version'),
  statName: f.text('memcache.name', 'Stat name'),
  statValue: f.text('memcache.name_value', 'Stat value'),
  ...DATAGRAM_FIELDS,
};

/** Of a line that a data block follows: its size is this word. */
const SIZE_WORD: Record<string, number> = {
  set: 4,
  add: 4,
  replace: 4,
  append: 4,
  prepend: 4,
  cas: 4,
  VALUE: 3,
};
const isBinary = (bytes: Uint8Array, at: number) => bytes[at] === REQUEST || bytes[at] === RESPONSE;

interface TextLine {
  at: number;
  /** After the line's end. */
  body: number;
  /** After its data block. */
  end: number;
  text: string;
  words: { text: string; at: number }[];
  /** Bytes of the data block. */
  size: number | undefined;
}

function readLine(bytes: Uint8Array, at: number, end: number): TextLine | undefined {
  const lf = bytes.subarray(at, Math.min(end, at + MAX_LINE)).indexOf(LF);
  if (lf < 0 && end - at < MAX_LINE) return undefined;
  const body = lf < 0 ? end : at + lf + 1;
  const stop = Math.max(at, bytes[body - 2] === 13 ? body - 2 : body - 1);
  const raw = bytes.subarray(at, stop);
  const words = [...decodeUtf8(raw).matchAll(/[^ ]+/g)].map((word) => ({ text: word[0], at: at + word.index }));
  const size = words[SIZE_WORD[words[0]?.text ?? ''] ?? -1]?.text;
  const block = size !== undefined && /^\d{1,10}$/.test(size) && Number(size) <= MAX_VALUE ? Number(size) : undefined;
  return { at, body, end: block === undefined ? body : body + block + 2, text: decodeUtf8(raw), words, size: block };
}

/** Lines with their data blocks, as far as they are whole. */
function wholeText(bytes: Uint8Array, at: number, end: number): number {
  let next = at;
  while (next < end) {
    const found = readLine(bytes, next, end);
    if (!found || found.end > end) return next > at ? next - at : found ? found.end - at : PDU_MORE;
    next = found.end;
  }
  return next - at;
}

function* textLines(bytes: Uint8Array, { at: start, end }: Content): Generator<TextLine> {
  for (let at = start; at < end; ) {
    const found = readLine(bytes, at, end);
    if (!found) return;
    yield found;
    at = found.end;
  }
}

interface Content {
  at: number;
  end: number;
}
const datagramOf = (layer: Layer) => layer.facts as Datagram | undefined;

/** Where the layer's commands lie: in its datagram, or in all of them together. */
function content(d: Dissection, layer: Layer): { bytes: Uint8Array } & Content {
  const whole = datagramOf(layer)?.whole;
  if (whole) return { bytes: whole.bytes, at: whole.prefix, end: whole.bytes.length };
  const end = d.capturedEnd(layer);
  const at = layer.start + (layer.below?.protocol.name === 'udp' ? DATAGRAM_HEADER : 0);
  return { bytes: d.bytes, at: Math.min(at, end), end };
}

const opcodeText = (bytes: Uint8Array, at: number) => OPCODES[bytes[at + 1]!] ?? 'Unknown opcode';
const kind = (bytes: Uint8Array, at: number) => (bytes[at] === REQUEST ? 'Request' : 'Response');

export const memcache: Protocol = protocol({
  name: 'memcache',
  column: 'MEMCACHE',
  title: 'Memcache Protocol',
  tint: 'tcp',
  minLength: 1,
  binds: { 'tcp.port': PORTS, 'udp.port': PORTS },
  fields: F,
  pdu(bytes, at, end) {
    if (!isBinary(bytes, at)) return wholeText(bytes, at, end);
    return end - at < HEADER ? PDU_MORE : HEADER + u32(bytes, at + 8);
  },
  walk(d, layer) {
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    if (layer.below?.protocol.name === 'udp') layer.facts = readDatagram(d, layer);
    return undefined;
  },
  info(d, layer) {
    const datagram = datagramOf(layer);
    if (datagram && datagram.of > 1 && !datagram.whole) return datagramInfo(datagram);
    const { bytes, at, end } = content(d, layer);
    if (at >= end || !isBinary(bytes, at)) {
      const [first] = textLines(bytes, { at, end });
      return first ? `${first.text} ` : 'MEMCACHE Continuation';
    }
    const status = kind(bytes, at) === 'Response' ? u16(bytes, at + 6) : 0;
    const failed = status === 0 ? '' : ` (${STATUSES[status] ?? `Unknown status: ${status}`})`;
    return `${opcodeText(bytes, at)} ${kind(bytes, at)}${failed}`;
  },
  label(d, layer) {
    const { bytes, at, end } = content(d, layer);
    if (at >= end || !isBinary(bytes, at)) return 'Memcache Protocol';
    return `Memcache Protocol, ${opcodeText(bytes, at)} ${kind(bytes, at)}`;
  },
  emit(d, layer, out) {
    const datagram = datagramOf(layer);
    const server = fromServer(d, layer, PORTS);
    if (layer.below?.protocol.name === 'udp') emitDatagram(Cursor.of(d, layer, out));
    const { at, end } = content(d, layer);
    if (datagram?.whole) out.within(datagram.whole, () => emitContent(d, { at, end }, server, out));
    // The first part of several begins like a message.
    else if (!datagram || datagram.number === 0) emitContent(d, { at, end }, server, out);
  },
});

function emitContent(d: Dissection, { at, end }: Content, server: boolean, out: FieldSink): void {
  if (at >= end) return;
  if (isBinary(d.bytes, at)) emitBinary(new Cursor(d, out, at, end), d);
  else
    for (const found of textLines(d.bytes, { at, end }))
      if (server) emitAnswer(d, found, out);
      else emitCommand(d, found, out);
}

function emitBinary(c: Cursor, d: Dissection): void {
  const command = opcodeText(d.bytes, c.at);
  const response = c.u8(F.magic) === RESPONSE;
  const opcode = c.u8(F.opcode);
  const keyLength = c.u16(F.keyLength);
  const extrasLength = c.u8(F.extrasLength);
  c.u8(F.dataType);
  if (response) emitStatus(c, command);
  else c.u16(F.reserved);
  const value = Math.max(0, c.peek(4) - extrasLength - keyLength);
  c.out.value(F.valueLength, c.at, 0, value, { generated: true });
  c.u32(F.bodyLength);
  c.u32(F.opaque);
  c.u64(F.cas);
  if (extrasLength > 0)
    c.under(F.extras, extrasLength, null, () =>
      emitExtras(new Cursor(d, c.out, c.at, c.at + extrasLength), opcode, response),
    );
  if (keyLength > 0) c.text(F.key, keyLength);
  if (value <= 0) return;
  if (response && COUNTING.has(opcode) && value === 8) c.u64(F.counted);
  else c.text(F.value, value);
}

function emitStatus(c: Cursor, command: string): void {
  const status = c.peek(2);
  c.under(F.status, 2, status, () => {
    if (status !== 0)
      note(c.out, 'note', 'Response', `${command}: ${STATUSES[status] ?? `Unknown status: ${status}`}`, c.at);
  });
}

function emitExtras(c: Cursor, opcode: number, response: boolean): void {
  if (response ? GETTING.has(opcode) : STORING.has(opcode)) c.u32(F.extrasFlags);
  if (!response && COUNTING.has(opcode)) {
    c.u64(F.delta);
    c.u64(F.initial);
  }
  if (!response && (STORING.has(opcode) || COUNTING.has(opcode) || FLUSHING.has(opcode))) c.u32(F.extrasExpiration);
  if (c.left > 0) c.data(F.extrasUnknown);
}

type Word = TextLine['words'][number];
const number = (out: FieldSink, field: typeof F.flags, word: Word | undefined) => {
  if (!word || !/^\d{1,19}$/.test(word.text)) return;
  const value = BigInt(word.text);
  out.value(field, word.at, word.text.length, field.type === 'uint64' ? value : Number(value));
};
const text = (out: FieldSink, field: typeof F.key, word: Word | undefined) => {
  if (word) out.value(field, word.at, word.text.length, word.text);
};
function block(d: Dissection, { body, size }: TextLine, out: FieldSink): void {
  if (size !== undefined) out.value(F.value, body, size, decodeUtf8(d.bytes.subarray(body, body + size)));
}

function emitAnswer(d: Dissection, found: TextLine, out: FieldSink): void {
  const { at, words, text: line } = found;
  const [head, first, second, third, fourth] = words;
  switch (head?.text) {
    case 'VALUE':
      text(out, F.key, first);
      number(out, F.flags, second);
      number(out, F.valueLength, third);
      number(out, F.cas, fourth);
      block(d, found, out);
      break;
    case 'STAT':
      text(out, F.command, head);
      text(out, F.statName, first);
      if (second) out.value(F.statValue, second.at, at + line.length - second.at, line.slice(second.at - at));
      break;
    case 'VERSION':
      text(out, F.version, first);
      break;
    case 'END':
    case undefined:
      break;
    default:
      out.value(F.response, at, line.length, line);
  }
}

function emitCommand(d: Dissection, found: TextLine, out: FieldSink): void {
  const [command, ...rest] = found.words;
  const noreply = rest.at(-1)?.text === 'noreply' ? rest.pop() : undefined;
  const [first, second, third, fourth, fifth] = rest;
  text(out, F.command, command);
  switch (command?.text) {
    case 'get':
    case 'gets':
      for (const key of rest) text(out, F.key, key);
      break;
    case 'gat':
    case 'gats':
      number(out, F.expiration, first);
      for (const key of rest.slice(1)) text(out, F.key, key);
      break;
    case 'set':
    case 'add':
    case 'replace':
    case 'append':
    case 'prepend':
    case 'cas':
      text(out, F.key, first);
      number(out, F.flags, second);
      number(out, F.expiration, third);
      number(out, F.valueLength, fourth);
      number(out, F.cas, fifth);
      break;
    case 'touch':
      text(out, F.key, first);
      number(out, F.expiration, second);
      break;
    case 'incr':
    case 'decr':
      text(out, F.key, first);
      text(out, F.value, second);
      break;
    case 'delete':
      text(out, F.key, first);
      break;
    case 'flush_all':
      number(out, F.expiration, first);
      break;
    case 'stats':
      text(out, F.subcommand, first);
      break;
  }
  text(out, F.noreply, noreply);
  block(d, found, out);
}
