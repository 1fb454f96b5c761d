/** Resource records: what each type's data shows in the tree, in the record's line and in the Info column. */
import { u16, u32 } from '../bytes.ts';
import type { Dissection, FieldSink } from '../dissection.ts';
import type { Field } from '../field.ts';
import { dnsTypeText } from '../names/dns.ts';
import { note } from '../notes.ts';
import { ipv4Text, ipv6Text } from '../text.ts';
import { type DnsRecord, nameAt } from './dns-message.ts';
import { DNS_OPTION_FIELDS, emitOptions } from './dns-options.ts';
import { DNS_SECURITY_FIELDS, emitSecurity } from './dns-security.ts';
import { DNS_SERVICE_FIELDS, emitService, HINFO, hostInfo, NAPTR, naptrFlags, RP } from './dns-services.ts';
import { durationText } from './dns-text.ts';

const A = 1;
const NS = 2;
const CNAME = 5;
const SOA = 6;
const PTR = 12;
const MX = 15;
const TXT = 16;
const AAAA = 28;
const SRV = 33;
const DNAME = 39;
const OPT = 41;
const NSEC = 47;
const NSEC3PARAM = 51;
const TLSA = 52;
const SPF = 99;

const F = {
  a: { name: 'dns.a', title: 'Address', type: 'ipv4' },
  aaaa: { name: 'dns.aaaa', title: 'AAAA Address', type: 'ipv6' },
  cname: { name: 'dns.cname', title: 'CNAME', type: 'string' },
  ns: { name: 'dns.ns', title: 'Name Server', type: 'string' },
  ptr: { name: 'dns.ptr.domain_name', title: 'Domain Name', type: 'string' },
  mxPreference: { name: 'dns.mx.preference', title: 'Preference', type: 'uint16' },
  mx: { name: 'dns.mx.mail_exchange', title: 'Mail Exchange', type: 'string' },
  txtLength: { name: 'dns.txt.length', title: 'TXT Length', type: 'uint8' },
  txt: { name: 'dns.txt', title: 'TXT', type: 'string' },
  dname: { name: 'dns.dname', title: 'Dname', type: 'string' },
  spfLength: { name: 'dns.spf.length', title: 'SPF Length', type: 'uint8' },
  spf: { name: 'dns.spf', title: 'SPF', type: 'string' },
  srvPriority: { name: 'dns.srv.priority', title: 'Priority', type: 'uint16' },
  srvWeight: { name: 'dns.srv.weight', title: 'Weight', type: 'uint16' },
  srvPort: { name: 'dns.srv.port', title: 'Port', type: 'uint16' },
  srvTarget: { name: 'dns.srv.target', title: 'Target', type: 'string' },
  soaName: { name: 'dns.soa.mname', title: 'Primary name server', type: 'string' },
  soaMail: { name: 'dns.soa.rname', title: "Responsible authority's mailbox", type: 'string' },
  soaSerial: { name: 'dns.soa.serial_number', title: 'Serial Number', type: 'uint32' },
  soaRefresh: { name: 'dns.soa.refresh_interval', title: 'Refresh Interval', type: 'uint32' },
  soaRetry: { name: 'dns.soa.retry_interval', title: 'Retry Interval', type: 'uint32' },
  soaExpire: { name: 'dns.soa.expire_limit', title: 'Expire limit', type: 'uint32' },
  soaMinimum: { name: 'dns.soa.minimum_ttl', title: 'Minimum TTL', type: 'uint32' },
  data: { name: 'dns.data', title: 'Data', type: 'bytes' },
} satisfies Record<string, Field>;

export const DNS_RECORD_FIELDS: Record<string, Field> = {
  ...Object.fromEntries(Object.entries(F).map(([key, field]) => [`rr_${key}`, field as Field])),
  ...DNS_OPTION_FIELDS,
  ...DNS_SECURITY_FIELDS,
  ...DNS_SERVICE_FIELDS,
};

const TARGETS: Record<number, { field: Field; word: string }> = {
  [NS]: { field: F.ns, word: 'ns ' },
  [CNAME]: { field: F.cname, word: 'cname ' },
  [PTR]: { field: F.ptr, word: '' },
  [DNAME]: { field: F.dname, word: 'dname ' },
};

