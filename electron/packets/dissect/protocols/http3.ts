/**
 * Hypertext Transfer Protocol 3 (RFC 9114) over QUIC's streams, where the packets could be opened. A layer is what one STREAM frame completes: the type
 * that a stream begins with, frames, QPACK's instructions. Bodies go on to what their media type says, unpacked, when their stream ends.
 */
import { Cursor } from '../cursor.ts';
import { protocol } from '../define.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import { GROUP } from '../field.ts';
import { note } from '../notes.ts';
import { inflate } from '../platform.ts';
import { source } from '../tcp-payload.ts';
import { bodyProtocol } from './http-body.ts';
import { reasonOf } from './http-reasons.ts';
import { typed } from './http2/emit.ts';
import {
  DATA,
  F,
  FRAME_NAMES,
  HEADER_FIELDS,
  isReserved,
  PRIORITY_UPDATE,
  PRIORITY_UPDATE_PUSH,
  PUSH_PROMISE,
  SETTING_FIELDS,
  SETTING_NAMES,
  SETTINGS,
  STREAM_NAMES,
} from './http3/fields.ts';
import type { FieldSection, QpackField } from './http3/qpack.ts';
import { type Element, type Http3Facts, settings, takeStream } from './http3/stream.ts';
import { bindStreams } from './quic/streams.ts';
import { showVarint } from './quic/varint.ts';
import { quicInfo, quicUnit } from './quic.ts';

const factsOf = (layer: Layer) => layer.facts as Http3Facts | undefined;

export const http3: Protocol = protocol({
  name: 'http3',
  column: 'HTTP3',
  title: 'Hypertext Transfer Protocol Version 3',
  tint: 'http',
  fields: {
    ...F,
    ...Object.fromEntries(Object.entries(SETTING_FIELDS).map(([id, field]) => [`setting${id}`, field])),
    ...Object.fromEntries([...HEADER_FIELDS].map(([name, field]) => [`header ${name}`, field])),
  },

  walk(d, layer) {
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    const unit = quicUnit(layer);
    if (!unit) return undefined;
    const facts = unit.facts as Http3Facts;
    layer.facts = facts;
    const { body } = facts;
    const next = body && bodyProtocol(body.contentType);
    if (!body || body.at >= body.end) return undefined;
    let { source: from, at, end } = body;
    if (body.encoding !== undefined && body.encoding !== 'identity') {
      const unpacked = inflate(body.encoding, from.bytes.subarray(at, end));
      if (!unpacked) return undefined;
      from = source(d, layer.start, unpacked, 'Uncompressed entity body');
      [at, end] = [from.prefix, from.bytes.length];
    }
    if (!next) return undefined;
    d.followIn(from, at, end);
    return next;
  },

  /** QUIC's, with the frames behind the streams that brought them. */
  info: (d, layer) => (layer.below ? quicInfo(d, layer.below) : ''),

  emit(d, layer, out) {
    for (const element of factsOf(layer)?.elements ?? []) emitElement(d, element, out);
  },
});

/** What the Info column says of a layer: "SETTINGS", "HEADERS: GET /path, DATA". */
export function http3Info({ elements }: Http3Facts): string[] {
  return elements.flatMap(({ kind, type, section }) => {
    const name = kind === 'frame' ? FRAME_NAMES[type] : undefined;
    if (name === undefined) return [];
    const start = section ? startLine(section) : '';
    return [start ? `${name}: ${start}` : name];
  });
}

/** "GET /path", "200 OK". */
function startLine({ fields }: FieldSection): string {
  const of = (name: string) => fields.find((field) => field.name === name)?.value;
  const status = of(':status');
  if (status !== undefined) return `${status} ${reasonOf(Number(status))}`;
  const method = of(':method');
  return method === undefined ? '' : `${method} ${of(':path') ?? of(':authority') ?? ''}`.trimEnd();
}

const hex16 = (value: number) => `0x${value.toString(16).padStart(16, '0')}`;

