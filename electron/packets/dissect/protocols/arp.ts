/** ARP and RARP (RFC 826, RFC 903, RFC 5227): named fields for Ethernet and IPv4, plain bytes for other hardware. */
import { u16, u32 } from '../bytes.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { ETHERTYPES } from '../names/ethertypes.ts';
import { ipv4Text, macText } from '../text.ts';

const HW_TYPE = 0;
const PROTO_TYPE = 2;
const HW_SIZE = 4;
const PROTO_SIZE = 5;
const OPCODE = 6;
const ADDRESSES = 8;

const HARDWARE = {
  1: 'Ethernet',
  6: 'IEEE 802',
  15: 'Frame Relay DLCI',
  18: 'Fibre Channel',
  24: 'IEEE 1394.1995',
  32: 'InfiniBand',
};
const OPCODES: Record<number, string> = {
  1: 'request',
  2: 'reply',
  3: 'reverse request',
  4: 'reverse reply',
  8: 'inverse request',
  9: 'inverse reply',
};
const REQUEST = 1;
const REPLY = 2;

const FIELDS = {
  hwType: { name: 'arp.hw.type', title: 'Hardware type', type: 'uint16', names: HARDWARE },
  protoType: { name: 'arp.proto.type', title: 'Protocol type', type: 'uint16', base: 'hex', names: ETHERTYPES },
  hwSize: { name: 'arp.hw.size', title: 'Hardware size', type: 'uint8' },
  protoSize: { name: 'arp.proto.size', title: 'Protocol size', type: 'uint8' },
  opcode: { name: 'arp.opcode', title: 'Opcode', type: 'uint16', names: OPCODES },
  gratuitous: { name: 'arp.isgratuitous', title: 'Is gratuitous', type: 'boolean' },
  probe: { name: 'arp.isprobe', title: 'Is probe', type: 'boolean' },
  announcement: { name: 'arp.isannouncement', title: 'Is announcement', type: 'boolean' },
  srcMac: { name: 'arp.src.hw_mac', title: 'Sender MAC address', type: 'ether' },
  srcIp: { name: 'arp.src.proto_ipv4', title: 'Sender IP address', type: 'ipv4' },
  dstMac: { name: 'arp.dst.hw_mac', title: 'Target MAC address', type: 'ether' },
  dstIp: { name: 'arp.dst.proto_ipv4', title: 'Target IP address', type: 'ipv4' },
  srcHw: { name: 'arp.src.hw', title: 'Sender hardware address', type: 'bytes' },
  srcProto: { name: 'arp.src.proto', title: 'Sender protocol address', type: 'bytes' },
  dstHw: { name: 'arp.dst.hw', title: 'Target hardware address', type: 'bytes' },
  dstProto: { name: 'arp.dst.proto', title: 'Target protocol address', type: 'bytes' },
} satisfies Record<string, Field>;

interface Shape {
  hw: number;
  proto: number;
  opcode: number;
  /** Offsets of the four addresses. */
  srcHw: number;
  srcIp: number;
  dstHw: number;
  dstIp: number;
  ipv4: boolean;
  mac: boolean;
  kind: 'probe' | 'announcement' | 'gratuitous' | 'plain';
}

function shapeOf(d: Dissection, layer: Layer): Shape {
  const { bytes } = d;
  const at = layer.start;
  const hw = bytes[at + HW_SIZE]!;
  const proto = bytes[at + PROTO_SIZE]!;
  const opcode = u16(bytes, at + OPCODE);
  const srcHw = at + ADDRESSES;
  const srcIp = srcHw + hw;
  const dstHw = srcIp + proto;
  const dstIp = dstHw + hw;
  const ipv4 = proto === 4 && u16(bytes, at + PROTO_TYPE) === 0x0800;
  const mac = hw === 6;
  let kind: Shape['kind'] = 'plain';
  if (ipv4 && (opcode === REQUEST || opcode === REPLY)) {
    const sender = u32(bytes, srcIp);
    if (sender === u32(bytes, dstIp))
      kind = opcode === REQUEST && isZero(bytes, dstHw, hw) ? 'announcement' : 'gratuitous';
    else if (opcode === REQUEST && sender === 0) kind = 'probe';
  }
  return { hw, proto, opcode, srcHw, srcIp, dstHw, dstIp, ipv4, mac, kind };
}

