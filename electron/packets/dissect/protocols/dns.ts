/** Domain Name System over UDP (RFC 1035, RFC 6891 for OPT). */

import { own } from '../../state/conversations.ts';
import { type Answered, RequestTable } from '../../state/requests.ts';
import { u16 } from '../bytes.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import { type Field, GROUP } from '../field.ts';
import { DNS_CLASSES, DNS_OPCODES, DNS_RCODES, dnsClassText, dnsLongName, dnsTypeText } from '../names/dns.ts';
import { PDU_MORE } from '../tcp-payload.ts';
import { hex } from '../text.ts';
import { DNS_HEADER, type DnsRecord, isWhole, type Question, readMessage } from './dns-message.ts';
import { DNS_RECORD_FIELDS, emitRecordData, recordInfo, recordLabel } from './dns-records.ts';
import { durationText } from './dns-text.ts';
import { tcpFacts } from './tcp-facts.ts';
import { udpFacts } from './udp.ts';

const ID = 0;
const FLAGS = 2;
const COUNTS = 4;
const RESPONSE = 0x8000;
const SRV = 33;
const OPT = 41;

const bit = (name: string, title: string, mask: number, truth: readonly [string, string]): Field => ({
  name: `dns.flags.${name}`,
  title,
  type: 'boolean',
  mask,
  bits: 16,
  truth,
});
const bit16 = (name: string, title: string, mask: number): Field => ({
  name,
  title,
  type: 'boolean',
  mask,
  bits: 16,
  truth: ['True', 'False'],
});

const F = {
  id: { name: 'dns.id', title: 'Transaction ID', type: 'uint16', base: 'hex' },
  flags: { name: 'dns.flags', title: 'Flags', type: 'uint16', base: 'hex' },
  response: bit('response', 'Response', RESPONSE, ['Message is a response', 'Message is a query']),
  opcode: {
    name: 'dns.flags.opcode',
    title: 'Opcode',
    type: 'uint16',
    mask: 0x7800,
    bits: 16,
    names: DNS_OPCODES,
  },
  authoritative: bit('authoritative', 'Authoritative', 0x0400, [
    'Server is an authority for domain',
    'Server is not an authority for domain',
  ]),
  truncated: bit('truncated', 'Truncated', 0x0200, ['Message is truncated', 'Message is not truncated']),
  desired: bit('recdesired', 'Recursion desired', 0x0100, ['Do query recursively', "Don't do query recursively"]),
  available: bit('recavail', 'Recursion available', 0x0080, [
    'Server can do recursive queries',
    "Server can't do recursive queries",
  ]),
  z: bit('z', 'Z', 0x0040, ['reserved - incorrect!', 'reserved (0)']),
  authenticated: bit('authenticated', 'Answer authenticated', 0x0020, [
    'Answer/authority portion was authenticated by the server',
    'Answer/authority portion was not authenticated by the server',
  ]),
  adBit: bit('authenticated', 'AD bit', 0x0020, ['Set', 'Not set']),
  unchecked: bit('checkdisable', 'Non-authenticated data', 0x0010, ['Acceptable', 'Unacceptable']),
  rcode: { name: 'dns.flags.rcode', title: 'Reply code', type: 'uint16', mask: 0x000f, bits: 16, names: DNS_RCODES },
  messageLength: { name: 'dns.length', title: 'Length', type: 'uint16' },
  requestIn: { name: 'dns.response_to', title: 'Request In', type: 'uint32' },
  time: { name: 'dns.time', title: 'Time', type: 'relative-time' },
  unsolicited: { name: 'dns.unsolicited', title: 'Unsolicited', type: 'boolean' },
  retransmission: { name: 'dns.retransmission', title: 'Retransmission', type: 'boolean' },
  retransmissionIn: {
    name: 'dns.retransmit_request_in',
    title: 'Retransmitted request. Original request in',
    type: 'uint32',
  },
  queries: { name: 'dns.count.queries', title: 'Questions', type: 'uint16' },
  answers: { name: 'dns.count.answers', title: 'Answer RRs', type: 'uint16' },
  authorities: { name: 'dns.count.auth_rr', title: 'Authority RRs', type: 'uint16' },
  additional: { name: 'dns.count.add_rr', title: 'Additional RRs', type: 'uint16' },
  zones: { name: 'dns.count.zones', title: 'Zones', type: 'uint16' },
  prerequisites: { name: 'dns.count.prerequisites', title: 'Prerequisites', type: 'uint16' },
  updates: { name: 'dns.count.updates', title: 'Updates', type: 'uint16' },
  qryName: { name: 'dns.qry.name', title: 'Name', type: 'string' },
  qryNameLength: { name: 'dns.qry.name.len', title: 'Name Length', type: 'uint16' },
  qryLabels: { name: 'dns.count.labels', title: 'Label Count', type: 'uint16' },
  qryType: { name: 'dns.qry.type', title: 'Type', type: 'uint16', names: dnsLongName },
  qryClass: { name: 'dns.qry.class', title: 'Class', type: 'uint16', base: 'hex', names: DNS_CLASSES },
  unicast: bit16('dns.qry.qu', '"QU" question', 0x8000),
  flush: bit16('dns.resp.cache_flush', 'Cache flush', 0x8000),
  conflict: bit16('dns.flags.conflict', 'Conflict', 0x0400),
  tentative: bit16('dns.flags.tentative', 'Tentative', 0x0100),
  respName: { name: 'dns.resp.name', title: 'Name', type: 'string' },
  srvService: { name: 'dns.srv.service', title: 'Service', type: 'string' },
  srvProtocol: { name: 'dns.srv.proto', title: 'Protocol', type: 'string' },
  srvName: { name: 'dns.srv.name', title: 'Name', type: 'string' },
  respType: { name: 'dns.resp.type', title: 'Type', type: 'uint16', names: dnsLongName },
  respClass: { name: 'dns.resp.class', title: 'Class', type: 'uint16', base: 'hex', names: DNS_CLASSES },
  ttl: { name: 'dns.resp.ttl', title: 'Time to live', type: 'uint32' },
  length: { name: 'dns.resp.len', title: 'Data length', type: 'uint16' },
  payloadSize: { name: 'dns.rr.udp_payload_size', title: 'UDP payload size', type: 'uint16' },
  localPayloadSize: {
    name: 'dns.rr.udp_payload_size',
    title: 'UDP payload size',
    type: 'uint16',
    base: 'hex',
    mask: 0x7fff,
    bits: 16,
  },
  extRcode: { name: 'dns.resp.ext_rcode', title: 'Higher bits in extended RCODE', type: 'uint8', base: 'hex' },
  edns: { name: 'dns.resp.edns0_version', title: 'EDNS0 version', type: 'uint8' },
  optZ: { name: 'dns.resp.z', title: 'Z', type: 'uint16', base: 'hex' },
  optDo: {
    name: 'dns.resp.z.do',
    title: 'DO bit',
    type: 'boolean',
    mask: 0x8000,
    bits: 16,
    truth: ['Accepts DNSSEC security RRs', 'Cannot handle DNSSEC security RRs'],
  },
  optReserved: {
    name: 'dns.resp.z.reserved',
    title: 'Reserved',
    type: 'uint16',
    base: 'hex',
    mask: 0x7fff,
    bits: 16,
  },
  ...DNS_RECORD_FIELDS,
} satisfies Record<string, Field>;

