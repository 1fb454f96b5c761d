/**
 * IPv6 extension headers (RFC 8200 §4): hop-by-hop and destination options, routing, fragment. Each is a layer; a fragment with an
 * offset ends the walk, a first fragment goes on with what it has.
 */
import type { Whole } from '../../state/fragments.ts';
import { u16, u32 } from '../bytes.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { IP_PROTOCOLS } from '../names/ip-protocols.ts';
import { addFragment, emitFragments, fragmentFields } from '../reassembly.ts';
import { hex, hexText, ipv6Text } from '../text.ts';
import { rest } from './data.ts';
import { followNextHeader, nextHeaderInfo } from './ipv6.ts';
import { emitIpv6Options, IPV6_OPTION_FIELDS } from './ipv6-options.ts';

const NEXT = 0;
const LENGTH = 1;

/** The IPv6 layer below, whose node grows by this header's length. */
function baseOf(layer: Layer): Layer {
  let at = layer;
  while (at.below && at.protocol.name !== 'ipv6') at = at.below;
  return at;
}

/** Length field counts units of 8 bytes beyond the first. */
function walkLong(d: Dissection, layer: Layer): Protocol | undefined {
  const length = (d.bytes[layer.start + LENGTH]! + 1) * 8;
  layer.headerLength = length;
  if (layer.start + length > d.capturedEnd(layer)) {
    d.malformed(layer);
    return undefined;
  }
  const base = baseOf(layer);
  base.headerLength += length;
  return followNextHeader(d, d.bytes[layer.start + NEXT]!, layer.start + length, layer.end, base);
}

const info = (d: Dissection, layer: Layer) => nextHeaderInfo(d.bytes[layer.start + NEXT]!);

function lengthFields(prefix: string) {
  return {
    nxt: { name: `${prefix}.nxt`, title: 'Next Header', type: 'uint8', names: IP_PROTOCOLS },
    len: { name: `${prefix}.len`, title: 'Length', type: 'uint8' },
    octets: { name: `${prefix}.len_oct`, title: 'Length', type: 'uint16', unit: [' byte', ' bytes'] },
  } satisfies Record<string, Field>;
}

function emitLength(d: Dissection, layer: Layer, fields: ReturnType<typeof lengthFields>, out: FieldSink): void {
  out.item(fields.nxt, layer.start + NEXT);
  out.item(fields.len, layer.start + LENGTH);
  out.value(fields.octets, layer.start + LENGTH, 1, (d.bytes[layer.start + LENGTH]! + 1) * 8, { generated: true });
}

function optionsHeader(name: string, title: string, number: number): Protocol {
  const fields = lengthFields(name);
  return {
    name,
    column: 'IPv6',
    title,
    tint: 'ipv6',
    minLength: 8,
    binds: { 'ipv6.nxt': [number] },
    fields: { ...fields, ...IPV6_OPTION_FIELDS },
    walk: walkLong,
    info,
    emit(d, layer, out) {
      emitLength(d, layer, fields, out);
      emitIpv6Options(d, layer.start + 2, layer.start + layer.headerLength, out);
    },
  };
}

export const hopByHop: Protocol = optionsHeader('ipv6.hopopts', 'IPv6 Hop-by-Hop Option', 0);
export const destinationOptions: Protocol = optionsHeader('ipv6.dstopts', 'Destination Options for IPv6', 60);

const TYPES: Record<number, string> = {
  0: 'Source Route',
  1: 'Nimrod',
  2: 'Type 2 Routing',
  3: 'RPL Source Route',
  4: 'Segment Routing',
  253: 'RFC3692-style Experiment 1',
  254: 'RFC3692-style Experiment 2',
};

const ROUTING = {
  ...lengthFields('ipv6.routing'),
  type: { name: 'ipv6.routing.type', title: 'Type', type: 'uint8', names: TYPES },
  left: { name: 'ipv6.routing.segleft', title: 'Segments Left', type: 'uint8' },
  mipReserved: { name: 'ipv6.routing.mipv6.reserved', title: 'Reserved', type: 'bytes' },
  mipAddress: { name: 'ipv6.routing.mipv6.home_address', title: 'Home Address', type: 'ipv6' },
  srcReserved: { name: 'ipv6.routing.src.reserved', title: 'Reserved', type: 'bytes' },
  srcAddress: { name: 'ipv6.routing.src.addr', title: 'Address', type: 'ipv6' },
  srLast: { name: 'ipv6.routing.srh.last_entry', title: 'Last Entry', type: 'uint8' },
  srFlags: { name: 'ipv6.routing.srh.flags', title: 'Flags', type: 'uint8', base: 'hex' },
  srTag: { name: 'ipv6.routing.srh.tag', title: 'Tag', type: 'bytes' },
  srAddress: { name: 'ipv6.routing.srh.addr', title: 'Address', type: 'ipv6' },
  unknown: { name: 'ipv6.routing.unknown_data', title: 'Type-Specific Data', type: 'bytes' },
} satisfies Record<string, Field>;

