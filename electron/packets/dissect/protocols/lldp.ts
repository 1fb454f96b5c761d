/** Link Layer Discovery Protocol (IEEE 802.1AB): the mandatory and basic TLVs; organisations' own as their number and bytes. */

import { decodeUtf8 } from '../../text/utf8.ts';
import { u16 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { ipv4Text, macText } from '../text.ts';

const [END, CHASSIS, PORT, TTL, PORT_TEXT, NAME, TEXT, CAPABILITIES, MANAGEMENT, ORGANISATION] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 127,
];
const TYPES: Record<number, string> = {
  [END]: 'End of LLDPDU',
  [CHASSIS]: 'Chassis Id',
  [PORT]: 'Port Id',
  [TTL]: 'Time to Live',
  [PORT_TEXT]: 'Port Description',
  [NAME]: 'System Name',
  [TEXT]: 'System Description',
  [CAPABILITIES]: 'System Capabilities',
  [MANAGEMENT]: 'Management Address',
  [ORGANISATION]: 'Organization Specific',
};
const CHASSIS_SUBTYPES: Record<number, string> = {
  1: 'Chassis component',
  2: 'Interface alias',
  3: 'Port component',
  4: 'MAC address',
  5: 'Network address',
  6: 'Interface name',
  7: 'Locally assigned',
};
const PORT_SUBTYPES: Record<number, string> = {
  1: 'Interface alias',
  2: 'Port component',
  3: 'MAC address',
  4: 'Network address',
  5: 'Interface name',
  6: 'Agent circuit Id',
  7: 'Locally assigned',
};
const CAPABLE = ['Capable', 'Not capable'] as const;
const NAMES = [
  'other',
  'repeater',
  'bridge',
  'wlan_access_pt',
  'router',
  'telephone',
  'docsis_cable_device',
  'station_only',
];
const TITLES = [
  'Other',
  'Repeater',
  'Bridge',
  'WLAN access point',
  'Router',
  'Telephone',
  'DOCSIS cable device',
  'Station only',
];
const capabilities = (prefix: string) =>
  NAMES.map((name, i) => bit(`${prefix}.${name}`, TITLES[i]!, 1 << i, 16, CAPABLE));

const F = {
  type: f.u16('lldp.tlv.type', 'TLV Type', { mask: 0xfe00, bits: 16, names: TYPES }),
  length: f.u16('lldp.tlv.len', 'TLV Length', { mask: 0x01ff, bits: 16 }),
  chassisSubtype: f.u8('lldp.chassis.subtype', 'Chassis Id Subtype', { names: CHASSIS_SUBTYPES }),
  chassis: f.bytes('lldp.chassis.id', 'Chassis Id'),
  chassisMac: f.mac('lldp.chassis.id.mac', 'Chassis Id'),
  chassisIp4: f.ip4('lldp.chassis.id.ip4', 'Chassis Id'),
  chassisIp6: f.ip6('lldp.chassis.id.ip6', 'Chassis Id'),
  portSubtype: f.u8('lldp.port.subtype', 'Port Id Subtype', { names: PORT_SUBTYPES }),
  port: f.text('lldp.port.id', 'Port Id'),
  portMac: f.mac('lldp.port.id.mac', 'Port Id'),
  portIp4: f.ip4('lldp.port.id.ip4', 'Port Id'),
  portIp6: f.ip6('lldp.port.id.ip6', 'Port Id'),
  family: f.u8('lldp.network_address.subtype', 'Network Address family', { names: { 1: 'IPv4', 2: 'IPv6' } }),
  ttl: f.u16('lldp.time_to_live', 'Seconds'),
  portText: f.text('lldp.port.desc', 'Port Description'),
  name: f.text('lldp.tlv.system.name', 'System Name'),
  text: f.text('lldp.tlv.system.desc', 'System Description'),
  capabilities: f.x16('lldp.tlv.system_cap', 'Capabilities'),
  enabled: f.x16('lldp.tlv.enable_system_cap', 'Enabled Capabilities'),
  addressLength: f.u8('lldp.mgn.address.len', 'Address String Length'),
  addressSubtype: f.u8('lldp.mgn.address.subtype', 'Address Subtype', { names: { 1: 'IPv4', 2: 'IPv6', 6: '802' } }),
  address4: f.ip4('lldp.mgn.addr.ip4', 'Management Address'),
  address6: f.ip6('lldp.mgn.addr.ip6', 'Management Address'),
  addressHex: f.bytes('lldp.mgn.addr.hex', 'Management Address'),
  interfaceSubtype: f.u8('lldp.mgn.interface.subtype', 'Interface Subtype', {
    names: { 1: 'Unknown', 2: 'ifIndex', 3: 'System port number' },
  }),
  interfaceNumber: f.u32('lldp.mgn.interface.number', 'Interface Number'),
  oidLength: f.u8('lldp.mgn.obj.len', 'OID String Length'),
  oui: f.u24('lldp.orgtlv.oui', 'Organization Unique Code'),
};
const SYSTEM = capabilities('lldp.tlv.system_cap');
const ENABLED = capabilities('lldp.tlv.enable_system_cap');
const all = (prefix: string, fields: Field[]) => Object.fromEntries(fields.map((field, i) => [prefix + i, field]));

