/** IPv6 neighbour discovery (RFC 4861) with its options; the four messages and redirect. */
import { u16, u32 } from '../bytes.ts';
import type { Dissection, FieldSink, Layer } from '../dissection.ts';
import { type Field, GROUP, SET } from '../field.ts';
import { hexText, ipv6Text, macText } from '../text.ts';
import { emitNamedOption, ND_OPTION_FIELDS, namedOptionText } from './icmpv6-nd-options.ts';

const SOLICIT_ROUTER = 133;
const ADVERTISE_ROUTER = 134;
const SOLICIT = 135;
const ADVERTISE = 136;
const REDIRECT = 137;
const BODY = 4;

const OPT_SOURCE = 1;
const OPT_TARGET = 2;
const OPT_PREFIX = 3;
const OPT_MTU = 5;

const OPTIONS: Record<number, string> = {
  1: 'Source link-layer address',
  2: 'Target link-layer address',
  3: 'Prefix information',
  4: 'Redirected header',
  5: 'MTU',
  14: 'Nonce',
  24: 'Route Information',
  25: 'Recursive DNS Server',
  31: 'DNS Search List Option',
  38: 'PREF64 Option',
};

const flag = (name: string, title: string, mask: number, bits: number): Field => ({
  name,
  title,
  type: 'boolean',
  mask,
  bits,
  truth: SET,
});

const F = {
  reserved: { name: 'icmpv6.reserved', title: 'Reserved', type: 'bytes' },
  raHops: { name: 'icmpv6.nd.ra.cur_hop_limit', title: 'Cur hop limit', type: 'uint8' },
  raFlags: { name: 'icmpv6.nd.ra.flag', title: 'Flags', type: 'uint8', base: 'hex' },
  raM: flag('icmpv6.nd.ra.flag.m', 'Managed address configuration', 0x80, 8),
  raO: flag('icmpv6.nd.ra.flag.o', 'Other configuration', 0x40, 8),
  raH: flag('icmpv6.nd.ra.flag.h', 'Home Agent', 0x20, 8),
  raPrf: {
    name: 'icmpv6.nd.ra.flag.prf',
    title: 'Prf (Default Router Preference)',
    type: 'uint8',
    mask: 0x18,
    bits: 8,
    names: { 0: 'Medium', 1: 'High', 2: 'Reserved', 3: 'Low' },
  },
  raP: flag('icmpv6.nd.ra.flag.p', 'Proxy', 0x04, 8),
  raRsv: { name: 'icmpv6.nd.ra.flag.rsv', title: 'Reserved', type: 'uint8', mask: 0x03, bits: 8 },
  raLifetime: { name: 'icmpv6.nd.ra.router_lifetime', title: 'Router lifetime (s)', type: 'uint16' },
  raReachable: { name: 'icmpv6.nd.ra.reachable_time', title: 'Reachable time (ms)', type: 'uint32' },
  raRetrans: { name: 'icmpv6.nd.ra.retrans_timer', title: 'Retrans timer (ms)', type: 'uint32' },
  nsTarget: { name: 'icmpv6.nd.ns.target_address', title: 'Target Address', type: 'ipv6' },
  naFlags: { name: 'icmpv6.nd.na.flag', title: 'Flags', type: 'uint32', base: 'hex' },
  naR: flag('icmpv6.nd.na.flag.r', 'Router', 0x80000000, 32),
  naS: flag('icmpv6.nd.na.flag.s', 'Solicited', 0x40000000, 32),
  naO: flag('icmpv6.nd.na.flag.o', 'Override', 0x20000000, 32),
  naRsv: { name: 'icmpv6.nd.na.flag.rsv', title: 'Reserved', type: 'uint32', mask: 0x1fffffff, bits: 32 },
  naTarget: { name: 'icmpv6.nd.na.target_address', title: 'Target Address', type: 'ipv6' },
  rdTarget: { name: 'icmpv6.nd.rd.target_address', title: 'Target Address', type: 'ipv6' },
  rdDestination: { name: 'icmpv6.rd.na.destination_address', title: 'Destination Address', type: 'ipv6' },
  option: { name: 'icmpv6.opt', title: 'ICMPv6 Option', type: 'none' },
  optType: {
    name: 'icmpv6.opt.type',
    title: 'Type',
    type: 'uint8',
    names: (value) => OPTIONS[value] ?? 'Unknown',
  },
  optLength: { name: 'icmpv6.opt.length', title: 'Length', type: 'uint8' },
  link: { name: 'icmpv6.opt.linkaddr', title: 'Link-layer address', type: 'ether' },
  srcLink: { name: 'icmpv6.opt.src_linkaddr', title: 'Source Link-layer address', type: 'ether' },
  targetLink: { name: 'icmpv6.opt.target_linkaddr', title: 'Target Link-layer address', type: 'ether' },
  optReserved: { name: 'icmpv6.opt.reserved', title: 'Reserved', type: 'none' },
  optMtu: { name: 'icmpv6.opt.mtu', title: 'MTU', type: 'uint32' },
  prefixLength: { name: 'icmpv6.opt.prefix.length', title: 'Prefix Length', type: 'uint8' },
  prefixFlags: { name: 'icmpv6.opt.prefix.flag', title: 'Flag', type: 'uint8', base: 'hex' },
  prefixL: flag('icmpv6.opt.prefix.flag.l', 'On-link flag(L)', 0x80, 8),
  prefixA: flag('icmpv6.opt.prefix.flag.a', 'Autonomous address-configuration flag(A)', 0x40, 8),
  prefixR: flag('icmpv6.opt.prefix.flag.r', 'Router address flag(R)', 0x20, 8),
  prefixRsv: { name: 'icmpv6.opt.prefix.flag.reserved', title: 'Reserved', type: 'uint8', mask: 0x1f, bits: 8 },
  valid: { name: 'icmpv6.opt.prefix.valid_lifetime', title: 'Valid Lifetime', type: 'uint32' },
  preferred: { name: 'icmpv6.opt.prefix.preferred_lifetime', title: 'Preferred Lifetime', type: 'uint32' },
  prefix: { name: 'icmpv6.opt.prefix', title: 'Prefix', type: 'ipv6' },
} satisfies Record<string, Field>;

