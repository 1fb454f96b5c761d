/**
 * A pcapng block of a big-endian section as a little-endian one, so that it can stand in another section: each number that the format defines is
 * turned round, everything else (packets, names, secrets, addresses, what is in custom blocks and options behind the number of whose they are) stays. Blocks
 * whose insides are not known cannot be turned: undefined.
 */
import { BLOCK_NRB, type Layout, layoutOf, OPT_CUSTOM, OPT_CUSTOM_LOCAL, PACKET_OPTIONS } from './block-layout.ts';
import * as opt from './options.ts';

const CUSTOM = new Set([...OPT_CUSTOM, ...OPT_CUSTOM_LOCAL]);
const padded = (length: number) => (length + 3) & ~3;

export function littleEndian(block: Uint8Array): Uint8Array | undefined {
  const from = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const type = from.getUint32(0);
  const layout = layoutOf(type);
  if (!layout) return undefined;
  const out = block.slice();
  const to = new DataView(out.buffer);
  to.setUint32(0, type, true);
  to.setUint32(4, out.length, true);
  to.setUint32(out.length - 4, out.length, true);
  let at = 8;
  for (const size of layout.numbers) {
    turn(from, to, at, size);
    at += size;
  }
  const data = layout.data(from, 8, false);
  const end = out.length - 4;
  if (data === undefined) return out;
  if (type === BLOCK_NRB) turnHeads(from, to, at, at + data, {});
  turnHeads(from, to, at + data, end, layout.options);
  return out;
}

/** Codes and lengths of options or name records, and the numbers among their values. */
function turnHeads(from: DataView, to: DataView, start: number, end: number, numbers: Layout['options']): void {
  for (let at = start; at + 4 <= end; ) {
    const code = from.getUint16(at);
    const size = from.getUint16(at + 2);
    turn(from, to, at, 2);
    turn(from, to, at + 2, 2);
    if (code === opt.OPT_END || at + 4 + size > end) return;
    const width = numbers[code];
    if (width && size % width === 0) for (let i = 0; i < size; i += width) turn(from, to, at + 4 + i, width);
    if (CUSTOM.has(code) && size >= 4) turn(from, to, at + 4, 4);
    // epb_verdict: an octet, then a number for eBPF's two kinds.
    if (numbers === PACKET_OPTIONS && code === opt.EPB_VERDICT && size === 9) turn(from, to, at + 5, 8);
    at += 4 + padded(size);
  }
}

function turn(from: DataView, to: DataView, at: number, size: 2 | 4 | 8): void {
  if (at + size > from.byteLength - 4) return;
  if (size === 2) to.setUint16(at, from.getUint16(at), true);
  else if (size === 4) to.setUint32(at, from.getUint32(at), true);
  else to.setBigUint64(at, from.getBigUint64(at), true);
}
