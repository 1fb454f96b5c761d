/** Cisco NetFlow version 5, version 9 (RFC 3954) and IPFIX (RFC 7011): records are decoded by the templates that came before them. */
import { u16, u32 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import { ELEMENTS, SCOPES } from '../names/ipfix.ts';
import { note } from '../notes.ts';
import { ipv4Text } from '../text.ts';
import { ELEMENT_FIELDS, emitRecord, SCOPE_FIELDS, TCP_FLAGS_8, TCP_FLAGS_16, V } from './netflow-fields.ts';
import { parseTemplates, type Template, type TemplateField, Templates, VARIABLE } from './netflow-templates.ts';
import { udpFacts } from './udp.ts';

const V5_HEADER = 24;
const V5_RECORD = 48;
const V9_HEADER = 20;
const IPFIX_HEADER = 16;
const SET_HEADER = 4;

const ENGINES = { 0: 'RP', 1: 'VIP/Linecard', 2: 'PFC/DFC' };
const MODES = {
  0: 'No sampling mode configured',
  1: 'Packet Interval sampling mode configured',
  2: 'Random sampling mode configured',
};
const SETS: Record<number, string> = {
  0: 'Data Template (V9)',
  1: 'Options Template(V9)',
  2: 'Data Template (V10 [IPFIX])',
  3: 'Options Template (V10 [IPFIX])',
};
const NO: readonly [string, string] = ['Yes', 'No'];
const elementName = (id: number) => ELEMENTS[id]?.[0];

const F = {
  version: f.u16('cflow.version', 'Version'),
  count: f.u16('cflow.count', 'Count'),
  length: f.u16('cflow.len', 'Length'),
  uptime: f.span('cflow.sysuptime', 'SysUptime'),
  timestamp: f.time('cflow.timestamp', 'Timestamp'),
  seconds: f.u32('cflow.unix_secs', 'CurrentSecs'),
  nanoseconds: f.u32('cflow.unix_nsecs', 'CurrentNSecs'),
  exportTime: f.u32('cflow.exporttime', 'ExportTime'),
  sequence: f.u32('cflow.sequence', 'FlowSequence'),
  source: f.u32('cflow.source_id', 'SourceId'),
  domain: f.u32('cflow.od_id', 'Observation Domain Id'),
  engineType: f.u8('cflow.engine_type', 'EngineType', { names: ENGINES }),
  engineId: f.u8('cflow.engine_id', 'EngineId'),
  mode: f.u16('cflow.samplingmode', 'SamplingMode', { mask: 0xc000, bits: 16, names: MODES }),
  rate: f.u16('cflow.samplerate', 'SampleRate', { mask: 0x3fff, bits: 16 }),
  padding: f.bytes('cflow.padding', 'Padding'),
  setId: f.u16('cflow.flowset_id', 'FlowSet Id', { names: (id) => SETS[id] ?? '(Data)' }),
  setLength: f.u16('cflow.flowset_length', 'FlowSet Length'),
  templateFrame: f.u32('cflow.template_frame', 'Template Frame'),
  templateId: f.u16('cflow.template_id', 'Template Id'),
  fieldCount: f.u16('cflow.template_field_count', 'Field Count'),
  type: f.u16('cflow.template_field_type', 'Type', { names: elementName }),
  scopeType: f.u16('cflow.scope_field_type', 'Scope Type', { names: (id) => SCOPES[id]?.[0] }),
  fieldLength: f.u16('cflow.template_field_length', 'Length'),
  scopeLength: f.u16('cflow.option_scope_length', 'Option Scope Length'),
  optionLength: f.u16('cflow.option_length', 'Option Length'),
  totalFields: f.u16('cflow.template_ipfix_total_field_count', 'Total Field Count'),
  scopeFields: f.u16('cflow.template_ipfix_scope_field_count', 'Scope Field Count'),
  penProvided: {
    ...f.flag('cflow.template_ipfix_pen_provided', 'Pen provided', { mask: 0x8000, truth: NO }),
    bits: 16,
  },
  ipfixType: f.u16('cflow.template_ipfix_field_type', 'Type', { mask: 0x7fff, bits: 16, names: elementName }),
  ownType: f.u16('cflow.template_ipfix_field_type_enterprise', 'Type', { mask: 0x7fff, bits: 16 }),
  pen: f.u32('cflow.template_ipfix_field_pen', 'PEN'),
  expected: f.u32('cflow.sequence_analysis.expected_sn', 'Expected Sequence Number'),
  previous: f.u32('cflow.sequence_analysis.previous_frame', 'Previous Frame in Sequence'),
};
const five = (id: number) => ELEMENT_FIELDS[id]!;

interface Facts {
  /** By set, in order; the template that its data need. */
  templates: (Template | undefined)[];
  due: { sequence: number; number: number } | undefined;
}

interface FlowSet {
  id: number;
  at: number;
  end: number;
}

const versionOf = (d: Dissection, layer: Layer) => u16(d.bytes, layer.start);
const domainOf = (d: Dissection, layer: Layer) => u32(d.bytes, layer.start + (versionOf(d, layer) === 9 ? 16 : 12));

function setsOf(d: Dissection, layer: Layer): FlowSet[] {
  const end = d.capturedEnd(layer);
  const sets: FlowSet[] = [];
  const header = versionOf(d, layer) === 9 ? V9_HEADER : IPFIX_HEADER;
  for (let at = layer.start + header; at + SET_HEADER <= end; ) {
    const length = u16(d.bytes, at + 2);
    if (length < SET_HEADER) break;
    sets.push({ id: u16(d.bytes, at), at, end: Math.min(end, at + length) });
    at += length;
  }
  return sets;
}

const isTemplates = (id: number) => id < 4;
const isOptions = (id: number) => id === 1 || id === 3;

/** Records that a set of data holds by its template. */
function countRecords({ bytes }: Dissection, { at, end }: FlowSet, template: Template): number {
  let from = at + SET_HEADER;
  if (!template.fields.some(({ length }) => length === VARIABLE))
    return template.least === 0 ? 0 : Math.floor((end - from) / template.least);
  let count = 0;
  while (from + template.least <= end && template.least > 0) {
    for (const { length } of template.fields) {
      if (length !== VARIABLE) from += length;
      else if (bytes[from] === 255) from += 3 + u16(bytes, from + 1);
      else from += 1 + (bytes[from] ?? 0);
    }
    if (from > end) break;
    count++;
  }
  return count;
}

function track(d: Dissection, layer: Layer): Facts | undefined {
  const conversation = layer.below && udpFacts(layer.below)?.conversation;
  const { context, bytes } = d;
  if (!context || !conversation || d.quoting) return undefined;
  const known = Templates.of(conversation);
  const version = versionOf(d, layer);
  if (version === 5) {
    const count = u16(bytes, layer.start + 2);
    return { templates: [], due: known.sequence(context, -1, u32(bytes, layer.start + 16), count) };
  }
  const domain = domainOf(d, layer);
  let records = 0;
  const templates = setsOf(d, layer).map((set) => {
    if (isTemplates(set.id))
      for (const parsed of parseTemplates(bytes, set.at + SET_HEADER, set.end, version === 10, isOptions(set.id)))
        known.learn(context, domain, parsed);
    const template = isTemplates(set.id) ? undefined : known.find(domain, set.id);
    if (template) records += countRecords(d, set, template);
    return template;
  });
  const sequence = u32(bytes, layer.start + (version === 9 ? 12 : 8));
  return { templates, due: known.sequence(context, domain, sequence, version === 9 ? 1 : records) };
}

function setsInfo(d: Dissection, layer: Layer): string {
  const ipfix = versionOf(d, layer) === 10;
  return setsOf(d, layer)
    .map((set) => {
      if (!isTemplates(set.id)) return ` [Data:${set.id}]`;
      const ids = [...parseTemplates(d.bytes, set.at + SET_HEADER, set.end, ipfix, isOptions(set.id))];
      return ` [${isOptions(set.id) ? 'Options' : 'Data'}-Template:${ids.map(({ id }) => id).join(',')}]`;
    })
    .join('');
}

export const netflow: Protocol = protocol({
  name: 'cflow',
  column: 'CFLOW',
  title: 'Cisco NetFlow/IPFIX',
  tint: 'udp',
  minLength: IPFIX_HEADER,
  binds: { 'udp.port': [2055, 4739, 9996] },
  fields: {
    ...F,
    ...V,
    ...ELEMENT_FIELDS,
    ...Object.fromEntries(Object.entries(SCOPE_FIELDS).map(([id, field]) => [`scope ${id}`, field])),
    ...Object.fromEntries([...TCP_FLAGS_8, ...TCP_FLAGS_16].map((field, i) => [`flag ${i}`, field])),
  },
  walk(d, layer) {
    const version = versionOf(d, layer);
    if (version === 10)
      layer.end = Math.min(layer.end, layer.start + Math.max(IPFIX_HEADER, u16(d.bytes, layer.start + 2)));
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    if (version === 5 || version === 9 || version === 10) layer.facts = track(d, layer);
    return undefined;
  },
  info(d, layer) {
    const version = versionOf(d, layer);
    const count = u16(d.bytes, layer.start + 2);
    const domain = ` Obs-Domain-ID=${String(domainOf(d, layer)).padStart(5)}`;
    if (version === 10) return `IPFIX flow (${String(count).padStart(4)} bytes)${domain}${setsInfo(d, layer)}`;
    const what = `${version === 9 ? 'record' : 'flow'}${count === 1 ? '' : 's'}`;
    return `total: ${count} (v${version}) ${what}${version === 9 ? domain + setsInfo(d, layer) : ''}`;
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    const version = c.u16(F.version);
    const facts = layer.facts as Facts | undefined;
    if (version === 5) version5(d, c, facts, out);
    else if (version === 9 || version === 10) {
      header(c, version, facts);
      for (const [i, set] of setsOf(d, layer).entries()) emitSet(d, set, i, version, facts, out);
    } else return;
    if (!facts?.due) return;
    out.value(F.expected, layer.start, 0, facts.due.sequence, { generated: true });
    out.value(F.previous, layer.start, 0, facts.due.number, { generated: true });
  },
});

function uptime(c: Cursor): void {
  c.out.value(F.uptime, c.at, 4, BigInt(c.peek(4)) * 1_000_000n);
  c.skip(4);
}

/** @param domain that the number counts for; version 5 has none */
function sequence(c: Cursor, facts: Facts | undefined, domain?: number): void {
  const got = c.u32(F.sequence, facts?.due && { suffix: ` (expected ${facts.due.sequence})` });
  if (!facts?.due) return;
  const of = domain === undefined ? '' : ` for domain ID ${domain}`;
  note(
    c.out,
    'warn',
    'Sequence',
    `Unexpected flow sequence${of} (expected ${facts.due.sequence}, got ${got})`,
    c.at - 4,
  );
}

function header(c: Cursor, version: number, facts: Facts | undefined): void {
  if (version === 9) {
    c.u16(F.count);
    uptime(c);
  } else c.u16(F.length);
  c.under(F.timestamp, 4, BigInt(c.peek(4)) * 1_000_000_000n, () => {
    c.u32(version === 9 ? F.seconds : F.exportTime);
  });
  sequence(c, facts, c.peek(4, 4));
  c.u32(version === 9 ? F.source : F.domain);
}

function version5(d: Dissection, c: Cursor, facts: Facts | undefined, out: FieldSink): void {
  const count = c.u16(F.count);
  uptime(c);
  const seconds = BigInt(c.peek(4));
  const ns = BigInt(c.peek(4, 4));
  if (c.left < V5_HEADER - 8) return;
  c.under(F.timestamp, 8, seconds * 1_000_000_000n + ns, () => {
    c.u32(F.seconds);
    c.u32(F.nanoseconds);
  });
  sequence(c, facts);
  c.u8(F.engineType);
  c.u8(F.engineId);
  c.bits(2, F.mode, F.rate);
  c.skip(2);
  if (count === 0) note(out, 'warn', 'Malformed', 'FlowSets impossible - PDU Count is 0', c.at);
  for (let i = 1; i <= count && c.left >= V5_RECORD; i++)
    c.group(`pdu ${i}/${count}`, V5_RECORD, () => record5(new Cursor(d, out, c.at, c.at + V5_RECORD)));
}

function record5(c: Cursor): void {
  const source = c.at;
  for (const id of [8, 12, 15]) c.item(five(id), 4);
  c.u16(five(10));
  c.u16(five(14));
  for (const id of [2, 1]) {
    c.out.value(five(id), c.at, 4, BigInt(c.peek(4)));
    c.skip(4);
  }
  const start = BigInt(c.peek(4)) * 1_000_000n;
  const end = BigInt(c.peek(4, 4)) * 1_000_000n;
  c.under(V.duration, 8, end - start, () => {
    c.out.value(V.start, c.at, 4, start);
    c.out.value(V.end, c.at + 4, 4, end);
  });
  c.u16(five(7));
  c.u16(five(11));
  c.data(F.padding, 1);
  c.u8(V.flags8);
  c.u8(five(4));
  c.u8(five(5));
  c.u16(five(16));
  c.u16(five(17));
  for (const [i, id] of [9, 13].entries()) c.u8(five(id), { suffix: prefix(c.bytes, source + 4 * i, c.peek(1)) });
  c.data(F.padding, 2);
}

/** " (prefix: 10.1.0.0/24)". */
function prefix(bytes: Uint8Array, at: number, bits: number): string {
  if (bits > 32) return '';
  const value = bits === 0 ? 0 : u32(bytes, at) & (-1 << (32 - bits));
  const parts = Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
  return ` (prefix: ${ipv4Text(parts, 0)}/${bits})`;
}

function emitSet(
  d: Dissection,
  set: FlowSet,
  index: number,
  version: number,
  facts: Facts | undefined,
  out: FieldSink,
) {
  const c = new Cursor(d, out, set.at, set.end);
  const word = version === 9 ? 'FlowSet' : 'Set';
  c.group(`${word} ${index + 1} [id=${set.id}]`, set.end - set.at, () => {
    c.u16(F.setId);
    c.u16(F.setLength);
    if (isTemplates(set.id)) emitTemplates(d, c, version, isOptions(set.id));
    else emitData(d, c, facts?.templates[index]);
  });
}

function emitData(d: Dissection, c: Cursor, template: Template | undefined): void {
  if (!template) {
    const text = `Data (${c.left} bytes), no template found`;
    c.group(text, c.left, () => note(c.out, 'warn', 'Malformed', text, c.at));
    return;
  }
  c.out.value(F.templateFrame, c.at, 0, template.number, { generated: true });
  for (let i = 1; c.left >= template.least && template.least > 0; i++) if (!emitRecord(d, c, template.fields, i)) break;
  if (c.left > 0) c.data(F.padding);
}

function emitTemplates(d: Dissection, c: Cursor, version: number, options: boolean): void {
  for (const { id, fields, scopes, at, end } of [...parseTemplates(c.bytes, c.at, c.end, version === 10, options)]) {
    const inner = new Cursor(d, c.out, at, end);
    const label = options
      ? `Options Template (Id = ${id}) (Scope Count = ${scopes}; Data Count = ${fields.length - scopes})`
      : `Template (Id = ${id}, Count = ${fields.length})`;
    inner.group(label, end - at, () => {
      inner.u16(F.templateId);
      if (!options) inner.u16(F.fieldCount);
      else {
        inner.u16(version === 10 ? F.totalFields : F.scopeLength);
        if (inner.left >= 2) inner.u16(version === 10 ? F.scopeFields : F.optionLength);
      }
      for (const [i, field] of fields.entries()) templateField(inner, field, i, scopes, fields.length);
    });
    c.at = end;
  }
  if (c.left > 0) c.data(F.padding);
}

function templateField(c: Cursor, field: TemplateField, index: number, scopes: number, all: number): void {
  const { type, ipfix, scope, enterprise, length } = field;
  const names = scope && !ipfix ? SCOPES : ELEMENTS;
  const name = enterprise === undefined ? (names[type]?.[0] ?? 'Unknown') : `${type} [pen: ${enterprise}]`;
  const place = scope ? `${index + 1}/${scopes}) [Scope]` : `${index + 1 - scopes}/${all - scopes})`;
  c.group(`Field (${place}: ${name}`, enterprise === undefined ? 4 : 8, () => {
    if (ipfix) {
      c.bits(2, F.penProvided, enterprise === undefined ? F.ipfixType : F.ownType);
      c.skip(2);
    } else c.u16(scope ? F.scopeType : F.type);
    c.u16(F.fieldLength, length === VARIABLE && ipfix ? { suffix: ' [i.e.: "Variable Length"]' } : undefined);
    if (enterprise !== undefined) c.u32(F.pen);
  });
}
