/** The tree of an HTTP/2 frame, in Wireshark's order and words. */
import { Cursor } from '../../cursor.ts';
import type { Dissection, FieldSink, Layer } from '../../dissection.ts';
import type { Field, FieldValue } from '../../field.ts';
import { note } from '../../notes.ts';
import { reasonOf } from '../http-reasons.ts';
import { type Http2Facts, PREFACE, startLine } from '../http2.ts';
import { F, HEADER_FIELDS, SETTING_FIELDS, settingName, TYPES } from './fields.ts';
import type { HeaderBlock, HeaderField, Representation } from './hpack.ts';

const MADE = { generated: true };

const FLAGS: Readonly<Record<number, readonly Field[]>> = {
  0: [F.unusedData, F.padded, F.endStream],
  1: [F.unusedHeaders, F.priority, F.padded, F.endHeaders, F.endStream],
  4: [F.unusedSettings, F.ackSettings],
  5: [F.unusedPush, F.padded, F.endHeaders],
  6: [F.unusedPing, F.ackPing],
  9: [F.unusedContinuation, F.padded, F.endHeaders],
};
/** The high bits first. */
const NAMED = [F.priority, F.padded, F.endHeaders, F.endStream, F.ackSettings, F.ackPing];

export function emitFrame(d: Dissection, layer: Layer, facts: Http2Facts, out: FieldSink): void {
  const c = Cursor.of(d, layer, out);
  if (facts.magic) {
    c.under(F.stream, PREFACE.length, null, () => c.text(F.magic, PREFACE.length), { label: 'Stream: Magic' });
    return;
  }
  const { type, stream, length, headers, partial } = facts;
  const start = headers ? startLine(headers) : '';
  const about = start ? `, ${start}` : partial ? ' (partial entity body)' : '';
  const label = `Stream: ${TYPES[type] ?? 'UNKNOWN'}, Stream ID: ${stream}, Length ${length}${about}`;
  c.under(F.stream, c.left, null, () => inside(c, facts), { label });
}

function inside(c: Cursor, facts: Http2Facts): void {
  c.u24(F.length);
  c.u8(F.type);
  flags(c, facts);
  c.bits(4, F.reserved, F.streamId);
  c.skip(4);
  payload(c, facts);
}

function flags(c: Cursor, { type, flags: value }: Http2Facts): void {
  const fields = FLAGS[type] ?? [F.unused];
  const set = NAMED.filter((field) => fields.includes(field) && value & field.mask!);
  const words = ['', ...set.map(({ title }) => title)].join(', ');
  c.out.open(F.flags, c.at, 1, value, { label: `Flags: 0x${value.toString(16).padStart(2, '0')}${words}` });
  c.bits(1, ...fields);
  c.out.close();
  c.skip(1);
}

function payload(c: Cursor, facts: Http2Facts): void {
  const { out } = c;
  switch (facts.type) {
    case 0:
      data(c, facts);
      break;
    case 1:
      padLength(c, facts);
      if (facts.flags & 0x20) priority(c);
      headerBlock(c, facts, F.block, F.blockPadding);
      break;
    case 2:
      priority(c);
      break;
    case 3:
      c.u32(F.resetError);
      break;
    case 4:
      while (c.left >= 6) setting(c);
      break;
    case 5:
      padLength(c, facts);
      c.bits(4, F.pushReserved, F.pushStream);
      c.skip(4);
      headerBlock(c, facts, F.pushBlock, F.pushPadding);
      break;
    case 6:
      c.data(facts.flags & 1 ? F.pong : F.ping);
      break;
    case 7:
      c.bits(4, F.goawayReserved, F.goawayLast);
      c.skip(4);
      c.u32(F.goawayError);
      if (c.left > 0) c.data(F.goawayData);
      break;
    case 8:
      c.bits(4, F.windowReserved, F.windowIncrement);
      c.skip(4);
      break;
    case 9:
      out.value(F.padLength, c.at, 0, 0, MADE);
      headerBlock(c, facts, F.continuation, undefined);
      break;
    case 10: {
      const length = c.u16(F.originLength);
      if (length > 0) c.text(F.origin, length);
      if (c.left > 0) c.text(F.alternative);
      break;
    }
    case 12:
      while (c.left >= 2)
        c.under(F.originEntry, 2 + c.peek(2), null, () => c.text(F.originEntryText, c.u16(F.originEntryLength)));
      break;
    default:
      if (c.left > 0) c.data(F.unknown);
  }
}

function padLength(c: Cursor, { flags: value, padding }: Http2Facts): void {
  if (value & 8) c.u8(F.padding);
  c.out.value(F.padLength, c.at, 0, padding, MADE);
}

function priority(c: Cursor): void {
  c.bits(4, F.exclusive, F.dependency);
  c.skip(4);
  const weight = c.u8(F.weight);
  c.out.value(F.weightReal, c.at - 1, 1, weight + 1, MADE);
}

