/** IPv4 options (RFC 791 §3.1, RFC 2113, RFC 6814 says which are gone): type octet taken apart, routes and timestamps listed. */
import { u16, u32 } from '../bytes.ts';
import type { Dissection, FieldSink } from '../dissection.ts';
import { type Field, GROUP } from '../field.ts';
import { hexText } from '../text.ts';

const NUMBERS: Record<number, string> = {
  0: 'End of Option List (EOL)',
  1: 'No-Operation (NOP)',
  2: 'Security',
  3: 'Loose source route',
  4: 'Time stamp',
  7: 'Record route',
  8: 'Stream ID',
  9: 'Strict source route',
  20: 'Router Alert',
  25: 'Quick-Start',
};

interface Known {
  title: string;
  field: Field;
}
const option = (name: string, title: string): Known => ({ title, field: { name, title, type: 'bytes' } });

const KNOWN: Record<number, Known> = {
  0: option('ip.options.eol', 'End of Options List (EOL)'),
  1: option('ip.options.nop', 'No-Operation (NOP)'),
  7: option('ip.options.record_route', 'Record Route'),
  131: option('ip.options.route', 'Loose Source Route'),
  137: option('ip.options.source_route', 'Strict Source Route'),
  68: option('ip.options.timestamp', 'Time Stamp'),
  148: option('ip.options.routeralert', 'Router Alert'),
  130: option('ip.options.security', 'Security'),
};
/** Wireshark has no name for it either. */
const UNKNOWN: Known = { title: 'Unknown', field: GROUP };

const F = {
  type: { name: 'ip.opt.type', title: 'Type', type: 'uint8' },
  copy: {
    name: 'ip.opt.type.copy',
    title: 'Copy on fragmentation',
    type: 'boolean',
    mask: 0x80,
    bits: 8,
    truth: ['Yes', 'No'],
  },
  class: {
    name: 'ip.opt.type.class',
    title: 'Class',
    type: 'uint8',
    mask: 0x60,
    bits: 8,
    names: { 0: 'Control', 1: 'Reserved for future use', 2: 'Debugging and measurement', 3: 'Reserved for future use' },
  },
  number: { name: 'ip.opt.type.number', title: 'Number', type: 'uint8', mask: 0x1f, bits: 8, names: NUMBERS },
  length: { name: 'ip.opt.len', title: 'Length', type: 'uint8' },
  pointer: { name: 'ip.opt.ptr', title: 'Pointer', type: 'uint8' },
  alert: {
    name: 'ip.opt.ra',
    title: 'Router Alert',
    type: 'uint16',
    names: (value) => (value === 0 ? 'Router shall examine packet' : 'Reserved'),
  },
  recorded: { name: 'ip.rec_rt', title: 'Recorded Route', type: 'ipv4' },
  overflow: { name: 'ip.opt.overflow', title: 'Overflow', type: 'uint8', mask: 0xf0, bits: 8 },
  stampFlag: {
    name: 'ip.opt.flag',
    title: 'Flag',
    type: 'uint8',
    base: 'hex',
    mask: 0x0f,
    bits: 8,
    names: { 0: 'Time stamps only', 1: 'Time stamp and address', 3: 'Time stamps for prespecified addresses' },
  },
  stamp: { name: 'ip.opt.time_stamp', title: 'Time stamp', type: 'uint32' },
  stampAddress: { name: 'ip.opt.time_stamp_addr', title: 'Address', type: 'ipv4' },
  empty: { name: 'ip.empty_rt', title: 'Empty Route', type: 'ipv4' },
} satisfies Record<string, Field>;

export const IPV4_OPTION_FIELDS: Record<string, Field> = {
  ...Object.fromEntries(Object.entries(F).map(([key, field]) => [`opt_${key}`, field as Field])),
  ...Object.fromEntries(Object.values(KNOWN).map(({ field }) => [field.name, field])),
};

interface Option {
  at: number;
  length: number;
  type: number;
  known: Known;
}

/** The options that are wholly there; a length that makes no sense ends the list. */
function list(d: Dissection, start: number, end: number): Option[] {
  const found: Option[] = [];
  const limit = Math.min(end, d.bytes.length);
  for (let at = start; at < limit; ) {
    const type = d.bytes[at]!;
    const length = type <= 1 ? 1 : at + 1 < limit ? d.bytes[at + 1]! : 0;
    if (length < (type <= 1 ? 1 : 2) || at + length > limit) break;
    found.push({ at, length, type, known: KNOWN[type] ?? UNKNOWN });
    if (type === 0) break;
    at += length;
  }
  return found;
}

export function emitIpv4Options(d: Dissection, start: number, end: number, out: FieldSink): void {
  const options = list(d, start, end);
  const named = options.filter(({ type }) => type > 1).map(({ known }) => `, ${known.title}`);
  out.open(GROUP, start, end - start, null, { label: `Options: (${end - start} bytes)${named.join('')}` });
  for (const { at, length, type, known } of options) {
    const sized = type > 1 ? ` (${length} bytes)` : '';
    const alert = type === 148 && length === 4 ? `: ${alertText(u16(d.bytes, at + 2))}` : '';
    const value = d.bytes.subarray(at, at + length);
    out.open(known.field, at, length, value, { label: `IP Option - ${known.title}${sized}${alert}` });
    out.open(F.type, at, 1, type);
    out.item(F.copy, at);
    out.item(F.class, at);
    out.item(F.number, at);
    out.close();
    if (type > 1) emitBody(d, at, length, type, out);
    out.close();
  }
  out.close();
}

function alertText(value: number): string {
  return `${value === 0 ? 'Router shall examine packet' : 'Reserved'} (${value})`;
}

function emitBody(d: Dissection, at: number, length: number, type: number, out: FieldSink): void {
  out.item(F.length, at + 1);
  if (type === 148 && length === 4) out.item(F.alert, at + 2);
  else if ((type === 7 || type === 131 || type === 137) && length >= 3) emitRoute(d, at, length, out);
  else if (type === TIMESTAMP && length >= 4) emitStamps(d, at, length, out);
  else if (length > 2)
    out.item(GROUP, at + 2, length - 2, { label: `Option data: ${hexText(d.bytes, at + 2, at + length)}` });
}

const TIMESTAMP = 68;
/** Before each time stands whose it is (RFC 791). */
const WITH_ADDRESSES = [1, 3];

function emitStamps(d: Dissection, at: number, length: number, out: FieldSink): void {
  for (const [field, from] of [
    [F.pointer, 2],
    [F.overflow, 3],
    [F.stampFlag, 3],
  ] as const)
    out.item(field, at + from);
  const addresses = WITH_ADDRESSES.includes(d.bytes[at + 3]! & 0x0f);
  const size = addresses ? 8 : 4;
  for (let slot = at + 4; slot + size <= at + length; slot += size) {
    if (addresses) out.item(F.stampAddress, slot, 4, u32(d.bytes, slot) === 0 ? { label: 'Address: -' } : undefined);
    out.item(F.stamp, slot + size - 4);
  }
}

/** The pointer counts from 1 at the option's first octet; slots before it are filled. */
function emitRoute(d: Dissection, at: number, length: number, out: FieldSink): void {
  out.item(F.pointer, at + 2);
  const pointer = d.bytes[at + 2]!;
  for (let slot = 3; slot + 4 <= length; slot += 4) {
    const next = slot + 1 === pointer ? { suffix: ' <- (next)' } : undefined;
    out.item(slot + 1 < pointer ? F.recorded : F.empty, at + slot, 4, next);
  }
}
