/** NetBIOS Name Service (RFC 1002 §4.2): DNS messages about NetBIOS names. */
import { u16, u32 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import { type Field, GROUP } from '../field.ts';
import { DNS_CLASSES } from '../names/dns.ts';
import { decodeNetbios, type NetbiosName, netbiosName } from '../names/netbios.ts';
import { hex, ipv4Text } from '../text.ts';
import { DNS_HEADER, type DnsRecord, isWhole, type Question, readMessage } from './dns-message.ts';
import { durationText } from './dns-text.ts';

const RESPONSE = 0x8000;
const NB = 32;
const NBSTAT = 33;
const OPCODES: Record<number, string> = {
  0: 'Name query',
  5: 'Registration',
  6: 'Release',
  7: 'Wait for acknowledgment',
  8: 'Refresh',
  9: 'Refresh (alternate opcode)',
  15: 'Multi-homed registration',
};
const RCODES: Record<number, string> = {
  0: 'No error',
  1: 'Request was invalidly formatted',
  2: 'Server failure',
  3: 'Requested name does not exist',
  4: 'Request is not implemented',
  5: 'Request was refused',
  6: 'Name is owned by another node',
  7: 'Name is in conflict',
};
const TYPES: Record<number, string> = { [NB]: 'NB', [NBSTAT]: 'NBSTAT' };
const NODES = ['B-node', 'P-node', 'M-node', 'H-node'];
const YES: readonly [string, string] = ['Yes', 'No'];
const KIND: readonly [string, string] = ['Group name', 'Unique name'];

const flag = (name: string, title: string, mask: number, truth: readonly [string, string]) =>
  bit(`nbns.flags.${name}`, title, mask, 16, truth);
const F = {
  id: f.x16('nbns.id', 'Transaction ID'),
  flags: f.x16('nbns.flags', 'Flags'),
  response: flag('response', 'Response', RESPONSE, ['Message is a response', 'Message is a query']),
  opcode: f.u16('nbns.flags.opcode', 'Opcode', { mask: 0x7800, bits: 16, names: OPCODES }),
  authoritative: flag('authoritative', 'Authoritative', 0x400, [
    'Server is an authority for domain',
    'Server is not an authority for domain',
  ]),
  truncated: flag('truncated', 'Truncated', 0x200, ['Message is truncated', 'Message is not truncated']),
  desired: flag('recdesired', 'Recursion desired', 0x100, ['Do query recursively', "Don't do query recursively"]),
  available: flag('recavail', 'Recursion available', 0x80, [
    'Server can do recursive queries',
    "Server can't do recursive queries",
  ]),
  broadcast: flag('broadcast', 'Broadcast', 0x10, ['Broadcast packet', 'Not a broadcast packet']),
  rcode: f.u16('nbns.flags.rcode', 'Reply code', { mask: 15, bits: 16, names: RCODES }),
  queries: f.u16('nbns.count.queries', 'Questions'),
  answers: f.u16('nbns.count.answers', 'Answer RRs'),
  authorities: f.u16('nbns.count.auth_rr', 'Authority RRs'),
  additional: f.u16('nbns.count.add_rr', 'Additional RRs'),
  name: f.text('nbns.name', 'Name'),
  type: f.u16('nbns.type', 'Type', { names: TYPES }),
  class: f.u16('nbns.class', 'Class', { names: DNS_CLASSES }),
  ttl: f.u32('nbns.ttl', 'Time to live'),
  length: f.u16('nbns.data_length', 'Data length'),
  data: f.bytes('nbns.data', 'Data'),
  nbFlags: f.x16('nbns.nb_flags', 'Name flags'),
  nbGroup: bit('nbns.nb_flags.group', 'Name type', 0x8000, 16, KIND),
  nbNode: f.u16('nbns.nb_flags.ont', 'ONT', { mask: 0x6000, bits: 16, names: NODES }),
  address: f.ip4('nbns.addr', 'Addr'),
  count: f.u8('nbns.number_of_names', 'Number of names'),
  owned: f.text('nbns.netbios_name', 'Name'),
  nameFlags: f.x16('nbns.name_flags', 'Name flags'),
  nameGroup: bit('nbns.name_flags.group', 'Name type', 0x8000, 16, KIND),
  nameNode: f.u16('nbns.name_flags.ont', 'ONT', { mask: 0x6000, bits: 16, names: NODES }),
  nameDrop: bit('nbns.name_flags.drg', 'Name is being deregistered', 0x1000, 16, YES),
  nameConflict: bit('nbns.name_flags.cnf', 'Name is in conflict', 0x800, 16, YES),
  nameActive: bit('nbns.name_flags.act', 'Name is active', 0x400, 16, YES),
  namePermanent: bit('nbns.name_flags.prm', 'Permanent node name', 0x200, 16, YES),
  unit: f.mac('nbns.unit_id', 'Unit ID'),
};
/** What follows the unit's address in a node's status. */
const STATUS: readonly Field[] = [
  f.x8('nbns.jumpers', 'Jumpers'),
  f.x8('nbns.test_result', 'Test result'),
  f.x16('nbns.version_number', 'Version number'),
  f.x16('nbns.period_of_statistics', 'Period of statistics'),
  f.u16('nbns.num_crcs', 'Number of CRCs'),
  f.u16('nbns.num_alignment_errors', 'Number of alignment errors'),
  f.u16('nbns.num_collisions', 'Number of collisions'),
  f.u16('nbns.num_send_aborts', 'Number of send aborts'),
  f.u32('nbns.num_good_sends', 'Number of good sends'),
  f.u32('nbns.num_good_receives', 'Number of good receives'),
  f.u16('nbns.numretransmits', 'Number of retransmits'),
  f.u16('nbns.num_no_resource_conditions', 'Number of no resource conditions'),
  f.u16('nbns.numcommand_blocks', 'Number of command blocks'),
  f.u16('nbns.numpending_sessions', 'Number of pending sessions'),
  f.u16('nbns.max_num_pending_sessions', 'Max number of pending sessions'),
  f.u16('nbns.max_total_sessions_possible', 'Max total sessions possible'),
  f.u16('nbns.session_data_packet_size', 'Session data packet size'),
];

const flagsOf = (d: Dissection, layer: Layer) => u16(d.bytes, layer.start + 2);
const opcodeText = (flags: number) => OPCODES[(flags >> 11) & 15] ?? 'Unknown operation';
const typeText = (type: number) => TYPES[type] ?? 'Unknown';
const nameOf = ({ name }: Question): NetbiosName =>
  decodeNetbios(name.text) ?? { plain: name.text, text: name.text, full: name.text };
const messageOf = (d: Dissection, layer: Layer) => readMessage(d.bytes, layer.start, d.capturedEnd(layer));

export const nbns: Protocol = protocol({
  name: 'nbns',
  column: 'NBNS',
  title: 'NetBIOS Name Service',
  tint: 'dns',
  minLength: DNS_HEADER,
  binds: { 'udp.port': [137] },
  fields: { ...F, ...Object.fromEntries(STATUS.map((field) => [field.name, field])) },
  walk(d, layer) {
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    if (!isWhole(d.bytes, layer.start, d.capturedEnd(layer))) d.malformed(layer);
    return undefined;
  },

  info(d, layer) {
    const flags = flagsOf(d, layer);
    let text = opcodeText(flags);
    const { questions, sections } = messageOf(d, layer);
    if (!(flags & RESPONSE)) {
      for (const question of questions) text += ` ${typeText(question.type)} ${nameOf(question).text}`;
      return text;
    }
    text += ' response';
    if (flags & 15) text += `, ${RCODES[flags & 15] ?? `Unknown error (${flags & 15})`}`;
    for (const record of sections[0] ?? []) {
      text += ` ${typeText(record.type)}`;
      if (record.type === NB)
        for (let at = record.dataAt; at + 6 <= record.end; at += 6) text += ` ${ipv4Text(d.bytes, at + 2)}`;
    }
    return text;
  },

  emit(d, layer, out) {
    const at = layer.start;
    out.item(F.id, at);
    emitFlags(at + 2, flagsOf(d, layer), out);
    for (const [i, field] of [F.queries, F.answers, F.authorities, F.additional].entries())
      out.item(field, at + 4 + 2 * i);
    const { questions, sections } = messageOf(d, layer);
    group('Queries', questions, out, (question) => emitQuestion(question, nameOf(question).text, out));
    for (const [i, title] of ['Answers', 'Authoritative nameservers', 'Additional records'].entries())
      group(title, sections[i] ?? [], out, (record) => emitRecord(d, record, out));
  },
});

function group<T extends Question>(title: string, items: readonly T[], out: FieldSink, emit: (item: T) => void): void {
  const first = items[0];
  if (!first) return;
  out.open(GROUP, first.at, items.at(-1)!.end - first.at, null, { label: title });
  for (const item of items) {
    const { text } = nameOf(item);
    const label = `${text}: type ${typeText(item.type)}, class ${DNS_CLASSES[item.class] ?? 'Unknown'}`;
    out.open(GROUP, item.at, item.end - item.at, null, { label });
    emit(item);
    out.close();
  }
  out.close();
}

function emitFlags(at: number, flags: number, out: FieldSink): void {
  const response = (flags & RESPONSE) !== 0;
  const words = [
    response && 'Response',
    `Opcode: ${opcodeText(flags)}`,
    flags & 0x400 && 'Authoritative',
    flags & 0x200 && 'Truncated',
    flags & 0x100 && 'Recursion desired',
    flags & 0x80 && 'Recursion available',
    flags & 0x10 && 'Broadcast',
    response && `Reply code: ${RCODES[flags & 15] ?? 'Unknown'}`,
  ].filter(Boolean);
  out.open(F.flags, at, 2, flags, { label: `Flags: ${[hex(flags, 4), ...words].join(', ')}` });
  const shown = response
    ? [F.response, F.opcode, F.authoritative, F.truncated, F.desired, F.available, F.broadcast, F.rcode]
    : [F.response, F.opcode, F.truncated, F.desired, F.broadcast];
  for (const field of shown) out.item(field, at);
  out.close();
}

function emitQuestion({ at, name }: Question, shown: string, out: FieldSink, label?: string): void {
  out.value(F.name, at, name.length, shown, { label: `Name: ${label ?? shown}` });
  out.item(F.type, at + name.length);
  out.item(F.class, at + name.length + 2);
}

function emitRecord(d: Dissection, record: DnsRecord, out: FieldSink): void {
  const { text, full } = nameOf(record);
  const known = record.type === NB;
  emitQuestion(record, known ? full : text, out);
  const after = record.at + record.name.length + 4;
  out.value(F.ttl, after, 4, record.ttl, { label: `Time to live: ${durationText(u32(d.bytes, after))}` });
  out.item(F.length, after + 4);
  const c = new Cursor(d, out, record.dataAt, record.end);
  if (known) while (c.left >= 6) emitAddress(c);
  else if (record.type === NBSTAT) emitStatus(c);
  else out.item(F.data, c.at, c.left);
}

function emitAddress(c: Cursor): void {
  const flags = c.peek(2);
  const node = NODES[(flags >> 13) & 3]!;
  const words = [hex(flags, 4), flags & 0x8000 && 'Name type', `ONT: ${node}`].filter(Boolean).join(', ');
  const label = `Name flags: ${words} (${node}, ${flags & 0x8000 ? 'group' : 'unique'})`;
  c.under(F.nbFlags, 2, flags, () => c.bits(2, F.nbGroup, F.nbNode), { label });
  c.item(F.address, 4);
}

/** RFC 1002 §4.2.18. */
function emitStatus(c: Cursor): void {
  const count = c.u8(F.count);
  for (let i = 0; i < count && c.left >= 18; i++) {
    const name = netbiosName(c.bytes, c.at);
    c.out.value(F.owned, c.at, 16, name.plain, { label: `Name: ${name.full}` });
    c.skip(16);
    const flags = c.peek(2);
    const words = [
      hex(flags, 4),
      flags & 0x8000 && 'Name type',
      `ONT: ${NODES[(flags >> 13) & 3]}`,
      flags & 0x1000 && 'Name is being deregistered',
      flags & 0x800 && 'Name is in conflict',
      flags & 0x400 && 'Name is active',
      flags & 0x200 && 'Permanent node name',
    ].filter(Boolean);
    const parts = [F.nameGroup, F.nameNode, F.nameDrop, F.nameConflict, F.nameActive, F.namePermanent];
    c.under(F.nameFlags, 2, flags, () => c.bits(2, ...parts), { label: `Name flags: ${words.join(', ')}` });
  }
  if (c.left < 6) return;
  c.item(F.unit, 6);
  for (const field of STATUS)
    if (field.type === 'uint8') c.u8(field);
    else if (field.type === 'uint16') c.u16(field);
    else c.u32(field);
}
