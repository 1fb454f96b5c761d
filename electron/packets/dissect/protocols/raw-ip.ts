/** Links without a link layer (tun): the first four bits say which IP it is. LINKTYPE_RAW, and the numbers it had before. */
import type { Protocol } from '../dissection.ts';
import { lookup } from '../tables.ts';
import { rest } from './data.ts';

export const rawIp: Protocol = {
  name: 'raw',
  column: 'Raw',
  title: 'Raw packet data',
  tint: 'other',
  minLength: 1,
  binds: { linktype: [101, 12, 14] },
  fields: {},

  walk(d, layer) {
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    const version = d.bytes[layer.start]! >> 4;
    const next = version === 4 ? lookup('ethertype', 0x0800) : version === 6 ? lookup('ethertype', 0x86dd) : undefined;
    if (!next) return rest(d, layer.start, layer.end);
    d.follow(layer.start, layer.end);
    return next;
  },

  info: () => 'Raw packet data',
  emit() {},
};