function setting(c: Cursor): void {
  const id = c.peek(2);
  const value = c.peek(4, 2);
  c.under(
    F.settings,
    6,
    null,
    () => {
      c.u16(F.settingId);
      c.u32(SETTING_FIELDS[id] ?? F.settingUnknown);
    },
    { label: `Settings - ${settingName(id)} : ${value}` },
  );
}

function data(c: Cursor, facts: Http2Facts): void {
  padLength(c, facts);
  const { content, padding, pieces, whole } = facts;
  const { out } = c;
  c.at = content.at;
  if (pieces && whole) {
    const list = pieces.map(({ number, length }) => `#${number}(${length})`).join(', ');
    const label = `${pieces.length} Body fragments (${whole.length} bytes): ${list}`;
    out.open(F.fragments, c.at, 0, null, { label, generated: true });
    let at = 0;
    for (const { number, length } of pieces) {
      const part = `Frame: ${number}, payload: ${at}-${at + length - 1} (${length} bytes)`;
      out.value(F.fragment, c.at, 0, number, { label: part, generated: true });
      at += length;
    }
    out.value(F.fragmentCount, c.at, 0, pieces.length, MADE);
    out.value(F.bodyLength, c.at, 0, whole.length, MADE);
    out.value(F.bodyData, c.at, 0, whole, MADE);
    out.close();
  }
  const length = content.end - c.at;
  if (whole) out.value(F.data, c.at, length, whole);
  else if (length > 0) c.data(F.data, length);
  c.at = content.end;
  if (padding > 0) c.data(F.dataPadding, padding);
}

function headerBlock(c: Cursor, facts: Http2Facts, field: Field, paddingField: Field | undefined): void {
  const { content, padding, headers, before = 0 } = facts;
  c.at = content.at;
  const start = c.at;
  const length = content.end - c.at;
  if (field.type === 'string') {
    let text = '';
    for (const byte of c.bytes.subarray(start, start + length)) {
      if (byte === 0) break;
      text += String.fromCharCode(byte);
    }
    c.out.value(field, start, length, text);
    c.skip(length);
  } else if (length > 0) c.data(field, length);
  if (headers) emitHeaders(c.out, headers, start, before);
  if (padding > 0 && paddingField) c.data(paddingField, padding);
}

/** Size of a field as Wireshark unpacks it: lengths, name, value. */
const unpackedSize = ({ name, value }: HeaderField) => 8 + name.length + value.length;

function emitHeaders(out: FieldSink, { fields, sizes, broken }: HeaderBlock, start: number, before: number): void {
  // Of a field that began in an earlier frame, the part in this one.
  const place = ({ at, length }: { at: number; length: number }): [number, number] => {
    const from = Math.max(0, at - before);
    return [start + from, Math.max(0, at + length - before - from)];
  };
  out.value(
    F.headerLength,
    start,
    0,
    fields.reduce((sum, field) => sum + unpackedSize(field), 0),
    MADE,
  );
  out.value(F.headerCount, start, 0, fields.length + sizes.length, MADE);
  for (const update of sizes) {
    out.open(F.sizeUpdate, ...place(update), null);
    out.value(F.tableSize, ...place(update), update.size);
    out.close();
  }
  for (const field of fields) emitHeader(out, field, ...place(field));
  const of = (name: string) => fields.find((field) => field.name === name)?.value;
  const [scheme, authority, path] = [of(':scheme'), of(':authority'), of(':path')];
  if (scheme !== undefined && authority !== undefined && path !== undefined)
    out.value(F.fullUri, start, 0, `${scheme}://${authority}${path}`, MADE);
  if (broken) note(out, 'error', 'Malformed', 'The header block cannot be decoded further', start);
}

const WORDS: Record<Representation, string> = {
  indexed: 'Indexed Header Field',
  incremental: 'Literal Header Field with Incremental Indexing',
  without: 'Literal Header Field without Indexing',
  never: 'Literal Header Field never Indexed',
};

function emitHeader(out: FieldSink, field: HeaderField, at: number, length: number): void {
  const { name, value, representation, index } = field;
  const more = name === ':status' ? ` ${reasonOf(Number(value))}` : '';
  out.open(F.header, at, length, null, { label: `Header: ${name}: ${value}${more}` });
  out.value(F.nameLength, at, length, name.length);
  out.value(F.name, at, length, name);
  out.value(F.valueLength, at, length, value.length);
  out.value(F.value, at, length, value);
  const own = HEADER_FIELDS.get(name);
  if (own) out.value(own, at, length, typed(own, value));
  const plain = unescaped(value);
  if (plain !== undefined) out.value(F.unescaped, at, length, plain, MADE);
  const how = representation === 'indexed' ? '' : index > 0 ? ' - Indexed Name' : ' - New Name';
  out.value(F.representation, at, length, `${WORDS[representation]}${how}`);
  if (index > 0) out.value(F.index, at, length, index);
  out.close();
}

/** What a header field's own field holds. */
export function typed({ type }: Field, value: string): FieldValue {
  if (type === 'string') return value;
  const number = /^\d{1,15}$/.test(value) ? Number(value) : 0;
  return type === 'uint64' ? BigInt(number) : number;
}

/** Without its percent signs; undefined when they mean nothing. */
function unescaped(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
