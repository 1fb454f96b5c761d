/** PPP over Ethernet (RFC 2516) and the Point-to-Point Protocol below it and on its own links (RFC 1661), with LCP, IPCP, PAP and CHAP headers. */
import { u16 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { lookup } from '../tables.ts';
import { hex } from '../text.ts';
import { rest } from './data.ts';

const CODES: Record<number, string> = {
  0: 'Session Data',
  7: 'Active Discovery Offer (PADO)',
  9: 'Active Discovery Initiation (PADI)',
  25: 'Active Discovery Request (PADR)',
  101: 'Active Discovery Session-confirmation (PADS)',
  167: 'Active Discovery Terminate (PADT)',
};
const TAGS: Record<number, string> = {
  0: 'End-Of-List',
  257: 'Service-Name',
  258: 'AC-Name',
  259: 'Host-Uniq',
  260: 'AC-Cookie',
  261: 'Vendor-Specific',
  272: 'Relay-Session-Id',
  288: 'PPP-Max-Payload',
  513: 'Service-Name-Error',
  514: 'AC-System-Error',
  515: 'Generic-Error',
};
const F = {
  version: f.u8('pppoe.version', 'Version', { mask: 0xf0, bits: 8 }),
  type: f.u8('pppoe.type', 'Type', { mask: 0x0f, bits: 8 }),
  code: f.x8('pppoe.code', 'Code', { names: CODES }),
  session: f.x16('pppoe.session_id', 'Session ID'),
  length: f.u16('pppoe.payload_length', 'Payload Length'),
};
const D = {
  tags: f.none('pppoed.tags', 'PPPoE Tags'),
  tag: f.x16('pppoed.tag', 'Tag', { names: TAGS }),
  tagLength: f.u16('pppoed.tag_length', 'Tag Length'),
  unknown: f.bytes('pppoed.tag.unknown_data', 'Unknown Data'),
};
const TAG_FIELDS: Record<number, Field> = {
  257: f.text('pppoed.tags.service_name', 'Service-Name'),
  258: f.text('pppoed.tags.ac_name', 'AC-Name'),
  259: f.bytes('pppoed.tags.host_uniq', 'Host-Uniq'),
  260: f.bytes('pppoed.tags.ac_cookie', 'AC-Cookie'),
  272: f.bytes('pppoed.tags.relay_session_id', 'Relay-Session-Id'),
  288: f.bytes('pppoed.tags.max_payload', 'PPP-Max-Payload'),
  513: f.text('pppoed.tags.service_name_error', 'Service-Name-Error'),
};

function header(c: Cursor): void {
  c.bits(1, F.version, F.type);
  c.skip(1);
  c.u8(F.code);
  c.u16(F.session);
  c.u16(F.length);
}
const end = (d: Dissection, layer: Layer) => Math.min(layer.end, layer.start + 6 + u16(d.bytes, layer.start + 4));
const codeText = (d: Dissection, layer: Layer) => CODES[d.bytes[layer.start + 1]!] ?? 'Unknown';

export const pppoed: Protocol = protocol({
  name: 'pppoed',
  column: 'PPPoED',
  title: 'PPP-over-Ethernet Discovery',
  minLength: 6,
  binds: { ethertype: [0x8863] },
  fields: { ...F, ...D, ...Object.fromEntries(Object.entries(TAG_FIELDS).map(([key, field]) => [`tag${key}`, field])) },
  walk(d, layer) {
    layer.end = end(d, layer);
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    return undefined;
  },
  info(d, layer) {
    let text = codeText(d, layer);
    const stop = Math.min(end(d, layer), d.bytes.length);
    for (let at = layer.start + 6; at + 4 <= stop; at += 4 + u16(d.bytes, at + 2)) {
      if (u16(d.bytes, at) !== 0x0102) continue;
      const name = String.fromCharCode(...d.bytes.subarray(at + 4, Math.min(stop, at + 4 + u16(d.bytes, at + 2))));
      text += ` AC-Name='${name}'`;
    }
    return text;
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    header(c);
    if (c.left <= 0) return;
    c.under(D.tags, c.left, null, () => {
      while (c.left >= 4) {
        const tag = c.u16(D.tag);
        const length = c.u16(D.tagLength);
        const field = TAG_FIELDS[tag];
        if (length === 0) continue;
        if (field?.type === 'string') c.text(field, length);
        else c.data(field ?? D.unknown, length);
      }
    });
  },
});

export const pppoes: Protocol = protocol({
  name: 'pppoes',
  column: 'PPPoES',
  title: 'PPP-over-Ethernet Session',
  minLength: 6,
  binds: { ethertype: [0x8864] },
  fields: F,
  walk(d, layer) {
    layer.headerLength = 6;
    layer.end = end(d, layer);
    d.follow(layer.start + 6, layer.end);
    return ppp;
  },
  info: codeText,
  emit: (d, layer, out) => header(Cursor.of(d, layer, out)),
});

const PROTOCOLS: Record<number, string> = {
  33: 'Internet Protocol version 4',
  87: 'Internet Protocol version 6',
  641: 'MPLS Unicast',
  643: 'MPLS Multicast',
  32801: 'Internet Protocol Control Protocol',
  32855: 'IPv6 Control Protocol',
  33021: 'Compression Control Protocol',
  49185: 'Link Control Protocol',
  49187: 'Password Authentication Protocol',
  49699: 'Challenge Handshake Authentication Protocol',
};
const P = {
  address: f.x8('ppp.address', 'Address'),
  control: f.x8('ppp.control', 'Control'),
  protocol: f.x16('ppp.protocol', 'Protocol', { names: PROTOCOLS }),
};

/** The HDLC-like header is there on serial links, and the protocol number may be one byte. */
function shape({ bytes }: Dissection, { start }: Layer): { at: number; width: 1 | 2 } {
  const at = bytes[start] === 0xff && bytes[start + 1] === 0x03 ? start + 2 : start;
  return { at, width: bytes[at]! & 1 ? 1 : 2 };
}
const number = (d: Dissection, at: number, width: 1 | 2) => (width === 1 ? d.bytes[at]! : u16(d.bytes, at));

export const ppp: Protocol = protocol({
  name: 'ppp',
  column: 'PPP',
  title: 'Point-to-Point Protocol',
  minLength: 2,
  binds: { linktype: [9, 50, 51] },
  fields: P,
  walk(d, layer) {
    const { at, width } = shape(d, layer);
    layer.headerLength = at + width - layer.start;
    const kind = number(d, at, width);
    const type = kind === 0x21 ? 0x0800 : kind === 0x57 ? 0x86dd : undefined;
    const next = type === undefined ? lookup('ppp.protocol', kind, d) : lookup('ethertype', type, d);
    if (!next) return rest(d, at + width, layer.end);
    d.follow(at + width, layer.end);
    return next;
  },
  addresses(_d, layer, columns) {
    if (layer.below) return;
    columns.source = 'DTE';
    columns.destination = 'DCE';
  },
  info(d, layer) {
    const { at, width } = shape(d, layer);
    const kind = number(d, at, width);
    return PROTOCOLS[kind] ?? hex(kind, 4);
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    const { at, width } = shape(d, layer);
    if (at > layer.start) {
      c.u8(P.address);
      c.u8(P.control);
    }
    out.value(P.protocol, at, width, number(d, at, width));
  },
});

const CP_CODES: Record<number, string> = {
  1: 'Configuration Request',
  2: 'Configuration Ack',
  3: 'Configuration Nak',
  4: 'Configuration Reject',
  5: 'Termination Request',
  6: 'Termination Ack',
  7: 'Code Reject',
  8: 'Protocol Reject',
  9: 'Echo Request',
  10: 'Echo Reply',
  11: 'Discard Request',
};
const C = {
  code: f.u8('ppp.code', 'Code', { names: CP_CODES }),
  id: f.u8('ppp.identifier', 'Identifier', { base: 'dec-hex' }),
  length: f.u16('ppp.length', 'Length'),
  magic: f.x32('lcp.magic_number', 'Magic Number'),
};

function controlProtocol(name: string, column: string, title: string, kind: number): Protocol {
  return protocol({
    name,
    column,
    title,
    minLength: 4,
    binds: { 'ppp.protocol': [kind] },
    fields: C,
    info: (d, layer) => CP_CODES[d.bytes[layer.start]!] ?? 'Unknown',
    emit(d, layer, out) {
      const c = Cursor.of(d, layer, out);
      const code = c.u8(C.code);
      c.u8(C.id);
      c.u16(C.length);
      if (name === 'lcp' && code >= 9 && code <= 11 && c.left >= 4) c.u32(C.magic);
    },
  });
}
export const lcp = controlProtocol('lcp', 'PPP LCP', 'PPP Link Control Protocol', 0xc021);
export const ipcp = controlProtocol('ipcp', 'PPP IPCP', 'PPP IP Control Protocol', 0x8021);
export const ipv6cp = controlProtocol('ipv6cp', 'PPP IPV6CP', 'PPP IPv6 Control Protocol', 0x8057);
