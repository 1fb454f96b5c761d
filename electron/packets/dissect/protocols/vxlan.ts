/** Virtual eXtensible LAN (RFC 7348) and GENEVE (RFC 8926): Ethernet over UDP. */
import { u16, u24 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { Protocol } from '../dissection.ts';
import { ETHERTYPES } from '../names/ethertypes.ts';
import { lookup } from '../tables.ts';
import { hex } from '../text.ts';
import { rest } from './data.ts';

const TRANSPARENT_ETHERNET = 0x6558;
const V = {
  flags: f.x16('vxlan.flags', 'Flags'),
  g: bit('vxlan.flag_g', 'GBP Extension', 0x8000, 16, ['Defined', 'Not defined']),
  i: bit('vxlan.flag_i', 'VXLAN Network ID (VNI)', 0x0800, 16, ['True', 'False']),
  d: bit('vxlan.flag_d', "Don't Learn", 0x0040, 16, ['True', 'False']),
  a: bit('vxlan.flag_a', 'Policy Applied', 0x0008, 16, ['True', 'False']),
  reserved: f.x16('vxlan.flags_reserved', 'Reserved(R)', { mask: 0x77b7, bits: 16 }),
  gbp: f.u16('vxlan.gbp', 'Group Policy ID'),
  vni: f.u24('vxlan.vni', 'VXLAN Network Identifier (VNI)'),
  reserved8: f.u8('vxlan.reserved8', 'Reserved'),
};

export const vxlan: Protocol = protocol({
  name: 'vxlan',
  column: 'VxLAN',
  title: 'Virtual eXtensible Local Area Network',
  minLength: 8,
  binds: { 'udp.port': [4789, 8472] },
  fields: V,
  walk(d, layer) {
    layer.headerLength = 8;
    d.follow(layer.start + 8, layer.end);
    return lookup('linktype', 1);
  },
  info: (d, layer) => `VNI: ${u24(d.bytes, layer.start + 4)}`,
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    out.open(V.flags, c.at, 2, c.peek(2));
    c.bits(2, V.g, V.i, V.d, V.a, V.reserved);
    out.close();
    c.skip(2);
    c.u16(V.gbp);
    c.u24(V.vni);
    c.u8(V.reserved8);
  },
});

const G = {
  version: f.u8('geneve.version', 'Version'),
  flags: f.x8('geneve.flags', 'Flags'),
  oam: bit('geneve.flags.oam', 'Operations, Administration and Management Frame', 0x80),
  critical: bit('geneve.flags.critical', 'Critical Options Present', 0x40),
  reservedBits: bit('geneve.flags.reserved', 'Reserved', 0x3f),
  type: f.x16('geneve.proto_type', 'Protocol Type', {
    names: { ...ETHERTYPES, [TRANSPARENT_ETHERNET]: 'Transparent Ethernet bridging' },
  }),
  vni: f.x24('geneve.vni', 'Virtual Network Identifier (VNI)', { base: 'hex-dec' }),
  reserved: f.x8('geneve.reserved', 'Reserved'),
  options: f.bytes('geneve.options', 'Geneve Options'),
  class: f.x16('geneve.option.class', 'Class'),
  optionType: f.x8('geneve.option.type', 'Type'),
  optionCritical: bit('geneve.option.type.critical', 'Critical Option', 0x80),
  optionFlags: f.x8('geneve.option.flags', 'Flags'),
  optionReserved: bit('geneve.option.flags.reserved', 'Reserved', 0xe0),
  optionLength: f.u8('geneve.option.length', 'Length'),
  option: f.bytes('geneve.option', 'Option'),
  unknown: f.bytes('geneve.option.unknown.data', 'Unknown Option Data'),
};

export const geneve: Protocol = protocol({
  name: 'geneve',
  column: 'Geneve',
  title: 'Generic Network Virtualization Encapsulation',
  minLength: 8,
  binds: { 'udp.port': [6081] },
  fields: G,
  walk(d, layer) {
    layer.headerLength = 8 + (d.bytes[layer.start]! & 0x3f) * 4;
    const start = layer.start + layer.headerLength;
    const type = u16(d.bytes, layer.start + 2);
    const next = type === TRANSPARENT_ETHERNET ? lookup('linktype', 1) : lookup('ethertype', type, d);
    if (!next || start > d.capturedEnd(layer)) return rest(d, start, layer.end);
    d.follow(start, layer.end);
    return next;
  },
  info: (d, layer) =>
    `Encapsulated ${ETHERTYPES[u16(d.bytes, layer.start + 2)] ?? hex(u16(d.bytes, layer.start + 2), 4)}`,
  label: (d, layer) => `Generic Network Virtualization Encapsulation, VNI: ${hex(u24(d.bytes, layer.start + 4), 6)}`,
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    const first = c.peek(1);
    out.value(G.version, c.at, 1, first >> 6);
    c.skip(1);
    out.open(G.flags, c.at, 1, c.peek(1));
    c.bits(1, G.oam, G.critical, G.reservedBits);
    out.close();
    c.skip(1);
    c.u16(G.type);
    c.u24(G.vni);
    c.u8(G.reserved);
    const length = (first & 0x3f) * 4;
    if (length === 0) return;
    const stop = c.at + length;
    c.under(G.options, length, c.bytes.subarray(c.at, stop), () => {
      while (c.at + 4 <= Math.min(stop, c.end)) emitOption(c);
    });
  },
});

function emitOption(c: Cursor): void {
  const size = 4 + (c.peek(1, 3) & 0x1f) * 4;
  c.under(G.option, size, c.bytes.subarray(c.at, c.at + size), () => {
    c.u16(G.class);
    c.out.open(G.optionType, c.at, 1, c.peek(1));
    c.bits(1, G.optionCritical);
    c.out.close();
    c.skip(1);
    c.out.open(G.optionFlags, c.at, 1, c.peek(1) >> 5);
    c.bits(1, G.optionReserved);
    c.out.close();
    c.out.value(G.optionLength, c.at, 1, size);
    c.skip(1);
    if (size > 4) c.data(G.unknown, size - 4);
  });
}
