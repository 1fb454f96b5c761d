/** Options of IPv6 hop-by-hop and destination headers (RFC 8200 §4.2; IANA "Destination Options and Hop-by-Hop Options"). */
import type { Dissection, FieldSink } from '../dissection.ts';
import type { Field } from '../field.ts';
import { hex } from '../text.ts';

const PAD1 = 0;
const NAMES: Record<number, string> = {
  0: 'Pad1',
  1: 'PadN',
  4: 'Tunnel Encapsulation Limit',
  5: 'Router Alert',
  7: 'CALIPSO',
  8: 'SMF_DPD',
  15: 'Performance and Diagnostic Metrics',
  30: 'Experimental (0x1E)',
  38: 'Quick-Start',
  48: 'Minimum Path MTU Hop-by-Hop Option',
  194: 'Jumbo Payload',
  201: 'Home Address',
};
const ALERTS: Record<number, string> = { 0: 'MLD', 1: 'RSVP', 2: 'Active Network' };

const F = {
  option: { name: 'ipv6.opt', title: 'IPv6 Option', type: 'none' },
  type: {
    name: 'ipv6.opt.type',
    title: 'Type',
    type: 'uint8',
    base: 'hex',
    names: (value) => NAMES[value] ?? 'IPv6 Option',
  },
  action: {
    name: 'ipv6.opt.type.action',
    title: 'Action',
    type: 'uint8',
    mask: 0xc0,
    bits: 8,
    names: {
      0: 'Skip and continue',
      1: 'Discard',
      2: 'Discard and send ICMP',
      3: 'Discard and send ICMP if not multicast',
    },
  },
  change: {
    name: 'ipv6.opt.type.change',
    title: 'May Change',
    type: 'boolean',
    mask: 0x20,
    bits: 8,
    truth: ['Yes', 'No'],
  },
  rest: { name: 'ipv6.opt.type.rest', title: 'Low-Order Bits', type: 'uint8', base: 'hex', mask: 0x1f, bits: 8 },
  length: { name: 'ipv6.opt.length', title: 'Length', type: 'uint8' },
  pad1: { name: 'ipv6.opt.pad1', title: 'Pad1', type: 'none' },
  padn: { name: 'ipv6.opt.padn', title: 'PadN', type: 'bytes' },
  alert: {
    name: 'ipv6.opt.router_alert',
    title: 'Router Alert',
    type: 'uint16',
    names: (value) => ALERTS[value] ?? 'Unknown',
  },
  tunnel: { name: 'ipv6.opt.tel', title: 'Tunnel Encapsulation Limit', type: 'uint8' },
  jumbo: { name: 'ipv6.opt.jumbo', title: 'Payload Length', type: 'uint32' },
  home: { name: 'ipv6.opt.mipv6.home_address', title: 'MIPv6 Home Address', type: 'ipv6' },
  experimental: { name: 'ipv6.opt.experimental', title: 'Experimental Option', type: 'bytes' },
  unknown: { name: 'ipv6.opt.unknown', title: 'Unknown Option Payload', type: 'bytes' },
} satisfies Record<string, Field>;

export const IPV6_OPTION_FIELDS: Record<string, Field> = Object.fromEntries(
  Object.entries(F).map(([key, field]) => [`opt_${key}`, field as Field]),
);

/** @param start,end packet offsets of the options area. */
export function emitIpv6Options(d: Dissection, start: number, end: number, out: FieldSink): void {
  const limit = Math.min(end, d.bytes.length);
  for (let at = start; at < limit; ) {
    const type = d.bytes[at]!;
    const size = type === PAD1 ? 1 : 2 + (d.bytes[at + 1] ?? 0);
    out.open(F.option, at, size, null, { label: NAMES[type] ?? `IPv6 Option (${hex(type, 2)})` });
    out.open(F.type, at, 1, type);
    out.item(F.action, at);
    out.item(F.change, at);
    out.item(F.rest, at);
    out.close();
    if (type !== PAD1) {
      out.item(F.length, at + 1);
      emitBody(d, type, at + 2, size - 2, out);
    }
    out.close();
    at += size;
  }
}

function emitBody(d: Dissection, type: number, at: number, length: number, out: FieldSink): void {
  if (type === 1) {
    out.value(F.padn, at, length, length === 0 ? '<none>' : d.bytes.subarray(at, at + length));
  } else if (type === 5 && length === 2) out.item(F.alert, at);
  else if (type === 4 && length === 1) out.item(F.tunnel, at);
  else if (type === 194 && length === 4) out.item(F.jumbo, at);
  else if (type === 201 && length === 16) out.item(F.home, at);
  else if (type === 30) out.item(F.experimental, at, length);
  else if (length > 0) out.item(F.unknown, at, length);
}