export const ND_FIELDS: Record<string, Field> = {
  ...Object.fromEntries(Object.entries(F).map(([key, field]) => [`nd_${key}`, field as Field])),
  ...ND_OPTION_FIELDS,
};

export function isNeighborDiscovery(type: number): boolean {
  return type >= SOLICIT_ROUTER && type <= REDIRECT;
}

/** Bytes from the ICMPv6 header to the first option. */
function optionsAt(type: number): number {
  switch (type) {
    case SOLICIT_ROUTER:
      return 8;
    case ADVERTISE_ROUTER:
      return 16;
    case REDIRECT:
      return 40;
    default:
      return 24;
  }
}

/** Offset of the first option of a type whose address is wholly there, or −1. */
function findOption(d: Dissection, layer: Layer, type: number, option: number): number {
  const end = d.capturedEnd(layer);
  for (let at = layer.start + optionsAt(type); at + 8 <= end; ) {
    const length = d.bytes[at + 1]! * 8;
    if (length === 0) return -1;
    if (d.bytes[at] === option) return at;
    at += length;
  }
  return -1;
}

/** What follows the message's name in the Info column. */
export function neighborDiscoveryInfo(d: Dissection, layer: Layer, type: number): string {
  const { bytes } = d;
  const target = layer.start + 8;
  const whole = target + 16 <= d.capturedEnd(layer);
  const link = findOption(d, layer, type, type === ADVERTISE ? OPT_TARGET : OPT_SOURCE);
  const address = link < 0 ? '' : macText(bytes, link + 2);
  if (type === SOLICIT) {
    return (whole ? ` for ${ipv6Text(bytes, target)}` : '') + (address && ` from ${address}`);
  }
  if (type === ADVERTISE) {
    const flags = bytes[layer.start + BODY]!;
    const words = [flags & 0x80 && 'rtr', flags & 0x40 && 'sol', flags & 0x20 && 'ovr'].filter(Boolean);
    const said = words.length > 0 ? ` (${words.join(', ')})` : '';
    return (whole ? ` ${ipv6Text(bytes, target)}${said}` : '') + (address && ` is at ${address}`);
  }
  return address && ` from ${address}`;
}