const flagsOf = (d: Dissection, layer: Layer) => u16(d.bytes, layer.start + FLAGS);
const SECTIONS = ['Queries', 'Answers', 'Authoritative nameservers', 'Additional records'];
/** What they are in an update (RFC 2136). */
const UPDATE_SECTIONS = ['Zone', 'Prerequisites', 'Updates', 'Additional records'];
const UPDATE = 5;

function opcodeText(flags: number): string {
  return DNS_OPCODES[(flags >> 11) & 15] ?? `Unknown operation (${(flags >> 11) & 15})`;
}
function rcodeText(flags: number): string {
  return DNS_RCODES[flags & 15] ?? `Unknown error (${flags & 15})`;
}

const MESSAGE: Pick<Protocol, 'tint' | 'minLength' | 'fields' | 'walk' | 'info' | 'emit'> = {
  tint: 'dns',
  minLength: DNS_HEADER,
  fields: F,

  walk(d, layer) {
    // Over TCP a length comes first (RFC 1035 §4.2.2).
    if (layer.below?.protocol.name === 'tcp' && layer.end - layer.start >= 2 + DNS_HEADER) {
      layer.start += 2;
    }
    layer.facts = match(d, layer);
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    if (!isWhole(d.bytes, layer.start, d.capturedEnd(layer))) d.malformed(layer);
    return undefined;
  },

  info(d, layer) {
    const { bytes } = d;
    const flags = flagsOf(d, layer);
    const id = hex(u16(bytes, layer.start + ID), 4);
    let text = `${opcodeText(flags)} ${flags & RESPONSE ? 'response ' : ''}${id}`;
    if (flags & RESPONSE && (flags & 15) !== 0) text += ` ${rcodeText(flags)}`;
    const message = readMessage(d.bytes, layer.start, d.capturedEnd(layer));
    const multicast = isMulticast(layer);
    for (const { name, type, class: value } of message.questions)
      text += ` ${dnsTypeText(type)} ${name.text}${multicast ? (value & 0x8000 ? ', "QU" question' : ', "QM" question') : ''}`;
    for (const records of message.sections)
      for (const record of records)
        text += ` ${recordInfo(bytes, layer.start, record, multicast && (record.class & 0x8000) !== 0)}`;
    return text;
  },

  emit(d, layer, out) {
    const at = layer.start;
    const flags = flagsOf(d, layer);
    if (layer.below?.protocol.name === 'tcp') out.item(F.messageLength, at - 2);
    out.item(F.id, at + ID);
    const result = flags & RESPONSE ? ` response, ${rcodeText(flags)}` : '';
    out.open(F.flags, at + FLAGS, 2, flags, { suffix: ` ${opcodeText(flags)}${result}` });
    if (layer.protocol.name === 'llmnr') emitLocalFlags(at + FLAGS, flags, out);
    else emitFlags(at + FLAGS, flags, out);
    out.close();
    const update = ((flags >> 11) & 15) === UPDATE;
    out.item(update ? F.zones : F.queries, at + COUNTS);
    out.item(update ? F.prerequisites : F.answers, at + COUNTS + 2);
    out.item(update ? F.updates : F.authorities, at + COUNTS + 4);
    out.item(F.additional, at + COUNTS + 6);
    const titles = update ? UPDATE_SECTIONS : SECTIONS;
    const message = readMessage(d.bytes, layer.start, d.capturedEnd(layer));
    emitGroup(titles[0]!, message.questions, out, (question) => emitQuestion(question, isMulticast(layer), out));
    for (const [i, records] of message.sections.entries())
      emitGroup(titles[i + 1]!, records, out, (record) => emitRecord(d, at, record, isMulticast(layer), out));
    emitAnswered(layer, out);
  },
};

