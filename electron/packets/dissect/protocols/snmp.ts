/** Simple Network Management Protocol, versions 1, 2c and 3, the last as far as it is not encrypted (RFC 3416, RFC 1157; snmp-v3.ts). BER is walked by hand, no deeper than SNMP is. */

import { own } from '../../state/conversations.ts';
import { type Answered, RequestTable } from '../../state/requests.ts';
import { decodeUtf8 } from '../../text/utf8.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import { type Field, GROUP } from '../field.ts';
import { emitWrapper, readWrapper, SNMP_V3_FIELDS, scoped, type Wrapper } from './snmp-v3.ts';
import { udpFacts } from './udp.ts';
import { elements, type Tlv, tlv } from './x509.ts';

const TRAP = 0xa4;
const PDUS: Record<number, string> = {
  160: 'get-request',
  161: 'get-next-request',
  162: 'get-response',
  163: 'set-request',
  164: 'trap',
  165: 'getBulkRequest',
  166: 'informRequest',
  167: 'snmpV2-trap',
  168: 'report',
};
const ERRORS = {
  0: 'noError',
  1: 'tooBig',
  2: 'noSuchName',
  3: 'badValue',
  4: 'readOnly',
  5: 'genErr',
  6: 'noAccess',
  16: 'authorizationError',
};
const VERSIONS = { 0: 'version-1', 1: 'v2c', 3: 'snmpv3' };
const TRAPS = {
  0: 'coldStart',
  1: 'warmStart',
  2: 'linkDown',
  3: 'linkUp',
  4: 'authenticationFailure',
  5: 'egpNeighborLoss',
  6: 'enterpriseSpecific',
};
const F = {
  version: { ...f.i32('snmp.version', 'version'), names: VERSIONS },
  community: f.text('snmp.community', 'community'),
  data: f.u32('snmp.data', 'data', { names: (v) => PDUS[0xa0 + v] }),
  requestId: f.i32('snmp.request_id', 'request-id'),
  errorStatus: { ...f.i32('snmp.error_status', 'error-status'), names: ERRORS },
  errorIndex: f.i32('snmp.error_index', 'error-index'),
  nonRepeaters: f.u32('snmp.non_repeaters', 'non-repeaters'),
  maxRepetitions: f.u32('snmp.max_repetitions', 'max-repetitions'),
  bindings: f.u32('snmp.variable_bindings', 'variable-bindings'),
  name: f.text('snmp.name', 'Object Name'),
  integer: f.i64('snmp.value.int', 'Value (Integer32)'),
  octets: f.bytes('snmp.value.octets', 'Value (OctetString)'),
  oid: f.text('snmp.value.oid', 'Value (OID)'),
  null: f.none('snmp.value.null', 'Value (Null)'),
  address: f.ip4('snmp.value.ipv4', 'Value (IpAddress)'),
  counter: f.u64('snmp.value.counter', 'Value (Counter32)'),
  gauge: f.i64('snmp.value.g32', 'Value (Gauge32)'),
  ticks: f.u64('snmp.value.timeticks', 'Value (Timeticks)'),
  unsigned: f.i64('snmp.value.u32', 'Value (Unsigned32)'),
  opaque: f.bytes('snmp.value.opaque', 'Value (Opaque)'),
  noObject: f.none('snmp.noSuchObject', 'noSuchObject'),
  noInstance: f.none('snmp.noSuchInstance', 'noSuchInstance'),
  endOfView: f.none('snmp.endOfMibView', 'endOfMibView'),
  trapEnterprise: f.text('snmp.enterprise', 'enterprise'),
  agent: f.ip4('snmp.agent_addr', 'agent-addr'),
  genericTrap: { ...f.i32('snmp.generic_trap', 'generic-trap'), names: TRAPS },
  specificTrap: f.i32('snmp.specific_trap', 'specific-trap'),
  timeStamp: f.u32('snmp.time_stamp', 'time-stamp'),
  ...SNMP_V3_FIELDS,
  requestIn: f.u32('snmp.response_to', 'Response To'),
  time: f.span('snmp.time', 'Time'),
};

