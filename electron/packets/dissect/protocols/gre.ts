/** Generic Routing Encapsulation (RFC 2784, RFC 2890; version 1 for PPTP, RFC 2637). */
import { u16 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import { ETHERTYPES } from '../names/ethertypes.ts';
import { lookup } from '../tables.ts';
import { hex } from '../text.ts';
import { rest } from './data.ts';

const CHECKSUM = 0x8000;
const ROUTING = 0x4000;
const KEY = 0x2000;
const SEQUENCE = 0x1000;
const ACK = 0x0080;
const TRANSPARENT_ETHERNET = 0x6558;
const PPP = 0x880b;
const TYPES: Record<number, string> = {
  ...ETHERTYPES,
  [PPP]: 'PPP',
  [TRANSPARENT_ETHERNET]: 'Transparent Ethernet bridging',
};

const number = (name: string, title: string, mask: number) => f.u16(name, title, { mask, bits: 16 });
const F = {
  flags: f.x16('gre.flags_and_version', 'Flags and Version'),
  checksumBit: bit('gre.flags.checksum', 'Checksum Bit', CHECKSUM, 16, ['Yes', 'No']),
  routingBit: bit('gre.flags.routing', 'Routing Bit', ROUTING, 16, ['Yes', 'No']),
  keyBit: bit('gre.flags.key', 'Key Bit', KEY, 16, ['Yes', 'No']),
  sequenceBit: bit('gre.flags.sequence_number', 'Sequence Number Bit', SEQUENCE, 16, ['Yes', 'No']),
  strict: bit('gre.flags.strict_source_route', 'Strict Source Route Bit', 0x0800, 16, ['Yes', 'No']),
  recursion: number('gre.flags.recursion_control', 'Recursion control', 0x0700),
  ack: bit('gre.flags.ack', 'Acknowledgment', ACK, 16, ['Yes', 'No']),
  reserved: number('gre.flags.reserved', 'Flags (Reserved)', 0x00f8),
  version: number('gre.flags.version', 'Version', 0x0007),
  proto: f.x16('gre.proto', 'Protocol Type', { names: TYPES }),
  checksum: f.x16('gre.checksum', 'Checksum'),
  offset: f.u16('gre.offset', 'Offset'),
  key: f.x32('gre.key', 'Key'),
  payloadLength: f.u16('gre.key.payload_length', 'Payload Length'),
  callId: f.u16('gre.key.call_id', 'Call ID'),
  sequence: f.u32('gre.sequence_number', 'Sequence Number'),
  ackNumber: f.u32('gre.ack_number', 'Acknowledgment Number'),
};

function headerLength({ bytes }: Dissection, { start }: Layer): number {
  const flags = u16(bytes, start);
  let length = 4;
  if (flags & (CHECKSUM | ROUTING)) length += 4;
  if (flags & KEY) length += 4;
  if (flags & SEQUENCE) length += 4;
  if ((flags & 7) === 1 && flags & ACK) length += 4;
  return length;
}

export const gre: Protocol = protocol({
  name: 'gre',
  column: 'GRE',
  title: 'Generic Routing Encapsulation',
  minLength: 4,
  binds: { 'ip.proto': [47], 'udp.port': [4754] },
  fields: F,
  walk(d, layer) {
    layer.headerLength = headerLength(d, layer);
    const type = u16(d.bytes, layer.start + 2);
    const start = layer.start + layer.headerLength;
    const next =
      type === TRANSPARENT_ETHERNET
        ? lookup('linktype', 1)
        : type === PPP
          ? lookup('linktype', 9)
          : lookup('ethertype', type, d);
    if (!next || u16(d.bytes, layer.start) & ROUTING) return rest(d, start, layer.end);
    d.follow(start, layer.end);
    return next;
  },
  info(d, layer) {
    const type = u16(d.bytes, layer.start + 2);
    return `Encapsulated ${TYPES[type] ?? `${hex(type, 4)} (unknown)`}`;
  },
  label(d, layer) {
    const type = u16(d.bytes, layer.start + 2);
    return `Generic Routing Encapsulation (${TYPES[type] ?? `${hex(type, 4)} - unknown`})`;
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    const flags = c.peek(2);
    const one = (flags & 7) === 1;
    out.open(F.flags, c.at, 2, flags);
    c.bits(2, F.checksumBit, F.routingBit, F.keyBit, F.sequenceBit, F.strict, F.recursion);
    if (one) c.bits(2, F.ack);
    c.bits(2, F.reserved, F.version);
    out.close();
    c.skip(2);
    c.u16(F.proto);
    if (flags & (CHECKSUM | ROUTING)) {
      c.u16(F.checksum);
      c.u16(F.offset);
    }
    if (flags & KEY) {
      if (one && c.bytes.length > 0 && u16(c.bytes, layer.start + 2) === PPP) {
        c.u16(F.payloadLength);
        c.u16(F.callId);
      } else c.u32(F.key);
    }
    if (flags & SEQUENCE) c.u32(F.sequence);
    if (one && flags & ACK) c.u32(F.ackNumber);
  },
});