/** Whether the highest bit of a class has a meaning of its own (RFC 6762 §5.4, §10.2). */
const isMulticast = (layer: Layer) => layer.protocol.name === 'mdns';
const kind = (d: Dissection, layer: Layer) => (flagsOf(d, layer) & RESPONSE ? 'response' : 'query');

export const dns: Protocol = {
  ...MESSAGE,
  name: 'dns',
  column: 'DNS',
  title: 'Domain Name System',
  binds: { 'udp.port': [53], 'tcp.port': [53] },
  pdu: (bytes, at, end) => (end - at < 2 ? PDU_MORE : 2 + u16(bytes, at)),
  label: (d, layer) => `Domain Name System (${kind(d, layer)})`,
};

/** RFC 6762. */
export const mdns: Protocol = {
  ...MESSAGE,
  name: 'mdns',
  column: 'MDNS',
  title: 'Multicast Domain Name System',
  binds: { 'udp.port': [5353] },
  label: (d, layer) => `Multicast Domain Name System (${kind(d, layer)})`,
};

/** RFC 4795. */
export const llmnr: Protocol = {
  ...MESSAGE,
  name: 'llmnr',
  column: 'LLMNR',
  title: 'Link-local Multicast Name Resolution',
  binds: { 'udp.port': [5355] },
  label: (d, layer) => `Link-local Multicast Name Resolution (${kind(d, layer)})`,
};

interface DnsFacts {
  answered?: Answered;
  unsolicited?: boolean;
  repeats?: number;
}

/** By conversation and transaction. */
function match(d: Dissection, layer: Layer): DnsFacts | undefined {
  const { context, bytes } = d;
  const below = layer.below;
  const conversation = below && (below.protocol.name === 'udp' ? udpFacts(below) : tcpFacts(below))?.conversation;
  if (!context || !conversation || layer.quotedBy) return undefined;
  const table = own(conversation, dns, () => new RequestTable());
  const key = String(u16(bytes, layer.start + ID));
  if (flagsOf(d, layer) & RESPONSE) {
    const answered = table.answer(key, context, false);
    return answered ? { answered } : { unsolicited: true };
  }
  const repeats = table.ask(key, context);
  return repeats === undefined ? undefined : { repeats };
}

function emitAnswered(layer: Layer, out: FieldSink): void {
  const facts = layer.facts as DnsFacts | undefined;
  const at = layer.start;
  const made = { generated: true };
  if (facts?.answered) {
    out.value(F.requestIn, at, 0, facts.answered.number, made);
    out.value(F.time, at, 0, BigInt(Math.round(facts.answered.sinceNs)), made);
  }
  if (facts?.unsolicited) out.value(F.unsolicited, at, 0, true, made);
  if (facts?.repeats !== undefined) {
    out.value(F.retransmissionIn, at, 0, facts.repeats, made);
    out.value(F.retransmission, at, 0, true, made);
  }
}

