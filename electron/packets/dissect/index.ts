/**
 * The door to dissection: `dissect` walks the headers (no strings, well under a microsecond for common packets), `summarize`
 * makes the packet list's columns. The tree is in detail.ts, `-e field` values in fields.ts. Neither throws, whatever the bytes.
 */
import type { PacketContext } from '../state/context.ts';
import { Dissection } from './dissection.ts';
import { data } from './protocols/data.ts';
import './registry.ts';
import { lookup } from './tables.ts';

export type { Dissection, Layer } from './dissection.ts';
export type { FrameInfo } from './frame.ts';
export { type Summary, summarize } from './summary.ts';

/**
 * @param bytes captured bytes; kept by reference
 * @param linkType LINKTYPE_* of the packet's interface
 * @param wireLen length on the wire, ≥ bytes.length
 * @param context what the packets before it told; without it the packet is looked at alone
 */
export function dissect(bytes: Uint8Array, linkType: number, wireLen: number, context?: PacketContext): Dissection {
  const d = new Dissection(bytes, linkType, wireLen, context);
  d.run(lookup('linktype', linkType) ?? data);
  return d;
}