/** @param start of the DNS message. Returns what the Info column says after the type's name. */
/** @param flush the record replaces all others of its kind (multicast DNS) */
export function recordInfo(bytes: Uint8Array, start: number, record: DnsRecord, flush = false): string {
  const { type, dataAt: at, dataLength: length } = record;
  const word = `${dnsTypeText(type)}${flush ? ', cache flush' : ''}`;
  if (type === A && length === 4) return `${word} ${ipv4Text(bytes, at)}`;
  if (type === AAAA && length === 16) return `${word} ${ipv6Text(bytes, at)}`;
  if (TARGETS[type]) return `${word} ${nameAt(bytes, start, at, record).text}`;
  if (type === SOA) return `${word} ${nameAt(bytes, start, at, record).text}`;
  if (type === MX && length > 2) return `${word} ${u16(bytes, at)} ${nameAt(bytes, start, at + 2, record).text}`;
  if (type === SRV && length > 6) {
    const numbers = `${u16(bytes, at)} ${u16(bytes, at + 2)} ${u16(bytes, at + 4)}`;
    return `${word} ${numbers} ${nameAt(bytes, start, at + 6, record).text}`;
  }
  if (type === NAPTR && length > 4)
    return `${word} ${u16(bytes, at)} ${u16(bytes, at + 2)} ${naptrFlags(bytes, record)}`;
  if (type === HINFO && length > 1) return `${word} ${hostInfo(bytes, record).join(' ')}`;
  if (type === NSEC) return `${word} ${nameAt(bytes, start, at, record).text}`;
  if (type === NSEC3PARAM || type === TLSA || type === RP) return `${word} ${record.name.text}`;
  return word;
}

/** What the record's line in the tree adds: ", addr 192.0.2.1". */
export function recordLabel(bytes: Uint8Array, start: number, record: DnsRecord): string {
  const { type, dataAt: at, dataLength: length } = record;
  if (type === A && length === 4) return `, addr ${ipv4Text(bytes, at)}`;
  if (type === AAAA && length === 16) return `, addr ${ipv6Text(bytes, at)}`;
  const target = TARGETS[type];
  if (target) return `, ${target.word}${nameAt(bytes, start, at, record).text}`;
  if (type === SOA) return `, mname ${nameAt(bytes, start, at, record).text}`;
  if (type === MX && length > 2)
    return `, preference ${u16(bytes, at)}, mx ${nameAt(bytes, start, at + 2, record).text}`;
  if (type === SRV && length > 6)
    return `, priority ${u16(bytes, at)}, weight ${u16(bytes, at + 2)}, port ${u16(bytes, at + 4)}, target ${nameAt(bytes, start, at + 6, record).text}`;
  if (type === NAPTR && length > 4)
    return `, order ${u16(bytes, at)}, preference ${u16(bytes, at + 2)}, flags ${naptrFlags(bytes, record)}`;
  if (type === HINFO && length > 1) {
    const [cpu, os] = hostInfo(bytes, record);
    return `, CPU ${cpu}, OS ${os}`;
  }
  if (type === NSEC) return `, next domain name ${nameAt(bytes, start, at, record).text}`;
  return '';
}

export function emitRecordData(d: Dissection, start: number, record: DnsRecord, out: FieldSink): void {
  const { bytes } = d;
  const { type, dataAt: at, dataLength: length } = record;
  const target = TARGETS[type];
  if (type === A && length === 4) out.item(F.a, at);
  else if (type === AAAA && length === 16) out.item(F.aaaa, at);
  else if (target) out.value(target.field, at, length, nameAt(bytes, start, at, record).text);
  else if (type === MX && length > 2) {
    out.item(F.mxPreference, at);
    out.value(F.mx, at + 2, length - 2, nameAt(bytes, start, at + 2, record).text);
  } else if (type === SRV && length > 6) {
    out.item(F.srvPriority, at);
    out.item(F.srvWeight, at + 2);
    out.item(F.srvPort, at + 4);
    out.value(F.srvTarget, at + 6, length - 6, nameAt(bytes, start, at + 6, record).text);
  } else if (type === TXT) emitTexts(d, record, F.txtLength, F.txt, out);
  else if (type === SPF) emitTexts(d, record, F.spfLength, F.spf, out);
  else if (type === OPT) emitOptions(d, record, out);
  else if (type === SOA) emitAuthority(d, start, record, out);
  else if (!emitSecurity(d, start, record, out) && !emitService(d, start, record, out) && length > 0) {
    note(out, 'note', 'Undecoded', `The data of DNS type ${dnsTypeText(type)} is not taken apart`, at);
    out.item(F.data, at, length);
  }
}

function emitTexts(d: Dissection, record: DnsRecord, lengthField: Field, field: Field, out: FieldSink): void {
  for (let at = record.dataAt; at < record.end; ) {
    const length = d.bytes[at]!;
    if (at + 1 + length > record.end) return;
    out.item(lengthField, at);
    out.item(field, at + 1, length);
    at += 1 + length;
  }
}

function emitAuthority(d: Dissection, start: number, record: DnsRecord, out: FieldSink): void {
  const primary = nameAt(d.bytes, start, record.dataAt, record);
  const mailAt = record.dataAt + primary.length;
  const mailbox = nameAt(d.bytes, start, mailAt, record);
  let at = mailAt + mailbox.length;
  if (at + 20 > record.end) {
    out.item(F.data, record.dataAt, record.dataLength);
    return;
  }
  out.value(F.soaName, record.dataAt, primary.length, primary.text);
  out.value(F.soaMail, mailAt, mailbox.length, mailbox.text);
  out.item(F.soaSerial, at);
  for (const field of [F.soaRefresh, F.soaRetry, F.soaExpire, F.soaMinimum]) {
    at += 4;
    out.item(field, at, 4, { suffix: ` (${durationText(u32(d.bytes, at))})` });
  }
}