/** Queries show fewer flags: the rest says something only in responses. */
function emitFlags(at: number, flags: number, out: FieldSink): void {
  const response = (flags & RESPONSE) !== 0;
  out.item(F.response, at);
  out.item(F.opcode, at);
  if (response) out.item(F.authoritative, at);
  out.item(F.truncated, at);
  out.item(F.desired, at);
  if (response) out.item(F.available, at);
  out.item(F.z, at);
  if (response) out.item(F.authenticated, at);
  else if (flags & 0x20) out.item(F.adBit, at);
  out.item(F.unchecked, at);
  if (response) out.item(F.rcode, at);
}

function emitGroup<T extends Question>(
  title: string,
  items: readonly T[],
  out: FieldSink,
  emit: (item: T) => void,
): void {
  const first = items[0];
  if (!first) return;
  out.open(GROUP, first.at, items.at(-1)!.end - first.at, null, { label: title });
  for (const item of items) emit(item);
  out.close();
}

function line({ name, type, class: value }: Question): string {
  return `${name.text}: type ${dnsTypeText(type)}${type === OPT ? '' : `, class ${dnsClassText(value)}`}`;
}

/** LLMNR has other bits (RFC 4795 §2.1.1). */
function emitLocalFlags(at: number, flags: number, out: FieldSink): void {
  out.item(F.response, at);
  out.item(F.opcode, at);
  out.item(F.conflict, at);
  out.item(F.truncated, at);
  out.item(F.tentative, at);
  if (flags & RESPONSE) out.item(F.rcode, at);
}

function emitQuestion(question: Question, multicast: boolean, out: FieldSink): void {
  const { at, name } = question;
  out.open(GROUP, at, question.end - at, null, { label: line(question) });
  out.value(F.qryName, at, name.length, name.text);
  out.value(F.qryNameLength, at, name.length, name.size, { generated: true });
  out.value(F.qryLabels, at, name.length, name.text.split('.').length, { generated: true });
  out.item(F.qryType, at + name.length, 2, typeLabel(question.type));
  if (multicast) {
    out.value(F.qryClass, at + name.length + 2, 2, question.class & 0x7fff);
    out.item(F.unicast, at + name.length + 2);
  } else out.item(F.qryClass, at + name.length + 2);
  out.close();
}

/** "Type: A (Host Address) (1)", "Type: Unknown (65280)". */
function typeLabel(type: number) {
  return { label: `Type: ${dnsLongName(type) ?? 'Unknown'} (${type})` };
}

/** The name that a record is about; a service record's is service, protocol and domain (RFC 2782). */
function emitOwner({ at, name, type }: DnsRecord, out: FieldSink): void {
  const [service, protocol, ...domain] = name.text.split('.');
  if (type !== SRV || domain.length === 0) {
    out.value(F.respName, at, name.length, name.text);
    return;
  }
  out.value(F.srvService, at, name.length, service!);
  out.value(F.srvProtocol, at, name.length, protocol!);
  out.value(F.srvName, at, name.length, domain.join('.'));
}

function emitRecord(d: Dissection, start: number, record: DnsRecord, multicast: boolean, out: FieldSink): void {
  const { at, name, type } = record;
  const after = at + name.length;
  out.open(GROUP, at, record.end - at, null, { label: line(record) + recordLabel(d.bytes, start, record) });
  emitOwner(record, out);
  out.item(F.respType, after, 2, typeLabel(type));
  if (type === OPT) {
    if (multicast) {
      out.item(F.localPayloadSize, after + 2);
      out.item(F.flush, after + 2);
    } else out.item(F.payloadSize, after + 2);
    out.item(F.extRcode, after + 4);
    out.item(F.edns, after + 5);
    out.open(F.optZ, after + 6, 2, u16(d.bytes, after + 6));
    out.item(F.optDo, after + 6);
    out.item(F.optReserved, after + 6);
    out.close();
  } else {
    if (multicast) {
      out.value(F.respClass, after + 2, 2, record.class & 0x7fff);
      out.item(F.flush, after + 2);
    } else out.item(F.respClass, after + 2);
    out.item(F.ttl, after + 4, 4, { suffix: ` (${durationText(record.ttl)})` });
  }
  out.item(F.length, after + 8);
  emitRecordData(d, start, record, out);
  out.close();
}