function emitElement(d: Dissection, element: Element, out: FieldSink): void {
  const { kind, at, end, type } = element;
  const size = end - at;
  if (kind === 'type') {
    const name = STREAM_NAMES[type] ?? (isReserved(type) ? 'Reserved' : 'Unknown');
    const label = isReserved(type)
      ? `Stream Type: ${name} (0x${type.toString(16)})`
      : `Stream Type: ${name} (${hex16(type)})`;
    out.open(F.streamType, at, size, BigInt(type), { label });
    if (name === 'Unknown') note(out, 'warn', 'Undecoded', 'An unknown stream type was encountered', at);
    out.close();
  } else if (kind === 'push') out.value(F.pushId, at, size, BigInt(type));
  else if (kind === 'frame') emitFrame(d, element, out);
  else if (kind === 'more') out.item(F.data, at, size, { label: `Data (continued, ${size} bytes)` });
  else
    out.value(GROUP, at, size, null, {
      label: `${kind === 'encoder' ? 'QPACK encoder instructions' : kind === 'decoder' ? 'QPACK decoder instructions' : 'Data of the stream'} (${size} byte${size === 1 ? '' : 's'})`,
    });
}

function emitFrame(d: Dissection, element: Element, out: FieldSink): void {
  const { at, end, type, lengthAt, payload, length, section } = element;
  const label = isReserved(type)
    ? `Type: Reserved (0x${type.toString(16)})`
    : `Type: ${FRAME_NAMES[type] ?? 'Unknown'} (${hex16(type)})`;
  out.value(F.type, at, lengthAt - at, BigInt(type), { label });
  out.value(F.length, lengthAt, payload - lengthAt, BigInt(length));
  if (end <= payload) return;
  out.item(F.payload, payload, end - payload);
  const c = new Cursor(d, out, payload, end);
  if (type === DATA) out.item(F.data, payload, end - payload);
  else if (type === SETTINGS) for (const found of settings(d.bytes, payload, end)) setting(found, out);
  else if (type === PRIORITY_UPDATE || type === PRIORITY_UPDATE_PUSH) {
    showVarint(c, F.priorityId);
    c.text(F.priority);
  } else if (type === PUSH_PROMISE) showVarint(c, F.pushId);
  if (section) emitSection(section, c.at, end, out);
}

function setting(found: ReturnType<typeof settings> extends Iterable<infer One> ? One : never, out: FieldSink): void {
  const { at, idLength, id, valueLength, value } = found;
  const name = SETTING_NAMES[id] ?? (isReserved(id) ? 'GREASE' : 'Unknown');
  const shown = SETTING_FIELDS[id] ? `: ${value}` : '';
  out.open(F.settings, at, idLength + valueLength, null, { label: `Settings - ${name}${shown}` });
  const label = `Settings Identifier: ${name} (${hex16(id)})`;
  out.value(F.settingId, at, idLength, BigInt(id), { label });
  out.value(F.settingValue, at + idLength, valueLength, BigInt(value));
  const own = SETTING_FIELDS[id];
  if (own) out.value(own, at + idLength, valueLength, BigInt(value));
  out.close();
}

function emitSection({ fields, broken, blocked }: FieldSection, at: number, end: number, out: FieldSink): void {
  out.value(F.headerCount, at, 0, fields.length, { generated: true });
  for (const field of fields) emitHeader(field, at, out);
  if (blocked)
    note(
      out,
      'warn',
      'Undecoded',
      `The fields refer to entry ${blocked.needs} of the dynamic table, and only ${blocked.has} have come`,
      at,
    );
  if (broken) note(out, 'error', 'Malformed', 'The fields cannot be decoded further', Math.min(at, end));
}

function emitHeader({ name, value, at, length }: QpackField, start: number, out: FieldSink): void {
  const place = start + at;
  const more = name === ':status' ? ` ${reasonOf(Number(value))}` : '';
  out.open(F.header, place, length, null, { label: `Header: ${name}: ${value}${more}` });
  out.value(F.headerLength, place, length, name.length + value.length, { generated: true });
  out.value(F.nameLength, place, length, name.length);
  out.value(F.name, place, length, name);
  out.value(F.valueLength, place, length, value.length);
  out.value(F.value, place, length, value);
  const own = HEADER_FIELDS.get(name);
  if (own) out.value(own, place, length, typed(own, value));
  out.close();
}

bindStreams(['h3', 'h3-29', 'h3-30', 'h3-31', 'h3-32'], {
  protocol: http3,
  take: takeStream,
  info: (facts) => http3Info(facts as Http3Facts),
});
