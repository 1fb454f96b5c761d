/** IEEE 802.2 logical link control, and SNAP with an EtherType behind it (RFC 1042). What rides on other SAPs is data. */
import { u16, u24 } from '../bytes.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { ETHERTYPES } from '../names/ethertypes.ts';
import { lookup } from '../tables.ts';
import { bitPattern, hex, hexText } from '../text.ts';
import { rest } from './data.ts';
import { followEthertype } from './ethernet.ts';

const DSAP = 0;
const SSAP = 1;
const CONTROL = 2;
const OUI = 3;
const PID = 6;
const SNAP_SAP = 0xaa;
const OUI_ENCAPSULATED_ETHERNET = 0;

const SAPS = {
  0: 'NULL LSAP',
  2: 'LLC Sub-Layer Management',
  6: 'TCP/IP',
  66: 'Spanning Tree BPDU',
  170: 'SNAP',
  224: 'NetWare',
  240: 'NetBIOS',
  254: 'ISO Network Layer',
  255: 'Global DSAP',
};
const COMMANDS = { 0: 'Unnumbered Information', 15: 'SABME', 16: 'Disconnect', 43: 'XID', 56: 'Test' };

const FIELDS = {
  dsap: { name: 'llc.dsap', title: 'DSAP', type: 'uint8', base: 'hex', names: SAPS },
  dsapSap: { name: 'llc.dsap.sap', title: 'SAP', type: 'uint8', mask: 0xfe, bits: 8 },
  dsapIg: { name: 'llc.dsap.ig', title: 'IG Bit', type: 'boolean', mask: 1, bits: 8, truth: ['Group', 'Individual'] },
  ssapSap: { name: 'llc.ssap.sap', title: 'SAP', type: 'uint8', mask: 0xfe, bits: 8 },
  ssapCr: { name: 'llc.ssap.cr', title: 'CR Bit', type: 'boolean', mask: 1, bits: 8, truth: ['Response', 'Command'] },
  ssap: { name: 'llc.ssap', title: 'SSAP', type: 'uint8', base: 'hex', names: SAPS },
  control: { name: 'llc.control', title: 'Control field', type: 'uint16', base: 'hex' },
  oui: { name: 'llc.oui', title: 'Organization Code', type: 'uint24' },
  type: { name: 'llc.type', title: 'Type', type: 'uint16', base: 'hex', names: ETHERTYPES },
  pid: { name: 'llc.pid', title: 'Protocol ID', type: 'uint16', base: 'hex' },
} satisfies Record<string, Field>;

/** Unnumbered frames have one control octet, others two. */
function controlLength(d: Dissection, layer: Layer): number {
  return (d.bytes[layer.start + CONTROL]! & 3) === 3 ? 1 : 2;
}

function isSnap(d: Dissection, layer: Layer): boolean {
  return d.bytes[layer.start + DSAP] === SNAP_SAP && d.bytes[layer.start + SSAP] === SNAP_SAP;
}

function controlText(d: Dissection, layer: Layer): string {
  const octet = d.bytes[layer.start + CONTROL]!;
  if ((octet & 3) === 3) {
    const command = ((octet & 0xe0) >> 3) | ((octet & 0x0c) >> 2);
    const known: Record<number, string> = COMMANDS;
    return `U, func=${command === 0 ? 'UI' : (known[octet >> 2] ?? 'Unknown')}`;
  }
  return (octet & 1) === 0 ? 'I' : 'S';
}

function sapText(octet: number): string {
  return (SAPS as Record<number, string>)[octet & 0xfe] ?? hex(octet & 0xfe, 2);
}

function sapLabel(octet: number): string {
  return `${bitPattern(octet, 0xfe, 8)} = SAP: ${sapText(octet)}`;
}

export const llc: Protocol = {
  name: 'llc',
  column: 'LLC',
  title: 'Logical-Link Control',
  tint: 'other',
  minLength: 3,
  /** −1: Ethernet asks for "whatever follows a length". */
  binds: { 'llc.dsap': [-1] },
  fields: FIELDS,

  walk(d, layer) {
    const after = layer.start + CONTROL + controlLength(d, layer);
    layer.headerLength = after - layer.start;
    if (!isSnap(d, layer)) {
      const next = lookup('llc.dsap', d.bytes[layer.start + DSAP]! & 0xfe, d);
      if (!next || (d.bytes[layer.start + CONTROL]! & 3) !== 3) return rest(d, after, layer.end);
      d.follow(after, layer.end);
      return next;
    }
    layer.headerLength = 8;
    if (layer.start + 8 > d.capturedEnd(layer)) {
      d.malformed(layer);
      return undefined;
    }
    const next = layer.start + 8;
    if (u24(d.bytes, layer.start + OUI) !== OUI_ENCAPSULATED_ETHERNET) return rest(d, next, layer.end);
    return followEthertype(d, u16(d.bytes, layer.start + PID), next, layer.end);
  },

  info(d, layer) {
    const dsap = d.bytes[layer.start + DSAP]!;
    const ssap = d.bytes[layer.start + SSAP]!;
    const text = controlText(d, layer);
    const to = `DSAP ${sapText(dsap)} ${dsap & 1 ? 'Group' : 'Individual'}`;
    return `${text}; ${to}, SSAP ${sapText(ssap)} ${ssap & 1 ? 'Response' : 'Command'}`;
  },

  emit(d, layer, out) {
    const at = layer.start;
    const dsap = d.bytes[at + DSAP]!;
    out.open(FIELDS.dsap, at + DSAP, 1, dsap);
    out.item(FIELDS.dsapSap, at + DSAP, 1, { label: sapLabel(dsap) });
    out.item(FIELDS.dsapIg, at + DSAP);
    out.close();
    const ssap = d.bytes[at + SSAP]!;
    out.open(FIELDS.ssap, at + SSAP, 1, ssap);
    out.item(FIELDS.ssapSap, at + SSAP, 1, { label: sapLabel(ssap) });
    out.item(FIELDS.ssapCr, at + SSAP);
    out.close();
    const width = controlLength(d, layer);
    const value = width === 1 ? d.bytes[at + CONTROL]! : u16(d.bytes, at + CONTROL);
    out.value(FIELDS.control, at + CONTROL, width, value, {
      label: `Control field: ${controlText(d, layer)} (${hex(value, width * 2)})`,
    });
    if (!isSnap(d, layer)) return;
    const oui = hexText(d.bytes, at + OUI, at + OUI + 3).replace(/(..)(..)(..)/, '$1:$2:$3');
    const plain = u24(d.bytes, at + OUI) === OUI_ENCAPSULATED_ETHERNET;
    out.item(FIELDS.oui, at + OUI, 3, { label: `Organization Code: ${oui}` });
    out.item(plain ? FIELDS.type : FIELDS.pid, at + PID);
  },
};
