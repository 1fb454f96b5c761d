/** MPLS label stack entries (RFC 3032); above the last is IP, or Ethernet behind an optional control word. */
import { u32 } from '../bytes.ts';
import { f, protocol } from '../define.ts';
import type { Protocol } from '../dissection.ts';
import { lookup } from '../tables.ts';
import { rest } from './data.ts';

/** No stack of labels is that high. */
const MAX_ENTRIES = 128;
const ENTRY = 4;
const SPECIAL: Record<number, string> = {
  0: 'IPv4 Explicit-Null',
  1: 'Router Alert',
  2: 'IPv6 Explicit-Null',
  3: 'Implicit-Null',
  13: 'Generic Associated Channel Label (GAL)',
  14: 'OAM Alert',
};
const F = {
  label: f.u32('mpls.label', 'MPLS Label', { base: 'dec-hex', mask: 0xfffff000, bits: 32, names: (v) => SPECIAL[v] }),
  exp: f.u32('mpls.exp', 'MPLS Experimental Bits', { mask: 0xe00, bits: 32 }),
  bottom: f.u32('mpls.bottom', 'MPLS Bottom Of Label Stack', { mask: 0x100, bits: 32 }),
  ttl: f.u32('mpls.ttl', 'MPLS TTL', { mask: 0xff, bits: 32 }),
};

export const mpls: Protocol = protocol({
  name: 'mpls',
  column: 'MPLS',
  title: 'MultiProtocol Label Switching Header',
  minLength: ENTRY,
  binds: { ethertype: [0x8847, 0x8848], 'ip.proto': [137], 'udp.port': [6635], 'ppp.protocol': [0x281, 0x283] },
  fields: F,
  walk(d, layer) {
    const end = d.capturedEnd(layer);
    let start = layer.start + ENTRY;
    const most = Math.min(end, layer.start + MAX_ENTRIES * ENTRY);
    while ((u32(d.bytes, start - ENTRY) & 0x100) === 0 && start + ENTRY <= most) start += ENTRY;
    layer.headerLength = start - layer.start;
    if (layer.headerLength === MAX_ENTRIES * ENTRY && (u32(d.bytes, start - ENTRY) & 0x100) === 0) {
      d.problem ??= { kind: 'deep', layer };
      return rest(d, start, layer.end);
    }
    const version = d.bytes[start]! >> 4;
    const next =
      version === 4 ? lookup('ethertype', 0x0800) : version === 6 ? lookup('ethertype', 0x86dd) : lookup('linktype', 1);
    const control = version === 0 ? 4 : 0;
    if (!next || start + control >= end) return rest(d, start, layer.end);
    d.follow(start + control, layer.end);
    return next;
  },
  info: () => 'MPLS Label Switched Packet',
  label(d, layer) {
    const entry = u32(d.bytes, layer.start);
    const label = entry >>> 12;
    const named = SPECIAL[label] ? `${label} (${SPECIAL[label]})` : label;
    return `MultiProtocol Label Switching Header, Label: ${named}, Exp: ${(entry >> 9) & 7}, S: ${(entry >> 8) & 1}, TTL: ${entry & 0xff}`;
  },
  emit(_d, layer, out) {
    for (let at = layer.start; at < layer.start + layer.headerLength; at += ENTRY)
      for (const field of [F.label, F.exp, F.bottom, F.ttl]) out.item(field, at, ENTRY);
  },
});
