/** Border Gateway Protocol 4 (RFC 4271): open with capabilities, update with the common attributes and IPv4 prefixes, notification, keepalive. */
import { u16 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { Protocol } from '../dissection.ts';
import { PDU_MORE, PDU_REST } from '../tcp-payload.ts';

const HEADER = 19;
const TYPES: Record<number, string> = {
  1: 'OPEN Message',
  2: 'UPDATE Message',
  3: 'NOTIFICATION Message',
  4: 'KEEPALIVE Message',
  5: 'ROUTE-REFRESH Message',
};
const ERRORS = {
  1: 'Message Header Error',
  2: 'OPEN Message Error',
  3: 'UPDATE Message Error',
  4: 'Hold Timer Expired',
  5: 'Finite State Machine Error',
  6: 'Cease',
};
const ATTRIBUTES: Record<number, string> = {
  1: 'ORIGIN',
  2: 'AS_PATH',
  3: 'NEXT_HOP',
  4: 'MULTI_EXIT_DISC',
  5: 'LOCAL_PREF',
  6: 'ATOMIC_AGGREGATE',
  7: 'AGGREGATOR',
  8: 'COMMUNITIES',
  14: 'MP_REACH_NLRI',
  15: 'MP_UNREACH_NLRI',
};
const u = 'bgp.update.path_attribute';
const F = {
  marker: f.bytes('bgp.marker', 'Marker'),
  length: f.u16('bgp.length', 'Length'),
  type: f.u8('bgp.type', 'Type', { names: TYPES }),
  version: f.u8('bgp.open.version', 'Version'),
  as: f.u16('bgp.open.myas', 'My AS'),
  hold: f.u16('bgp.open.holdtime', 'Hold Time'),
  identifier: f.ip4('bgp.open.identifier', 'BGP Identifier'),
  optionsLength: f.u8('bgp.open.opt.len', 'Optional Parameters Length'),
  major: f.u8('bgp.notify.major_error', 'Major error Code', { names: ERRORS }),
  withdrawnLength: f.u16('bgp.update.withdrawn_routes.length', 'Withdrawn Routes Length'),
  attributesLength: f.u16(`${u}s.length`, 'Total Path Attribute Length'),
  attribute: f.none(u, 'Path Attribute'),
  flags: f.x8(`${u}.flags`, 'Flags'),
  optional: bit(`${u}.flags.optional`, 'Optional', 0x80),
  transitive: bit(`${u}.flags.transitive`, 'Transitive', 0x40),
  partial: bit(`${u}.flags.partial`, 'Partial', 0x20),
  extended: bit(`${u}.flags.extended_length`, 'Extended-Length', 0x10),
  code: f.u8(`${u}.type_code`, 'Type Code', { names: ATTRIBUTES }),
  attributeLength: f.u16(`${u}.length`, 'Length'),
  origin: f.u8(`${u}.origin`, 'Origin', { names: { 0: 'IGP', 1: 'EGP', 2: 'INCOMPLETE' } }),
  nextHop: f.ip4(`${u}.next_hop`, 'Next hop'),
  med: f.u32(`${u}.multi_exit_disc`, 'Multiple exit discriminator'),
  preference: f.u32(`${u}.local_pref`, 'Local preference'),
  prefixLength: f.u8('bgp.prefix_length', 'Prefix Length'),
  prefix: f.ip4('bgp.nlri_prefix', 'NLRI prefix'),
  withdrawn: f.ip4('bgp.withdrawn_prefix', 'Withdrawn prefix'),
};

export const bgp: Protocol = protocol({
  name: 'bgp',
  column: 'BGP',
  title: 'Border Gateway Protocol',
  tint: 'tcp',
  joinInfo: ', ',
  minLength: HEADER,
  binds: { 'tcp.port': [179] },
  fields: F,
  pdu(bytes, at, end) {
    if (end - at < HEADER) return PDU_MORE;
    if (bytes[at] !== 0xff || bytes[at + 15] !== 0xff) return PDU_REST;
    const length = u16(bytes, at + 16);
    return length < HEADER || length > 65_535 ? PDU_REST : length;
  },
  info: (d, layer) => TYPES[d.bytes[layer.start + 18]!] ?? 'Unknown',
  label: (d, layer) => `Border Gateway Protocol - ${TYPES[d.bytes[layer.start + 18]!] ?? 'Unknown'}`,
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    c.data(F.marker, 16);
    c.u16(F.length);
    const type = c.u8(F.type);
    if (type === 1) {
      c.u8(F.version);
      c.u16(F.as);
      c.u16(F.hold);
      c.item(F.identifier, 4);
      c.u8(F.optionsLength);
    } else if (type === 2) update(c);
    else if (type === 3) c.u8(F.major);
  },
});

function update(c: Cursor): void {
  const withdrawn = c.u16(F.withdrawnLength);
  prefixes(c, Math.min(c.end, c.at + withdrawn), F.withdrawn);
  const length = c.u16(F.attributesLength);
  const stop = Math.min(c.end, c.at + length);
  while (c.at + 3 <= stop) attribute(c);
  prefixes(c, c.end, F.prefix);
}

function attribute(c: Cursor): void {
  const wide = (c.peek(1) & 0x10) !== 0;
  const length = wide ? c.peek(2, 2) : c.peek(1, 2);
  const code = c.peek(1, 1);
  c.under(
    F.attribute,
    2 + (wide ? 2 : 1) + length,
    null,
    () => {
      c.out.open(F.flags, c.at, 1, c.peek(1));
      c.bits(1, F.optional, F.transitive, F.partial, F.extended);
      c.out.close();
      c.skip(1);
      c.u8(F.code);
      if (wide) c.u16(F.attributeLength);
      else c.u8(F.attributeLength);
      if (code === 1 && length === 1) c.u8(F.origin);
      else if (code === 3 && length === 4) c.item(F.nextHop, 4);
      else if (code === 4 && length === 4) c.u32(F.med);
      else if (code === 5 && length === 4) c.u32(F.preference);
    },
    { label: `Path Attribute - ${ATTRIBUTES[code] ?? 'Unknown'}` },
  );
}

function prefixes(c: Cursor, stop: number, field: typeof F.prefix): void {
  while (c.at < stop) {
    const bits = c.peek(1);
    const size = (bits + 7) >> 3;
    if (bits > 32 || c.at + 1 + size > stop) return;
    const parts = [0, 1, 2, 3].map((i) => (i < size ? c.bytes[c.at + 1 + i]! : 0));
    c.group(`${parts.join('.')}/${bits}`, 1 + size, () => {
      c.u8(F.prefixLength);
      c.out.value(field, c.at, size, parts.join('.'));
    });
  }
}