function isZero(bytes: Uint8Array, start: number, length: number): boolean {
  for (let i = start; i < start + length; i++) if (bytes[i] !== 0) return false;
  return true;
}

export const arp: Protocol = {
  name: 'arp',
  column: 'ARP',
  title: 'Address Resolution Protocol',
  tint: 'arp',
  minLength: 8,
  binds: { ethertype: [0x0806, 0x8035] },
  fields: FIELDS,

  walk(d, layer) {
    const { hw, proto } = shapeOf(d, layer);
    const length = ADDRESSES + 2 * (hw + proto);
    if (layer.start + length > d.capturedEnd(layer)) {
      d.malformed(layer);
      layer.short = true;
      return undefined;
    }
    layer.headerLength = length;
    layer.end = layer.start + length;
    return undefined;
  },

  columnOf: (d, layer) =>
    u16(d.bytes, layer.start + OPCODE) === 3 || u16(d.bytes, layer.start + OPCODE) === 4 ? 'RARP' : 'ARP',

  info(d, layer) {
    const { opcode, kind, srcHw, srcIp, dstHw, dstIp, ipv4, mac } = shapeOf(d, layer);
    const { bytes } = d;
    if (!ipv4 || !mac) return OPCODES[opcode] ?? `Unknown ARP opcode 0x${opcode.toString(16).padStart(4, '0')}`;
    switch (opcode) {
      case REQUEST:
        if (kind === 'announcement') return `ARP Announcement for ${ipv4Text(bytes, srcIp)}`;
        if (kind === 'gratuitous') return `Gratuitous ARP for ${ipv4Text(bytes, srcIp)} (Request)`;
        if (kind === 'probe') return `Who has ${ipv4Text(bytes, dstIp)}? (ARP Probe)`;
        return `Who has ${ipv4Text(bytes, dstIp)}? Tell ${ipv4Text(bytes, srcIp)}`;
      case REPLY:
        if (kind === 'gratuitous') return `Gratuitous ARP for ${ipv4Text(bytes, srcIp)} (Reply)`;
        return `${ipv4Text(bytes, srcIp)} is at ${macText(bytes, srcHw)}`;
      case 3:
      case 8:
        return `Who is ${macText(bytes, dstHw)}? Tell ${macText(bytes, srcHw)}`;
      case 4:
      case 9:
        return `${macText(bytes, dstHw)} is at ${ipv4Text(bytes, dstIp)}`;
      default:
        return `Unknown ARP opcode 0x${opcode.toString(16).padStart(4, '0')}`;
    }
  },

  label(d, layer) {
    const { opcode, kind } = shapeOf(d, layer);
    const word = OPCODES[opcode] ?? `opcode 0x${opcode.toString(16).padStart(4, '0')}`;
    if (kind === 'probe') return 'Address Resolution Protocol (ARP Probe)';
    if (kind === 'announcement') return 'Address Resolution Protocol (ARP Announcement)';
    return `Address Resolution Protocol (${word}${kind === 'gratuitous' ? '/gratuitous ARP' : ''})`;
  },

  emit(d, layer, out) {
    const at = layer.start;
    const shape = shapeOf(d, layer);
    out.item(FIELDS.hwType, at + HW_TYPE);
    out.item(FIELDS.protoType, at + PROTO_TYPE);
    out.item(FIELDS.hwSize, at + HW_SIZE);
    out.item(FIELDS.protoSize, at + PROTO_SIZE);
    out.item(FIELDS.opcode, at + OPCODE);
    if (layer.short) return;
    const flag = (field: Field) => out.value(field, at, 0, true, { generated: true });
    if (shape.kind === 'gratuitous' || shape.kind === 'announcement') flag(FIELDS.gratuitous);
    if (shape.kind === 'probe') flag(FIELDS.probe);
    if (shape.kind === 'announcement') flag(FIELDS.announcement);
    out.item(shape.mac ? FIELDS.srcMac : FIELDS.srcHw, shape.srcHw, shape.hw);
    out.item(shape.ipv4 ? FIELDS.srcIp : FIELDS.srcProto, shape.srcIp, shape.proto);
    out.item(shape.mac ? FIELDS.dstMac : FIELDS.dstHw, shape.dstHw, shape.hw);
    out.item(shape.ipv4 ? FIELDS.dstIp : FIELDS.dstProto, shape.dstIp, shape.proto);
  },
};
