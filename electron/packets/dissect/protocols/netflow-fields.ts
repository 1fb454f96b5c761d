/** Values of flow records: one field an information element, times in pairs as durations. */
import { Cursor } from '../cursor.ts';
import { bit, f } from '../define.ts';
import type { Dissection } from '../dissection.ts';
import { type Field, GROUP } from '../field.ts';
import { IP_PROTOCOLS } from '../names/ip-protocols.ts';
import { ELEMENTS, type Element, END_REASONS, SCOPES } from '../names/ipfix.ts';
import { hexText } from '../text.ts';
import { type TemplateField, VARIABLE } from './netflow-templates.ts';

const USED: readonly [string, string] = ['Used', 'Not used'];
const flag = (name: string, title: string, mask: number, bits: number) =>
  bit(`cflow.tcpflags.${name}`, title, mask, bits, USED);
const flagsOf = (bits: number): Field[] => [
  flag('urg', 'URG', 0x20, bits),
  flag('ack', 'ACK', 0x10, bits),
  flag('psh', 'PSH', 0x08, bits),
  flag('rst', 'RST', 0x04, bits),
  flag('syn', 'SYN', 0x02, bits),
  flag('fin', 'FIN', 0x01, bits),
];
export const TCP_FLAGS_8 = [f.x8('cflow.tcpflags.reserved', 'Reserved', { mask: 0xc0, bits: 8 }), ...flagsOf(8)];
export const TCP_FLAGS_16 = [
  f.x16('cflow.tcpflags.zero', 'Zero (Header Length)', { mask: 0xf000, bits: 16 }),
  f.x16('cflow.tcpflags.reserved', 'Reserved', { mask: 0x0e00, bits: 16 }),
  flag('ns', 'ECN Nonce Sum', 0x100, 16),
  flag('cwr', 'CWR', 0x80, 16),
  flag('ece', 'ECN Echo', 0x40, 16),
  ...flagsOf(16),
];
export const V = {
  flags8: f.x8('cflow.tcpflags', 'TCP Flags'),
  flags16: f.x16('cflow.tcpflags', 'TCP Flags'),
  duration: f.span('cflow.timedelta', 'Duration'),
  start: f.span('cflow.timestart', 'StartTime'),
  end: f.span('cflow.timeend', 'EndTime'),
  absoluteStart: f.time('cflow.abstimestart', 'StartTime'),
  absoluteEnd: f.time('cflow.abstimeend', 'EndTime'),
  enterprise: f.bytes('cflow.enterprise_private_entry', 'Enterprise Private entry'),
  shortLength: f.u8('cflow.string_len_short', 'String_len_short'),
  longLength: f.u16('cflow.string_len_long', 'String_len_short'),
};
const NAMES: Record<string, Readonly<Record<number, string>>> = {
  protocol: IP_PROTOCOLS,
  flow_end_reason: END_REASONS,
  direction: { 0: 'Ingress', 1: 'Egress' },
  sampling_algorithm: { 0: 'No sampling mode configured', 1: 'Deterministic sampling', 2: 'Random sampling' },
};
const MAKE = {
  n8: f.u8,
  n16: f.u16,
  n32: f.u32,
  n64: f.u64,
  x8: f.x8,
  x16: f.x16,
  ip4: f.ip4,
  ip6: f.ip6,
  mac: f.mac,
  bytes: f.bytes,
  text: f.text,
};
const fieldOf = ([, kind, name, title]: Element): Field | undefined => {
  if (!kind || kind === 'flags' || kind === 'time' || !name) return undefined;
  const names = NAMES[name];
  return MAKE[kind](`cflow.${name}`, title!, names ? { names } : {});
};
const fieldsOf = (table: Readonly<Record<number, Element>>): Record<string, Field> =>
  Object.fromEntries(
    Object.entries(table).flatMap(([id, element]) => {
      const field = fieldOf(element);
      return field ? [[id, field]] : [];
    }),
  );
export const ELEMENT_FIELDS = fieldsOf(ELEMENTS);
export const SCOPE_FIELDS = fieldsOf(SCOPES);

/** Elements that come in pairs: [start, end, what they count in, ns of one, since the epoch]. */
const PAIRS: readonly (readonly [number, number, string, bigint, boolean])[] = [
  [22, 21, 'switched', 1_000_000n, false],
  [150, 151, 'seconds', 1_000_000_000n, true],
  [152, 153, 'milliseconds', 1_000_000n, true],
  [154, 155, 'microseconds', 0n, true],
  [156, 157, 'nanoseconds', 0n, true],
];
const NTP_TO_UNIX = 2_208_988_800n;

function number(bytes: Uint8Array, at: number, length: number): bigint {
  let value = 0n;
  for (let i = at; i < at + Math.min(length, 8); i++) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return value;
}

/** ns: relative times count ms; those of 154 to 157 are NTP timestamps (RFC 7011 §6.1.9). */
function nsOf(bytes: Uint8Array, at: number, length: number, unit: bigint): bigint {
  const value = number(bytes, at, length);
  if (unit !== 0n) return value * unit;
  return ((value >> 32n) - NTP_TO_UNIX) * 1_000_000_000n + (((value & 0xffff_ffffn) * 1_000_000_000n) >> 32n);
}

interface Placed {
  field: TemplateField;
  at: number;
  length: number;
}