interface Tlv {
  type: number;
  at: number;
  length: number;
}
function* tlvs(d: Dissection, layer: Layer): Generator<Tlv> {
  const end = d.capturedEnd(layer);
  for (let at = layer.start; at + 2 <= end; ) {
    const word = u16(d.bytes, at);
    const tlv = { type: word >> 9, at, length: word & 0x1ff };
    yield tlv;
    if (tlv.type === END) return;
    at += 2 + tlv.length;
  }
}

function idText(bytes: Uint8Array, at: number, length: number, macSubtype: number): string {
  const subtype = bytes[at];
  if (subtype === macSubtype && length === 7) return `MA/${macText(bytes, at + 1)}`;
  if (subtype === macSubtype + 1 && length === 6) return `NA/${ipv4Text(bytes, at + 2)}`;
  const short =
    macSubtype === 4 ? ['', 'CC', 'IA', 'PC', 'MA', 'NA', 'IN', 'LA'] : ['', 'IA', 'PC', 'MA', 'NA', 'IN', 'AC', 'LA'];
  return `${short[subtype!] ?? ''}/${decodeUtf8(bytes.subarray(at + 1, at + length))}`;
}

export const lldp: Protocol = protocol({
  name: 'lldp',
  column: 'LLDP',
  title: 'Link Layer Discovery Protocol',
  minLength: 2,
  binds: { ethertype: [0x88cc] },
  fields: { ...F, ...all('system', SYSTEM), ...all('enabled', ENABLED) },
  walk(d, layer) {
    const end = d.capturedEnd(layer);
    layer.end = end;
    for (const { type, at, length } of tlvs(d, layer)) if (type === END) layer.end = Math.min(end, at + 2 + length);
    layer.headerLength = layer.end - layer.start;
    return undefined;
  },
  info(d, layer) {
    let text = '';
    for (const { type, at, length } of tlvs(d, layer)) {
      if (type === CHASSIS) text += idText(d.bytes, at + 2, length, 4);
      else if (type === PORT) text += ` ${idText(d.bytes, at + 2, length, 3)}`;
      else if (type === TTL) text += ` ${u16(d.bytes, at + 2)}`;
      else if (type === NAME) text += ` SysN=${decodeUtf8(d.bytes.subarray(at + 2, at + 2 + length))}`;
      else if (type === TEXT) text += ` SysD=${decodeUtf8(d.bytes.subarray(at + 2, at + 2 + length))} `;
      if (text.length > 200) break;
    }
    return text;
  },
  emit(d, layer, out) {
    for (const { type, at, length } of tlvs(d, layer)) {
      const c = new Cursor(d, out, at, at + 2 + length);
      c.group(TYPES[type] ?? 'Unknown TLV', 2 + length, () => {
        c.bits(2, F.type, F.length);
        c.skip(2);
        emitTlv(c, type);
      });
    }
  },
});

function emitTlv(c: Cursor, type: number): void {
  switch (type) {
    case CHASSIS:
      identifier(c, c.u8(F.chassisSubtype), 4, F.chassis, F.chassisMac, F.chassisIp4, F.chassisIp6);
      break;
    case PORT:
      identifier(c, c.u8(F.portSubtype), 3, F.port, F.portMac, F.portIp4, F.portIp6);
      break;
    case TTL:
      c.u16(F.ttl);
      break;
    case PORT_TEXT:
      c.text(F.portText);
      break;
    case NAME:
      c.text(F.name);
      break;
    case TEXT:
      c.text(F.text);
      break;
    case CAPABILITIES:
      for (const [field, bits] of [
        [F.capabilities, SYSTEM],
        [F.enabled, ENABLED],
      ] as const) {
        c.out.open(field, c.at, 2, c.peek(2));
        c.bits(2, ...bits);
        c.out.close();
        c.skip(2);
      }
      break;
    case MANAGEMENT:
      management(c);
      break;
    case ORGANISATION:
      c.u24(F.oui);
      break;
  }
}

function identifier(
  c: Cursor,
  subtype: number,
  macSubtype: number,
  plain: Field,
  mac: Field,
  ip4: Field,
  ip6: Field,
): void {
  if (subtype === macSubtype && c.left === 6) c.item(mac, 6);
  else if (subtype === macSubtype + 1) {
    const family = c.u8(F.family);
    if (family === 1 && c.left === 4) c.item(ip4, 4);
    else if (family === 2 && c.left === 16) c.item(ip6, 16);
  } else if (plain.type === 'string') c.text(plain);
  else c.data(plain);
}

function management(c: Cursor): void {
  const length = c.u8(F.addressLength);
  const subtype = c.u8(F.addressSubtype);
  if (subtype === 1 && length === 5) c.item(F.address4, 4);
  else if (subtype === 2 && length === 17) c.item(F.address6, 16);
  else c.data(F.addressHex, length - 1);
  c.u8(F.interfaceSubtype);
  c.u32(F.interfaceNumber);
  c.u8(F.oidLength);
}
