/** Records that tell where and how a service is (RFC 3403, 9460, 8659), and what a host is (RFC 1035, 1183). */
import { decodeUtf8 } from '../../text/utf8.ts';
import { u16 } from '../bytes.ts';
import { bit, f } from '../define.ts';
import type { Dissection, FieldSink } from '../dissection.ts';
import type { Field } from '../field.ts';
import { ipv4Text, ipv6Text } from '../text.ts';
import { type DnsRecord, nameAt } from './dns-message.ts';
import { base64Text } from './dns-text.ts';

const n = (name: string) => `dns.${name}`;
const KEYS: Record<number, string> = {
  0: 'mandatory',
  1: 'alpn',
  2: 'no-default-alpn',
  3: 'port',
  4: 'ipv4hint',
  5: 'echconfig',
  6: 'ipv6hint',
  32769: 'odohconfig',
  65535: 'key65535',
};
const F = {
  order: f.u16(n('naptr.order'), 'Order'),
  preference: f.u16(n('naptr.preference'), 'Preference'),
  flagsLength: f.u8(n('naptr.flags_length'), 'Flags Length'),
  flags: f.text(n('naptr.flags'), 'Flags'),
  serviceLength: f.u8(n('naptr.service_length'), 'Service Length'),
  service: f.text(n('naptr.service'), 'Service'),
  regexLength: f.u8(n('naptr.regex_length'), 'Regex Length'),
  regex: f.text(n('naptr.regex'), 'Regex'),
  replacementLength: f.u8(n('naptr.replacement_length'), 'Replacement Length'),
  replacement: f.text(n('naptr.replacement'), 'Replacement'),
  cpuLength: f.u8(n('hinfo.cpu_length'), 'CPU Length'),
  cpu: f.text(n('hinfo.cpu'), 'CPU'),
  osLength: f.u8(n('hinfo.os_length'), 'OS Length'),
  os: f.text(n('hinfo.os'), 'OS'),
  mailbox: f.text(n('rp.mailbox'), 'Mailbox'),
  texts: f.text(n('rp.txt_rr'), 'TXT RR'),
  caaFlags: f.x8(n('caa.flags'), 'CAA Flags'),
  critical: bit(n('caa.flags.issuer_critical'), 'Issuer Critical', 0x80, 8, ['Critical', 'Not critical']),
  issue: f.text(n('caa.issue'), 'Issue'),
  issueWild: f.text(n('caa.issuewild'), 'Issue Wildcard'),
  report: f.text(n('caa.iodef'), 'Report URL'),
  unknownTag: f.text(n('caa.unknown'), 'Unknown tag'),
  tagLength: f.u8(n('caa.tag_length'), 'Tag length'),
  tag: f.text(n('caa.tag'), 'Tag'),
  caaValue: f.text(n('caa.value'), 'Value'),
  priority: f.u16(n('svcb.svcpriority'), 'SvcPriority'),
  target: f.text(n('svcb.targetname'), 'TargetName'),
  parameter: f.none(n('svcb.svcparam'), 'SvcParam'),
  parameterKey: f.u16(n('svcb.svcparam.key'), 'SvcParamKey', { names: KEYS }),
  parameterLength: f.u16(n('svcb.svcparam.value.length'), 'SvcParamValue length'),
  parameterValue: f.bytes(n('svcb.svcparam.value'), 'SvcParamValue'),
  mandatory: f.u16(n('svcb.svcparam.mandatory.key'), 'Mandatory key', { names: KEYS }),
  alpnLength: f.u8(n('svcb.svcparam.alpn.length'), 'ALPN length'),
  alpn: f.text(n('svcb.svcparam.alpn'), 'ALPN'),
  port: f.u16(n('svcb.svcparam.port'), 'Port'),
  hint4: f.ip4(n('svcb.svcparam.ipv4hint.ip'), 'IP'),
  hint6: f.ip6(n('svcb.svcparam.ipv6hint.ip'), 'IP'),
  ech: f.bytes(n('svcb.svcparam.echconfig'), 'ECHConfig'),
  odoh: f.bytes(n('svcb.svcparam.odohconfig'), 'ODoHConfig'),
} satisfies Record<string, Field>;

export const DNS_SERVICE_FIELDS: Record<string, Field> = Object.fromEntries(
  Object.entries(F).map(([key, field]) => [`srv_${key}`, field as Field]),
);

export const HINFO = 13;
export const RP = 17;
export const NAPTR = 35;
export const CAA = 257;
const SVCB = 64;
const HTTPS = 65;

/** False: not one of these, or too short for it. */
export function emitService(d: Dissection, start: number, record: DnsRecord, out: FieldSink): boolean {
  const { type, dataAt: at, dataLength: length } = record;
  if (type === NAPTR && length >= 8) emitNaptr(d, start, record, out);
  else if (type === HINFO && length >= 2) {
    const next = emitString(d.bytes, at, record.end, F.cpuLength, F.cpu, out);
    if (next < record.end) emitString(d.bytes, next, record.end, F.osLength, F.os, out);
  } else if (type === RP && length >= 2) {
    const mailbox = nameAt(d.bytes, start, at, record);
    out.value(F.mailbox, at, mailbox.length, mailbox.text);
    const texts = nameAt(d.bytes, start, at + mailbox.length, record);
    out.value(F.texts, at + mailbox.length, texts.length, texts.text);
  } else if (type === CAA && length >= 2) emitCaa(d.bytes, record, out);
  else if ((type === SVCB || type === HTTPS) && length >= 3) emitBinding(d, start, record, out);
  else return false;
  return true;
}

const textOf = (bytes: Uint8Array, at: number, end: number) => decodeUtf8(bytes.subarray(at, end));

