/** Lengths of the packets in blocks from privileged (whole, little-endian pcapng), for the summary of a capture with -c. */

const EPB = 6;
const EPB_HEADER_BYTES = 28;
const WIRE_LEN_AT = 24;

/** Sum of wire lengths of the enhanced packet blocks. */
export function deliveredBytes(blocks: Uint8Array): number {
  const view = new DataView(blocks.buffer, blocks.byteOffset, blocks.byteLength);
  let total = 0;
  for (let at = 0; at + EPB_HEADER_BYTES <= blocks.byteLength; ) {
    if (view.getUint32(at, true) === EPB) total += view.getUint32(at + WIRE_LEN_AT, true);
    const length = view.getUint32(at + 4, true);
    if (length < 12) break;
    at += length;
  }
  return total;
}
