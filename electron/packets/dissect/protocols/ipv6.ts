/** Internet Protocol version 6 (RFC 8200). Extension headers are layers of their own that show inside this one's node. */
import { u16, u32 } from '../bytes.ts';
import { finalDestination } from '../checksum.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { DSCP_NAMES, dsText, ECN_NAMES } from '../names/dscp.ts';
import { IP_PROTOCOLS, protocolText } from '../names/ip-protocols.ts';
import { note } from '../notes.ts';
import { lookup } from '../tables.ts';
import { ipv6Text } from '../text.ts';
import { rest } from './data.ts';

const WORD = 0;
const FLOW = 1;
const LENGTH = 4;
const NEXT = 6;
const HOPS = 7;
const SRC = 8;
const DST = 24;
const HEADER = 40;
const NO_NEXT_HEADER = 59;

const FIELDS = {
  version: { name: 'ipv6.version', title: 'Version', type: 'uint8', mask: 0xf0, bits: 8 },
  ipVersion: { name: 'ip.version', title: 'Version', type: 'uint8', mask: 0xf0, bits: 8 },
  tclass: { name: 'ipv6.tclass', title: 'Traffic Class', type: 'uint32', base: 'hex', mask: 0x0ff00000, bits: 32 },
  dscp: {
    name: 'ipv6.tclass.dscp',
    title: 'Differentiated Services Codepoint',
    type: 'uint32',
    mask: 0x0fc00000,
    bits: 32,
    names: DSCP_NAMES,
  },
  ecn: {
    name: 'ipv6.tclass.ecn',
    title: 'Explicit Congestion Notification',
    type: 'uint32',
    mask: 0x00300000,
    bits: 32,
    names: ECN_NAMES,
  },
  flow: { name: 'ipv6.flow', title: 'Flow Label', type: 'uint24', base: 'hex', mask: 0x0fffff, bits: 24 },
  plen: { name: 'ipv6.plen', title: 'Payload Length', type: 'uint16' },
  nxt: { name: 'ipv6.nxt', title: 'Next Header', type: 'uint8', names: IP_PROTOCOLS },
  hlim: { name: 'ipv6.hlim', title: 'Hop Limit', type: 'uint8' },
  src: { name: 'ipv6.src', title: 'Source Address', type: 'ipv6' },
  srcHost: { name: 'ipv6.src_host', title: 'Source Host', type: 'string' },
  dst: { name: 'ipv6.dst', title: 'Destination Address', type: 'ipv6' },
  dstHost: { name: 'ipv6.dst_host', title: 'Destination Host', type: 'string' },
  addr: { name: 'ipv6.addr', title: 'Source or Destination Address', type: 'ipv6' },
  host: { name: 'ipv6.host', title: 'Source or Destination Host', type: 'string' },
} satisfies Record<string, Field>;

/** Follows a next-header value. `within`: the IPv6 layer whose node holds extension headers. */
export function followNextHeader(
  d: Dissection,
  next: number,
  start: number,
  end: number,
  within: Layer | undefined,
): Protocol | undefined {
  const extension = lookup('ipv6.nxt', next);
  if (extension) {
    d.follow(start, end, within);
    return extension;
  }
  const protocol = next === NO_NEXT_HEADER ? undefined : lookup('ip.proto', next, d);
  if (!protocol) return rest(d, start, end);
  d.follow(start, end);
  return protocol;
}

/** Info column when what follows is not dissected. */
export function nextHeaderInfo(next: number): string {
  return next === NO_NEXT_HEADER ? 'IPv6 no next header' : `Unknown IP Protocol: ${protocolText(next)}`;
}

export const ipv6: Protocol = {
  name: 'ipv6',
  column: 'IPv6',
  title: 'Internet Protocol Version 6',
  tint: 'ipv6',
  minLength: HEADER,
  binds: { linktype: [229], ethertype: [0x86dd], 'ip.proto': [41] },
  fields: FIELDS,

  walk(d, layer) {
    const { bytes } = d;
    const next = bytes[layer.start + NEXT]!;
    const length = u16(bytes, layer.start + LENGTH);
    layer.headerLength = HEADER;
    if (bytes[layer.start]! >> 4 !== 6) d.bogus ||= !layer.quotedBy;
    // Length 0 with something behind it: a jumbogram (RFC 2675) or segmentation left to the card.
    if (length > 0 || next === NO_NEXT_HEADER) layer.end = Math.min(layer.end, layer.start + HEADER + length);
    return followNextHeader(d, next, layer.start + HEADER, layer.end, layer);
  },

  addresses(d, layer, columns) {
    columns.source = ipv6Text(d.bytes, layer.start + SRC);
    const above = d.layers[d.layers.indexOf(layer) + 1];
    const routing = above?.protocol.name === 'ipv6.hopopts' ? d.layers[d.layers.indexOf(above) + 1] : above;
    const last =
      routing?.protocol.name === 'ipv6.routing' && !routing.short ? finalDestination(d.bytes, routing) : undefined;
    columns.destination = ipv6Text(d.bytes, last ?? layer.start + DST);
  },

  info: (d, layer) => nextHeaderInfo(d.bytes[layer.start + NEXT]!),
  shortInfo: (d, layer) => `Invalid IPv6 header (${d.bytes.length - layer.start} bytes, need exactly 40)`,

  label: (d, layer) =>
    `Internet Protocol Version 6, Src: ${ipv6Text(d.bytes, layer.start + SRC)}, Dst: ${ipv6Text(d.bytes, layer.start + DST)}`,

  emit(d, layer, out) {
    const { bytes } = d;
    const at = layer.start;
    out.item(FIELDS.version, at + WORD);
    out.hidden(FIELDS.ipVersion, at + WORD);
    const octet = (u16(bytes, at + WORD) >> 4) & 0xff;
    out.open(FIELDS.tclass, at + WORD, 4, octet, { suffix: dsText(octet) });
    out.item(FIELDS.dscp, at + WORD, 4);
    out.item(FIELDS.ecn, at + WORD, 4);
    out.close();
    out.value(FIELDS.flow, at + FLOW, 3, u32(bytes, at + WORD) & 0xfffff);
    out.open(FIELDS.plen, at + LENGTH, 2, u16(bytes, at + LENGTH));
    const room = (layer.below?.end ?? d.wireLen) - at - HEADER;
    if (u16(bytes, at + LENGTH) > room && !layer.quotedBy)
      note(
        out,
        'warn',
        'Protocol',
        `IPv6 payload length does not match expected framing length (${room} bytes)`,
        at + LENGTH,
      );
    out.close();
    out.item(FIELDS.nxt, at + NEXT);
    out.item(FIELDS.hlim, at + HOPS);
    out.item(FIELDS.src, at + SRC);
    out.hidden(FIELDS.addr, at + SRC);
    emitHost(FIELDS.srcHost, bytes, at + SRC, out);
    out.item(FIELDS.dst, at + DST);
    out.hidden(FIELDS.addr, at + DST);
    emitHost(FIELDS.dstHost, bytes, at + DST, out);
  },
};

/** Names are not resolved: a host is its address in words. */
function emitHost(field: Field, bytes: Uint8Array, offset: number, out: FieldSink): void {
  if (!out.asks(field, FIELDS.host)) return;
  const text = ipv6Text(bytes, offset);
  for (const each of [field, FIELDS.host]) out.value(each, offset, 16, text, { hidden: true });
}