export const routing: Protocol = {
  name: 'ipv6.routing',
  column: 'IPv6',
  title: 'Routing Header for IPv6',
  tint: 'ipv6',
  minLength: 8,
  binds: { 'ipv6.nxt': [43] },
  fields: ROUTING,
  walk: walkLong,
  info,
  label: (d, layer) => `Routing Header for IPv6 (${TYPES[d.bytes[layer.start + 2]!] ?? 'Unknown type'})`,

  emit(d, layer, out) {
    const at = layer.start;
    const type = d.bytes[at + 2]!;
    emitLength(d, layer, ROUTING, out);
    out.item(ROUTING.type, at + 2);
    out.item(ROUTING.left, at + 3);
    let address: Field = ROUTING.srcAddress;
    if (type === 2) {
      out.item(ROUTING.mipReserved, at + 4, 4);
      address = ROUTING.mipAddress;
    } else if (type === 0) out.item(ROUTING.srcReserved, at + 4, 4);
    else if (type === 4) {
      out.item(ROUTING.srLast, at + 4);
      out.item(ROUTING.srFlags, at + 5);
      out.item(ROUTING.srTag, at + 6, 2);
      address = ROUTING.srAddress;
    } else {
      out.item(ROUTING.unknown, at + 4, layer.headerLength - 4);
      return;
    }
    const end = at + layer.headerLength;
    const first = type === 4 ? 0 : 1;
    for (let i = 0; at + 8 + 16 * (i + 1) <= end; i++) {
      const offset = at + 8 + 16 * i;
      out.item(address, offset, 16, addressLabel(d, offset, i + first));
    }
  },
};

function addressLabel(d: Dissection, offset: number, index: number) {
  return { label: `Address[${index}]: ${ipv6Text(d.bytes, offset)}` };
}

const FRAGMENT = {
  nxt: { name: 'ipv6.fraghdr.nxt', title: 'Next header', type: 'uint8', names: IP_PROTOCOLS },
  reserved: { name: 'ipv6.fraghdr.reserved_octet', title: 'Reserved octet', type: 'uint8', base: 'hex' },
  offset: { name: 'ipv6.fraghdr.offset', title: 'Offset', type: 'uint16', mask: 0xfff8, bits: 16 },
  reservedBits: { name: 'ipv6.fraghdr.reserved_bits', title: 'Reserved bits', type: 'uint16', mask: 6, bits: 16 },
  more: {
    name: 'ipv6.fraghdr.more',
    title: 'More Fragments',
    type: 'boolean',
    mask: 1,
    bits: 16,
    truth: ['Yes', 'No'],
  },
  ident: { name: 'ipv6.fraghdr.ident', title: 'Identification', type: 'uint32', base: 'hex' },
} satisfies Record<string, Field>;

const FRAGMENTS = fragmentFields('ipv6', 'IPv6', 'none');

export const fragment: Protocol = {
  name: 'ipv6.fraghdr',
  column: 'IPv6',
  title: 'Fragment Header for IPv6',
  tint: 'ipv6',
  minLength: 8,
  binds: { 'ipv6.nxt': [44] },
  fields: { ...FRAGMENT, ...FRAGMENTS },

  walk(d, layer) {
    layer.headerLength = 8;
    const start = layer.start + 8;
    const word = u16(d.bytes, layer.start + 2);
    if (d.context && !layer.quotedBy && word & 0xfff9) {
      const ipv6 = baseOf(layer);
      const identity = `6 ${hexText(d.bytes, ipv6.start + 8, ipv6.start + 40)} ${u32(d.bytes, layer.start + 4)}`;
      const done = addFragment(d, identity, start, layer.end, word & 0xfff8, (word & 1) !== 0);
      ipv6.headerLength += 8;
      if (!done) return rest(d, start, layer.end);
      layer.facts = done.whole;
      const { source } = done;
      const next = followNextHeader(d, d.bytes[layer.start + NEXT]!, source.prefix, source.bytes.length, ipv6);
      if (next) d.followIn(source, source.prefix, source.bytes.length);
      return next;
    }
    if ((word & 0xfff8) > 0) return rest(d, start, layer.end);
    const base = baseOf(layer);
    base.headerLength += 8;
    return followNextHeader(d, d.bytes[layer.start + NEXT]!, start, layer.end, base);
  },

  info(d, layer) {
    const word = u16(d.bytes, layer.start + 2);
    const ident = hex(u32(d.bytes, layer.start + 4), 8);
    return `IPv6 fragment (off=${word & 0xfff8} more=${word & 1 ? 'y' : 'n'} ident=${ident} nxt=${d.bytes[layer.start]})`;
  },

  emit(d, layer, out) {
    const at = layer.start;
    out.item(FRAGMENT.nxt, at);
    out.item(FRAGMENT.reserved, at + 1);
    out.item(FRAGMENT.offset, at + 2, 2, { suffix: ` (${u16(d.bytes, at + 2) & 0xfff8} bytes)` });
    out.item(FRAGMENT.reservedBits, at + 2);
    out.item(FRAGMENT.more, at + 2);
    out.item(FRAGMENT.ident, at + 4);
    const whole = layer.facts as Whole | undefined;
    if (whole) emitFragments(whole, at, FRAGMENTS, 'IPv6', out);
  },
};
