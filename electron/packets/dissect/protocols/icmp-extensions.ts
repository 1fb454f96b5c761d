/**
 * Extensions of ICMP errors (RFC 4884): behind the quoted datagram lie objects, of which routers send the MPLS labels that a packet came with
 * (RFC 4950). A length in the header says where; without it they begin after 128 bytes, when their checksum says so.
 */
import { checkSum } from '../checksum.ts';
import { emitChecksum } from '../checksum-fields.ts';
import { Cursor } from '../cursor.ts';
import { bit, f } from '../define.ts';
import type { Dissection, FieldSink, Layer } from '../dissection.ts';

const QUOTED = 8;
const OLD_LENGTH = 128;
const VERSION = 2;
const MPLS = 1;
const CLASSES: Record<number, string> = {
  [MPLS]: 'MPLS Label Stack Class',
  2: 'Interface Information Object',
  3: 'Interface Identification Object',
};

export const EXTENSION_FIELDS = {
  length: f.u8('icmp.length', 'Length'),
  original: f.u8('icmp.length.original_datagram', 'Length of original datagram'),
  extensions: f.none('icmp.ext', 'ICMP Multi-Part Extensions'),
  version: f.u8('icmp.ext.version', 'Version', { mask: 0xf0, bits: 8 }),
  reserved: f.x16('icmp.ext.res', 'Reserved', { mask: 0x0fff, bits: 16 }),
  extensionChecksum: f.x16('icmp.ext.checksum', 'Checksum'),
  extensionStatus: f.u8('icmp.ext.checksum.status', 'Checksum Status'),
  objectLength: f.u16('icmp.ext.length', 'Length'),
  class: f.u8('icmp.ext.class', 'Class', { names: CLASSES }),
  classType: f.u8('icmp.ext.ctype', 'C-Type'),
  data: f.bytes('icmp.ext.data', 'Data'),
  label: f.u24('icmp.mpls.label', 'Label', { mask: 0xfffff0, bits: 24 }),
  experimental: f.u8('icmp.mpls.exp', 'Experimental', { mask: 0x0e, bits: 8 }),
  bottom: bit('icmp.mpls.s', 'Stack bit', 0x01),
  ttl: f.u8('icmp.mpls.ttl', 'Time to live'),
};
const F = EXTENSION_FIELDS;

/** Where the extensions of an error begin; undefined when it has none. */
export function extensionsAt(d: Dissection, layer: Layer): number | undefined {
  const stated = 4 * d.bytes[layer.start + 5]!;
  const at = layer.start + QUOTED + (stated || OLD_LENGTH);
  const end = d.capturedEnd(layer);
  if (layer.quotedBy || at + 8 > end || d.bytes[at]! >> 4 !== VERSION) return undefined;
  if (stated === 0 && checkSum(d.bytes, at, end, at + 2).status !== 'good') return undefined;
  return at;
}

export function emitExtensions(d: Dissection, layer: Layer, at: number, out: FieldSink): void {
  const c = new Cursor(d, out, at, d.capturedEnd(layer));
  c.under(F.extensions, c.left, null, () => {
    c.bits(1, F.version);
    c.bits(2, F.reserved);
    const fields = { checksum: F.extensionChecksum, status: F.extensionStatus };
    emitChecksum(d, at + 2, fields, () => checkSum(d.bytes, at, layer.end, at + 2), undefined, false, out);
    c.skip(4);
    while (c.left >= 4) {
      const length = c.peek(2);
      if (length < 4 || length > c.left) return;
      const kind = c.peek(1, 2);
      c.group(CLASSES[kind] ?? 'Unknown object', length, () => object(d, c, kind, length));
    }
  });
}

function object(d: Dissection, c: Cursor, kind: number, length: number): void {
  const inner = new Cursor(d, c.out, c.at, c.at + length);
  inner.u16(F.objectLength);
  inner.u8(F.class);
  inner.u8(F.classType);
  if (kind !== MPLS) {
    if (inner.left > 0) inner.data(F.data);
    return;
  }
  while (inner.left >= 4) {
    const label = inner.peek(3) >> 4;
    inner.group(`Label: ${label}, TTL: ${inner.peek(1, 3)}`, 4, () => {
      inner.bits(3, F.label);
      inner.skip(2);
      inner.bits(1, F.experimental, F.bottom);
      inner.skip(1);
      inner.u8(F.ttl);
    });
  }
}

/** The four bytes behind the checksum, of which the second may say how much is quoted; `rest` shows the last two. */
export function emitQuotedLength(
  d: Dissection,
  at: number,
  unused: typeof F.data,
  rest: () => void,
  out: FieldSink,
): boolean {
  const words = d.bytes[at + 1]!;
  if (words === 0) return false;
  out.item(unused, at, 1);
  out.value(F.length, at + 1, 1, words);
  out.value(F.original, at + 1, 1, 4 * words, { generated: true });
  rest();
  return true;
}