function integer(bytes: Uint8Array, { at, end }: Tlv): bigint {
  let value = (bytes[at]! & 0x80) !== 0 ? -1n : 0n;
  for (let i = at; i < Math.min(end, at + 9); i++) value = (value << 8n) | BigInt(bytes[i]!);
  return value;
}

/** "1.3.6.1.2.1.1.1.0". */
export function oidText(bytes: Uint8Array, at: number, end: number): string {
  const parts: number[] = [];
  let value = 0;
  for (let i = at; i < end; i++) {
    value = value * 128 + (bytes[i]! & 0x7f);
    if (bytes[i]! & 0x80) continue;
    if (parts.length === 0)
      parts.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    else parts.push(value);
    value = 0;
  }
  return parts.join('.');
}

interface Message {
  version: Tlv;
  community: Tlv | undefined;
  pdu: Tlv | undefined;
  /** Around it in version 3. */
  wrapper: Wrapper | undefined;
  parts: Tlv[];
}

function read(d: Dissection, layer: Layer): Message | undefined {
  const { bytes } = d;
  const whole = tlv(bytes, layer.start, d.capturedEnd(layer));
  if (whole?.tag !== 0x30) return undefined;
  const all = [...elements(bytes, whole.at, whole.end)];
  const [version, second, third] = all;
  if (version?.tag !== 2) return undefined;
  const wrapper = bytes[version.at] === 3 ? readWrapper(all) : undefined;
  const community = second?.tag === 4 ? second : undefined;
  const pdu = wrapper ? scoped(bytes, wrapper)[2] : community ? third : undefined;
  return { version, community, pdu, wrapper, parts: pdu ? [...elements(bytes, pdu.at, pdu.end)] : [] };
}

function bindings({ bytes }: Dissection, message: Message): [name: Tlv, value: Tlv][] {
  const list = message.parts[message.pdu!.tag === TRAP ? 5 : 3];
  if (list?.tag !== 0x30) return [];
  const found: [Tlv, Tlv][] = [];
  for (const pair of elements(bytes, list.at, list.end)) {
    const [name, value] = [...elements(bytes, pair.at, pair.end)];
    if (name && value) found.push([name, value]);
  }
  return found;
}

export const snmp: Protocol = protocol({
  name: 'snmp',
  column: 'SNMP',
  title: 'Simple Network Management Protocol',
  tint: 'udp',
  minLength: 2,
  binds: { 'udp.port': [161, 162] },
  fields: F,
  walk(d, layer) {
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    const { context } = d;
    const conversation = layer.below && udpFacts(layer.below)?.conversation;
    const message = read(d, layer);
    const id = message?.parts[0];
    if (!context || !conversation || !message?.pdu || !id || message.pdu.tag === TRAP) return undefined;
    const table = own(conversation, snmp, () => new RequestTable());
    const key = String(integer(d.bytes, id));
    if (message.pdu.tag === 0xa2) layer.facts = table.answer(key, context, false);
    else table.ask(key, context);
    return undefined;
  },
  info(d, layer) {
    const message = read(d, layer);
    if (!message?.pdu) return message?.wrapper ? 'encryptedPDU: privKey Unknown' : '';
    const names = bindings(d, message).map(([name]) => oidText(d.bytes, name.at, name.end));
    const [enterprise] = message.parts;
    if (message.pdu.tag === TRAP && enterprise)
      names.unshift(oidText(d.bytes, enterprise.at, enterprise.end).replace(/^1(?=\.)/, 'iso'));
    return [PDUS[message.pdu.tag] ?? 'unknown', ...names].join(' ');
  },
  emit(d, layer, out) {
    const message = read(d, layer);
    if (!message) return;
    const { bytes } = d;
    const { version, community, pdu, wrapper } = message;
    if (wrapper) {
      emitWrapper(bytes, wrapper, out, () => pdu && emitPdu(d, message, pdu, out));
      emitAnswered(layer, out);
      return;
    }
    const span = (element: Tlv) => element.end - element.at;
    out.value(F.version, version.at, span(version), Number(integer(bytes, version)));
    if (!community || !pdu) return;
    out.value(F.community, community.at, span(community), decodeUtf8(bytes.subarray(community.at, community.end)));
    emitPdu(d, message, pdu, out);
    emitAnswered(layer, out);
  },
});

