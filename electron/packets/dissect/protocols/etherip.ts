/** Ethernet frames inside IP (RFC 3378). */
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Protocol } from '../dissection.ts';
import { lookup } from '../tables.ts';

const HEADER = 2;
const F = {
  version: f.u8('etherip.ver', 'Version', { mask: 0xf000, bits: 16 }),
  reserved: f.x16('etherip.reserved', 'Reserved', { mask: 0x0fff, bits: 16 }),
};

export const etherip: Protocol = protocol({
  name: 'etherip',
  column: 'ETHERIP',
  title: 'Ethernet over IP',
  minLength: HEADER,
  binds: { 'ip.proto': [97] },
  fields: F,
  walk(d, layer) {
    layer.headerLength = HEADER;
    d.follow(layer.start + HEADER, layer.end);
    return lookup('linktype', 1);
  },
  info: () => 'EtherIP',
  label: (d, layer) => `EtherIP, Version ${d.bytes[layer.start]! >> 4}`,
  emit(d, layer, out) {
    Cursor.of(d, layer, out).bits(2, F.version, F.reserved);
  },
});