export function emitNeighborDiscovery(d: Dissection, layer: Layer, type: number, out: FieldSink): void {
  const at = layer.start + BODY;
  if (type === ADVERTISE_ROUTER) emitRouterAdvertisement(d, at, out);
  else if (type === ADVERTISE) {
    emitFlags(F.naFlags, at, 4, u32(d.bytes, at), [F.naR, F.naS, F.naO], out);
    out.item(F.naRsv, at);
    out.close();
    out.item(F.naTarget, at + 4);
  } else {
    out.item(F.reserved, at, 4);
    if (type === SOLICIT) out.item(F.nsTarget, at + 4);
    if (type === REDIRECT) {
      out.item(F.rdTarget, at + 4);
      out.item(F.rdDestination, at + 20);
    }
  }
  emitOptions(d, layer.start + optionsAt(type), d.capturedEnd(layer), out);
}

/** Opens the flags node, names in its label those that are set, and puts the bits below it. The caller closes. */
function emitFlags(
  field: Field,
  at: number,
  width: number,
  value: number,
  bits: Field[],
  out: FieldSink,
  more = '',
): void {
  const set = bits.filter(({ mask }) => (value & mask!) !== 0).map(({ title }) => `, ${title}`);
  out.open(field, at, width, value, { suffix: set.join('') + more });
  for (const bit of bits) out.item(bit, at, width);
}

function emitRouterAdvertisement(d: Dissection, at: number, out: FieldSink): void {
  const flags = d.bytes[at + 1]!;
  out.item(F.raHops, at);
  const preference = (F.raPrf.names as Record<number, string>)[(flags & 0x18) >> 3];
  emitFlags(
    F.raFlags,
    at + 1,
    1,
    flags,
    [F.raM, F.raO, F.raH],
    out,
    `, Prf (Default Router Preference): ${preference}`,
  );
  out.item(F.raPrf, at + 1);
  out.item(F.raP, at + 1);
  out.item(F.raRsv, at + 1);
  out.close();
  out.item(F.raLifetime, at + 2);
  out.item(F.raReachable, at + 4);
  out.item(F.raRetrans, at + 8);
}

function emitOptions(d: Dissection, start: number, end: number, out: FieldSink): void {
  for (let at = start; at + 2 <= end; ) {
    const type = d.bytes[at]!;
    const units = d.bytes[at + 1]!;
    const length = units * 8;
    if (length === 0 || at + length > end) return;
    const about = optionText(d, at, type, length);
    const label = `ICMPv6 Option (${OPTIONS[type] ?? `Unknown ${type}`}${about})`;
    out.open(F.option, at, length, null, { label });
    out.item(F.optType, at);
    out.item(F.optLength, at + 1, 1, { suffix: ` (${length} bytes)` });
    emitOption(d, at, type, length, out);
    out.close();
    at += length;
  }
}

function optionText(d: Dissection, at: number, type: number, length: number): string {
  const { bytes } = d;
  if ((type === OPT_SOURCE || type === OPT_TARGET) && length === 8) return ` : ${macText(bytes, at + 2)}`;
  if (type === OPT_MTU && length === 8) return ` : ${u32(bytes, at + 4)}`;
  if (type === OPT_PREFIX && length === 32) return ` : ${ipv6Text(bytes, at + 16)}/${bytes[at + 2]}`;
  return namedOptionText(d, { type, at, length }) ?? '';
}

function emitOption(d: Dissection, at: number, type: number, length: number, out: FieldSink): void {
  if ((type === OPT_SOURCE || type === OPT_TARGET) && length === 8) {
    out.item(F.link, at + 2);
    out.hidden(type === OPT_SOURCE ? F.srcLink : F.targetLink, at + 2);
  } else if (type === OPT_MTU && length === 8) {
    out.item(F.optReserved, at + 2, 2);
    out.item(F.optMtu, at + 4);
  } else if (type === OPT_PREFIX && length === 32) {
    out.item(F.prefixLength, at + 2);
    emitFlags(F.prefixFlags, at + 3, 1, u16(d.bytes, at + 2) & 0xff, [F.prefixL, F.prefixA, F.prefixR], out);
    out.item(F.prefixRsv, at + 3);
    out.close();
    out.item(F.valid, at + 4);
    out.item(F.preferred, at + 8);
    out.item(F.optReserved, at + 12, 4);
    out.item(F.prefix, at + 16);
  } else if (!emitNamedOption(d, { type, at, length }, out))
    out.item(GROUP, at + 2, length - 2, { label: `Data: ${hexText(d.bytes, at + 2, at + length)}` });
}