/** Where each field of a record lies, and where the next record begins; undefined: it is not all there. */
function place(c: Cursor, fields: readonly TemplateField[]): { placed: Placed[]; end: number } | undefined {
  const placed: Placed[] = [];
  let at = c.at;
  for (const field of fields) {
    let { length } = field;
    if (length === VARIABLE) {
      length = c.bytes[at++] ?? 0;
      if (length === 255) {
        length = ((c.bytes[at] ?? 0) << 8) | (c.bytes[at + 1] ?? 0);
        at += 2;
      }
    }
    if (at + length > c.end) return undefined;
    placed.push({ field, at, length });
    at += length;
  }
  return { placed, end: at };
}

/** One record; false when what is left is none. */
export function emitRecord(d: Dissection, c: Cursor, fields: readonly TemplateField[], index: number): boolean {
  const found = place(c, fields);
  if (!found || found.end === c.at) return false;
  c.group(`Flow ${index}`, found.end - c.at, () => {
    const done = new Set<Placed>();
    for (const one of found.placed) if (!done.has(one)) emitValue(d, c, one, found.placed, done);
  });
  return true;
}

function emitValue(d: Dissection, c: Cursor, one: Placed, all: readonly Placed[], done: Set<Placed>): void {
  const { field, at, length } = one;
  if (emitPair(c, one, all, done) || length === 0) return;
  if (field.enterprise !== undefined) {
    const label = `Enterprise Private entry: (${field.enterprise}) Type ${field.type}: ${hexText(c.bytes, at, at + length)}`;
    c.out.value(V.enterprise, at, length, c.bytes.subarray(at, at + length), { label });
    return;
  }
  if (field.type === 6 && !field.scope) {
    emitFlags(c, at, length);
    return;
  }
  const scope = field.scope && !field.ipfix;
  const target = (scope ? SCOPE_FIELDS : ELEMENT_FIELDS)[field.type];
  const fits = target && fitting(target, length);
  if (!fits) {
    const name = (scope ? SCOPES : ELEMENTS)[field.type]?.[0] ?? `Element ${field.type}`;
    c.out.value(GROUP, at, length, null, { label: `${name}: ${hexText(c.bytes, at, at + length)}` });
    return;
  }
  if (target.type === 'string') emitText(d, c, target, one);
  else if (target.type === 'bytes' || target.type === 'ipv4' || target.type === 'ipv6' || target.type === 'ether')
    c.out.item(target, at, length);
  else {
    const value = number(c.bytes, at, length);
    c.out.value(target, at, length, target.type === 'uint64' ? value : Number(value));
  }
}

function fitting(field: Field, length: number): boolean {
  const exact = { ipv4: 4, ipv6: 16, ether: 6 }[field.type as 'ipv4'];
  if (exact !== undefined) return length === exact;
  if (field.type === 'bytes' || field.type === 'string') return true;
  return length <= (field.type === 'uint64' ? 8 : 4);
}

function emitText(d: Dissection, c: Cursor, field: Field, { field: { length: stated }, at, length }: Placed): void {
  const inner = new Cursor(d, c.out, at, at + length);
  if (stated !== VARIABLE) {
    inner.text(field, length);
    return;
  }
  const head =
    c.bytes[at - 3] === 255 && length > 0 && c.bytes[at - 1] === (length & 0xff) && c.bytes[at - 2] === length >> 8;
  inner.text(field, length);
  if (head) {
    c.out.value(V.shortLength, at - 3, 1, 255);
    c.out.value(V.longLength, at - 2, 2, length);
  } else c.out.value(V.shortLength, at - 1, 1, length);
}

function emitPair(c: Cursor, one: Placed, all: readonly Placed[], done: Set<Placed>): boolean {
  const { type, enterprise, scope } = one.field;
  if (enterprise !== undefined || scope) return false;
  const pair = PAIRS.find(([start, end]) => type === start || type === end);
  if (!pair || one.length > 8 || one.length === 0) return false;
  const [startType, endType, word, unit, absolute] = pair;
  const find = (wanted: number) =>
    all.find((other) => other.field.type === wanted && other.field.enterprise === undefined && !done.has(other));
  const start = find(startType);
  const end = find(endType);
  const ns = ({ at, length }: Placed) => nsOf(c.bytes, at, length, unit);
  const show = (field: Field, of: Placed) => {
    done.add(of);
    c.out.value(field, of.at, of.length, ns(of));
  };
  if (start && end) c.out.open(V.duration, one.at, 0, ns(end) - ns(start), { suffix: ` (${word})`, generated: true });
  if (start) show(absolute ? V.absoluteStart : V.start, start);
  if (end) show(absolute ? V.absoluteEnd : V.end, end);
  if (start && end) c.out.close();
  return true;
}

const FLAG_WORDS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'];
function emitFlags(c: Cursor, at: number, length: number): void {
  if (length > 2) return;
  const value = Number(number(c.bytes, at, length));
  const words = FLAG_WORDS.filter((_, i) => value & (1 << i)).reverse();
  const suffix = words.map((word) => `, ${word}`).join('');
  c.out.open(length === 1 ? V.flags8 : V.flags16, at, length, value, { suffix });
  for (const field of length === 1 ? TCP_FLAGS_8 : TCP_FLAGS_16) c.out.item(field, at, length);
  c.out.close();
}