function emitAnswered(layer: Layer, out: FieldSink): void {
  const answered = layer.facts as Answered | undefined;
  if (!answered) return;
  out.value(F.requestIn, layer.start, 0, answered.number, { generated: true });
  out.value(F.time, layer.start, 0, BigInt(Math.round(answered.sinceNs)), { generated: true });
}

function emitPdu(d: Dissection, message: Message, pdu: Tlv, out: FieldSink): void {
  const { bytes } = d;
  const { parts } = message;
  const span = (element: Tlv) => element.end - element.at;
  const numbers = (fields: readonly (readonly [Field, number])[]) => {
    for (const [field, i] of fields) {
      const part = parts[i];
      if (part) out.value(field, part.at, span(part), Number(integer(bytes, part)));
    }
  };
  out.open(F.data, pdu.at, span(pdu), pdu.tag - 0xa0);
  const bulk = pdu.tag === 0xa5;
  if (pdu.tag === TRAP) {
    const [enterprise, agent] = parts;
    if (enterprise)
      out.value(F.trapEnterprise, enterprise.at, span(enterprise), oidText(bytes, enterprise.at, enterprise.end));
    if (agent && span(agent) === 4) out.item(F.agent, agent.at);
    numbers([
      [F.genericTrap, 2],
      [F.specificTrap, 3],
      [F.timeStamp, 4],
    ]);
  } else
    numbers([
      [F.requestId, 0],
      [bulk ? F.nonRepeaters : F.errorStatus, 1],
      [bulk ? F.maxRepetitions : F.errorIndex, 2],
    ]);
  const list = bindings(d, message);
  out.open(F.bindings, list[0]?.[0].at ?? pdu.end, 0, list.length);
  for (const [name, value] of list) binding(bytes, name, value, out);
  out.close();
  out.close();
}

function binding(bytes: Uint8Array, name: Tlv, value: Tlv, out: FieldSink): void {
  const text = oidText(bytes, name.at, name.end);
  const length = value.end - value.at;
  out.open(GROUP, name.at, value.end - name.at, null, { label: text });
  out.value(F.name, name.at, name.end - name.at, text);
  switch (value.tag) {
    case 0x02:
      out.value(F.integer, value.at, length, integer(bytes, value));
      break;
    case 0x04:
      out.value(F.octets, value.at, length, bytes.subarray(value.at, value.end));
      break;
    case 0x05:
      out.value(F.null, value.at, length, null);
      break;
    case 0x06:
      out.value(F.oid, value.at, length, oidText(bytes, value.at, value.end));
      break;
    case 0x40:
      if (length === 4) out.item(F.address, value.at, 4);
      break;
    case 0x41:
    case 0x46:
      out.value(F.counter, value.at, length, integer(bytes, value));
      break;
    case 0x42:
      out.value(F.gauge, value.at, length, integer(bytes, value));
      break;
    case 0x44:
      out.value(F.opaque, value.at, length, bytes.subarray(value.at, value.end));
      break;
    case 0x47:
      out.value(F.unsigned, value.at, length, integer(bytes, value));
      break;
    case 0x80:
      out.value(F.noObject, value.at, length, null);
      break;
    case 0x81:
      out.value(F.noInstance, value.at, length, null);
      break;
    case 0x82:
      out.value(F.endOfView, value.at, length, null);
      break;
    case 0x43:
      out.value(F.ticks, value.at, length, integer(bytes, value));
      break;
  }
  out.close();
}
