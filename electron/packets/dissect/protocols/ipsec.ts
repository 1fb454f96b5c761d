/** IPsec: the authentication header (RFC 4302), whose payload is in the clear, and ESP (RFC 4303), whose is not. */
import { u32 } from '../bytes.ts';
import type { Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { IP_PROTOCOLS } from '../names/ip-protocols.ts';
import { hex } from '../text.ts';
import { followNextHeader, nextHeaderInfo } from './ipv6.ts';

const AH = {
  next: { name: 'ah.next_header', title: 'Next header', type: 'uint8', names: IP_PROTOCOLS },
  length: { name: 'ah.length', title: 'Length', type: 'uint8' },
  reserved: { name: 'ah.reserved', title: 'Reserved', type: 'bytes' },
  spi: { name: 'ah.spi', title: 'AH SPI', type: 'uint32', base: 'hex' },
  sequence: { name: 'ah.sequence', title: 'AH Sequence', type: 'uint32' },
  icv: { name: 'ah.icv', title: 'AH ICV', type: 'bytes' },
} satisfies Record<string, Field>;

const FIXED = 12;
/** The length field counts 4-byte words less 2. */
const lengthOf = (bytes: Uint8Array, start: number) => (bytes[start + 1]! + 2) * 4;

export const ah: Protocol = {
  name: 'ah',
  column: 'AH',
  title: 'Authentication Header',
  tint: 'other',
  minLength: FIXED,
  binds: { 'ip.proto': [51], 'ipv6.nxt': [51] },
  fields: AH,

  walk(d, layer) {
    const length = lengthOf(d.bytes, layer.start);
    layer.headerLength = length;
    if (length < FIXED || layer.start + length > d.capturedEnd(layer)) {
      d.malformed(layer);
      return undefined;
    }
    if (layer.within?.protocol.name === 'ipv6') layer.within.headerLength += length;
    return followNextHeader(d, d.bytes[layer.start]!, layer.start + length, layer.end, layer.within);
  },

  info: (d, layer) => nextHeaderInfo(d.bytes[layer.start]!),

  emit(d, layer, out) {
    const at = layer.start;
    const length = lengthOf(d.bytes, at);
    out.item(AH.next, at);
    out.item(AH.length, at + 1, 1, { suffix: ` (${length} bytes)` });
    out.item(AH.reserved, at + 2, 2);
    out.item(AH.spi, at + 4);
    out.item(AH.sequence, at + 8);
    if (length > FIXED) out.item(AH.icv, at + FIXED, length - FIXED);
  },
};

const ESP = {
  spi: { name: 'esp.spi', title: 'ESP SPI', type: 'uint32', base: 'hex-dec' },
  sequence: { name: 'esp.sequence', title: 'ESP Sequence', type: 'uint32' },
} satisfies Record<string, Field>;

export const esp: Protocol = {
  name: 'esp',
  column: 'ESP',
  title: 'Encapsulating Security Payload',
  tint: 'other',
  minLength: 8,
  binds: { 'ip.proto': [50] },
  fields: ESP,

  walk(d, layer) {
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    return undefined;
  },
  info: (d, layer) => `ESP (SPI=${hex(u32(d.bytes, layer.start), 8)})`,
  emit(_d, layer, out) {
    out.item(ESP.spi, layer.start);
    out.item(ESP.sequence, layer.start + 4);
  },
};
