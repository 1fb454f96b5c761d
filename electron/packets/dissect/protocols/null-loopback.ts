/** BSD loopback: LINKTYPE_NULL (address family in the byte order of the machine that captured) and LINKTYPE_LOOP (network byte order). */
import { u32 } from '../bytes.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import { lookup } from '../tables.ts';
import { rest } from './data.ts';

const HEADER = 4;
const FAMILIES: Record<number, string> = { 2: 'IP', 10: 'IPv6', 23: 'IPv6', 24: 'IPv6', 28: 'IPv6', 30: 'IPv6' };
const F = { family: f.u32('null.family', 'Family', { names: FAMILIES }) };

function family({ bytes }: Dissection, { start }: Layer): number {
  const value = u32(bytes, start);
  // Families are small: of the two readings the small one is meant.
  const swapped = ((value >>> 24) | ((value >>> 8) & 0xff00) | ((value << 8) & 0xff0000) | (value << 24)) >>> 0;
  return Math.min(value, swapped);
}

export const nullLoopback: Protocol = protocol({
  name: 'null',
  column: 'Null/Loopback',
  title: 'Null/Loopback',
  minLength: HEADER,
  binds: { linktype: [0, 108] },
  fields: F,
  walk(d, layer) {
    layer.headerLength = HEADER;
    const name = FAMILIES[family(d, layer)];
    const next = lookup('ethertype', name === 'IP' ? 0x0800 : 0x86dd);
    if (!name || !next) return rest(d, layer.start + HEADER, layer.end);
    d.follow(layer.start + HEADER, layer.end);
    return next;
  },
  info: () => '',
  emit: (d, layer, out) => out.value(F.family, layer.start, HEADER, family(d, layer)),
});
