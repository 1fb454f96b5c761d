/** Ethernet II and IEEE 802.3 frames, without FCS as captures see them (IEEE 802.3-2022 §3). */
import { u16 } from '../bytes.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { ETHERTYPES } from '../names/ethertypes.ts';
import { note } from '../notes.ts';
import { lookup } from '../tables.ts';
import { hex, macText } from '../text.ts';
import { rest } from './data.ts';

const DST = 0;
const SRC = 6;
const TYPE = 12;
const HEADER = 14;
/** At or above: an EtherType. At or below MAX_LENGTH: a length. */
const MIN_TYPE = 0x0600;
const MAX_LENGTH = 1500;
/** Shortest frame without FCS: senders pad up to here. */
const MIN_FRAME = 60;

const LG = [
  'Locally administered address (this is NOT the factory default)',
  'Globally unique address (factory default)',
] as const;
const IG = ['Group address (multicast/broadcast)', 'Individual address (unicast)'] as const;
const lg = (name: string): Field => ({ name, title: 'LG bit', type: 'boolean', mask: 0x20000, bits: 24, truth: LG });
const ig = (name: string): Field => ({ name, title: 'IG bit', type: 'boolean', mask: 0x10000, bits: 24, truth: IG });

const FIELDS = {
  dst: { name: 'eth.dst', title: 'Destination', type: 'ether' },
  src: { name: 'eth.src', title: 'Source', type: 'ether' },
  addr: { name: 'eth.addr', title: 'Address', type: 'ether' },
  dstLg: lg('eth.dst.lg'),
  dstIg: ig('eth.dst.ig'),
  srcLg: lg('eth.src.lg'),
  srcIg: ig('eth.src.ig'),
  lg: lg('eth.lg'),
  ig: ig('eth.ig'),
  type: { name: 'eth.type', title: 'Type', type: 'uint16', base: 'hex', names: ETHERTYPES },
  len: { name: 'eth.len', title: 'Length', type: 'uint16' },
  invalid: { name: 'eth.invalid_lentype', title: 'Invalid length/type', type: 'uint16', base: 'hex-dec' },
  padding: { name: 'eth.padding', title: 'Padding', type: 'bytes' },
  trailer: { name: 'eth.trailer', title: 'Trailer', type: 'bytes' },
} satisfies Record<string, Field>;

/** Follows an EtherType: for Ethernet, VLAN tags and SNAP alike. */
export function followEthertype(d: Dissection, type: number, start: number, end: number): Protocol | undefined {
  const next = lookup('ethertype', type, d);
  if (!next) return rest(d, start, end);
  d.follow(start, end);
  return next;
}

/** Columns when nothing claims the EtherType. */
export function ethertypeColumn(type: number): string {
  return hex(type, 4);
}
export function ethertypeInfo(type: number): string {
  return ETHERTYPES[type] ?? 'Ethernet II';
}

/**
 * Bytes after the data unit of the layer above: padding up to the shortest frame, then a trailer. Named by the layer that carries
 * it (Wireshark: eth.padding also below a VLAN tag).
 */
export function emitTrailer(d: Dissection, layer: Layer, trailer: Field, out: FieldSink): void {
  const above = d.layers[d.layers.indexOf(layer) + 1];
  if (!above || above.protocol.name === 'vlan' || above.protocol.name === 'ieee8021ad') return;
  const limit = d.capturedEnd(layer);
  if (above.end >= limit || above.protocol.name === 'data') return;
  const { bytes } = d;
  let padded = limit < MIN_FRAME ? above.end : Math.max(above.end, MIN_FRAME);
  for (let at = above.end; at < padded; at++)
    if (bytes[at] !== 0) {
      padded = above.end;
      break;
    }
  if (padded > above.end) out.item(FIELDS.padding, above.end, padded - above.end);
  if (padded >= limit) return;
  const value = bytes.subarray(padded, limit);
  out.open(trailer, padded, limit - padded, value);
  if (padded === above.end)
    note(
      out,
      'note',
      'Protocol',
      "Didn't find padding of zeros, and an undecoded trailer exists. There may be padding of non-zeros.",
      padded,
    );
  out.close();
}

export const ethernet: Protocol = {
  name: 'eth',
  column: 'Ethernet',
  title: 'Ethernet',
  tint: 'other',
  minLength: HEADER,
  binds: { linktype: [1] },
  fields: FIELDS,
  path: (d, layer) => (u16(d.bytes, layer.start + TYPE) >= MIN_TYPE ? 'eth:ethertype' : 'eth'),

  walk(d, layer) {
    layer.headerLength = HEADER;
    const type = u16(d.bytes, layer.start + TYPE);
    const start = layer.start + HEADER;
    if (type >= MIN_TYPE) return followEthertype(d, type, start, layer.end);
    if (type > MAX_LENGTH) return rest(d, start, layer.end);
    const llc = lookup('llc.dsap', -1)!;
    d.follow(start, Math.min(layer.end, start + type));
    return llc;
  },

  columnOf(d, layer) {
    const type = u16(d.bytes, layer.start + TYPE);
    return type >= MIN_TYPE ? ethertypeColumn(type) : 'Ethernet';
  },
  addresses(d, layer, columns) {
    columns.source = macText(d.bytes, layer.start + SRC);
    columns.destination = macText(d.bytes, layer.start + DST);
  },
  info: (d, layer) => ethertypeInfo(u16(d.bytes, layer.start + TYPE)),

  label(d, layer) {
    if (u16(d.bytes, layer.start + TYPE) < MIN_TYPE) return 'IEEE 802.3 Ethernet';
    return `Ethernet II, Src: ${macText(d.bytes, layer.start + SRC)}, Dst: ${macText(d.bytes, layer.start + DST)}`;
  },

  emit(d, layer, out) {
    const at = layer.start;
    emitAddress(d, FIELDS.dst, FIELDS.dstLg, FIELDS.dstIg, at + DST, out);
    emitAddress(d, FIELDS.src, FIELDS.srcLg, FIELDS.srcIg, at + SRC, out);
    const type = u16(d.bytes, at + TYPE);
    if (type >= MIN_TYPE) out.item(FIELDS.type, at + TYPE);
    else out.item(type > MAX_LENGTH ? FIELDS.invalid : FIELDS.len, at + TYPE);
    emitTrailer(d, layer, FIELDS.trailer, out);
  },
};

function emitAddress(d: Dissection, field: Field, lgBit: Field, igBit: Field, at: number, out: FieldSink): void {
  out.open(field, at, 6, macText(d.bytes, at));
  out.item(FIELDS.addr, at);
  out.item(lgBit, at);
  out.hidden(FIELDS.lg, at);
  out.item(igBit, at);
  out.hidden(FIELDS.ig, at);
  out.close();
}