/** A string behind its length; returns where it ends. */
function emitString(bytes: Uint8Array, at: number, end: number, length: Field, text: Field, out: FieldSink): number {
  out.item(length, at);
  const stop = Math.min(end, at + 1 + bytes[at]!);
  out.value(text, at + 1, stop - at - 1, textOf(bytes, at + 1, stop));
  return stop;
}

function emitNaptr({ bytes }: Dissection, start: number, record: DnsRecord, out: FieldSink): void {
  out.item(F.order, record.dataAt);
  out.item(F.preference, record.dataAt + 2);
  let at = record.dataAt + 4;
  for (const [length, text] of [
    [F.flagsLength, F.flags],
    [F.serviceLength, F.service],
    [F.regexLength, F.regex],
  ] as const) {
    if (at >= record.end) return;
    at = emitString(bytes, at, record.end, length, text, out);
  }
  const { text, length } = nameAt(bytes, start, at, record);
  if (length === 0) return;
  out.value(F.replacementLength, at, 0, text === '<Root>' ? 0 : text.length, { generated: true });
  out.value(F.replacement, at, length, text);
}

/** Flags of a NAPTR record; "" when they are not there. */
export function naptrFlags(bytes: Uint8Array, { dataAt: at, end }: DnsRecord): string {
  return at + 5 > end ? '' : textOf(bytes, at + 5, Math.min(end, at + 5 + bytes[at + 4]!));
}

/** What a host says that it is: its processor and its system. */
export function hostInfo(bytes: Uint8Array, { dataAt: at, end }: DnsRecord): [cpu: string, os: string] {
  const next = Math.min(end, at + 1 + bytes[at]!);
  return [
    textOf(bytes, at + 1, next),
    next < end ? textOf(bytes, next + 1, Math.min(end, next + 1 + bytes[next]!)) : '',
  ];
}

function emitCaa(bytes: Uint8Array, { dataAt: at, end }: DnsRecord, out: FieldSink): void {
  out.open(F.caaFlags, at, 1, bytes[at]!);
  out.item(F.critical, at);
  out.close();
  const valueAt = Math.min(end, at + 2 + bytes[at + 1]!);
  const tag = textOf(bytes, at + 2, valueAt);
  const value = textOf(bytes, valueAt, end);
  const known: Record<string, Field> = { issue: F.issue, issuewild: F.issueWild, iodef: F.report };
  out.open(known[tag] ?? F.unknownTag, at + 1, end - at - 1, value);
  out.item(F.tagLength, at + 1);
  out.value(F.tag, at + 2, valueAt - at - 2, tag);
  out.value(F.caaValue, valueAt, end - valueAt, value);
  out.close();
}

function emitBinding(d: Dissection, start: number, record: DnsRecord, out: FieldSink): void {
  const { bytes } = d;
  out.item(F.priority, record.dataAt);
  const target = nameAt(bytes, start, record.dataAt + 2, record);
  out.value(F.target, record.dataAt + 2, target.length, target.text);
  for (let at = record.dataAt + 2 + target.length; target.length > 0 && at + 4 <= record.end; ) {
    const end = Math.min(record.end, at + 4 + u16(bytes, at + 2));
    const value = parameterText(bytes, at, end);
    const key = KEYS[u16(bytes, at)] ?? `key${u16(bytes, at)}`;
    out.open(F.parameter, at, end - at, null, { label: `SvcParam: ${key}${value === '' ? '' : `=${value}`}` });
    out.item(F.parameterKey, at);
    out.item(F.parameterLength, at + 2);
    emitParameter(bytes, u16(bytes, at), at + 4, end, out);
    out.close();
    at = end;
  }
}

function emitParameter(bytes: Uint8Array, key: number, from: number, end: number, out: FieldSink): void {
  const each = (field: Field, size: number) => {
    for (let at = from; at + size <= end; at += size) out.item(field, at);
  };
  if (key === 0) each(F.mandatory, 2);
  else if (key === 1) for (let at = from; at < end; ) at = emitString(bytes, at, end, F.alpnLength, F.alpn, out);
  else if (key === 3) each(F.port, 2);
  else if (key === 4) each(F.hint4, 4);
  else if (key === 6) each(F.hint6, 16);
  else if ((key === 5 || key === 32769) && end > from) {
    const field = key === 5 ? F.ech : F.odoh;
    out.item(field, from, end - from, { label: `${field.title}: ${base64Text(bytes.subarray(from, end))}` });
  } else if (key !== 2 && end > from) out.item(F.parameterValue, from, end - from);
}

/** A parameter's value as zone files write it. */
function parameterText(bytes: Uint8Array, at: number, end: number): string {
  const from = at + 4;
  const every = (size: number, text: (at: number) => string) =>
    Array.from({ length: Math.floor((end - from) / size) }, (_, i) => text(from + i * size)).join(',');
  switch (u16(bytes, at)) {
    case 0:
      return every(2, (i) => KEYS[u16(bytes, i)] ?? `key${u16(bytes, i)}`);
    case 1: {
      const names: string[] = [];
      for (let i = from; i < end; i += 1 + bytes[i]!)
        names.push(textOf(bytes, i + 1, Math.min(end, i + 1 + bytes[i]!)));
      return names.join(',');
    }
    case 3:
      return every(2, (i) => String(u16(bytes, i)));
    case 4:
      return every(4, (i) => ipv4Text(bytes, i));
    case 5:
    case 32769:
      return base64Text(bytes.subarray(from, end));
    case 6:
      return every(16, (i) => ipv6Text(bytes, i));
    default:
      return textOf(bytes, from, end);
  }
}
