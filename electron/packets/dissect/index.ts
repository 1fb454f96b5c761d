/**
 * The door to dissection: `dissect` walks the headers (no strings, well under a microsecond for common packets), `summarize`
 * makes the packet list's columns. The tree is in detail.ts, `-e field` values in fields.ts. Neither throws, whatever the bytes.
 */
import type { PacketContext } from '../state/context.ts';
import type { DecodeAs } from './decode-as.ts';
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
 * @param decodeAs the user's choice of protocols; the context's state has it too
 */
export function dissect(
  bytes: Uint8Array,
  linkType: number,
  wireLen: number,
  context?: PacketContext,
  decodeAs?: DecodeAs,
): Dissection {
  const d = new Dissection(bytes, linkType, wireLen, context, decodeAs);
  d.run(lookup('linktype', linkType, d) ?? data);
  return d;
}

/** By which numbers the protocols of a packet were looked up, each once, the outermost first. */
export function lookups(bytes: Uint8Array, linkType: number, wireLen: number, decodeAs?: DecodeAs): Lookup[] {
  const d = new Dissection(bytes, linkType, wireLen, undefined, decodeAs);
  d.asked = [];
  d.run(lookup('linktype', linkType, d) ?? data);
  const seen = new Set<string>();
  return d.asked.filter(({ table, key }) => !seen.has(`${table} ${key}`) && seen.add(`${table} ${key}`));
}

type Lookup = NonNullable<Dissection['asked']>[number];
