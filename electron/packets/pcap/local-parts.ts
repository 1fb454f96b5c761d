/**
 * What somebody put into a capture for that very file and no other (draft-ietf-opsawg-pcapng §3.5.1, §4.6: custom blocks and options that are not to be
 * copied): a file with other packets goes without. Everything else stays byte for byte.
 */
import { BLOCK_CUSTOM_LOCAL, OPT_CUSTOM_LOCAL, optionsAt } from './block-layout.ts';
import { OPT_END, walkOptions } from './options.ts';

const LOCAL = new Set(OPT_CUSTOM_LOCAL);
const padded = (length: number) => (length + 3) & ~3;

export const isLocalBlock = (type: number): boolean => type === BLOCK_CUSTOM_LOCAL;

/** @param block whole. The same one when there is nothing in it to be left out */
export function withoutLocalOptions(block: Uint8Array, little: boolean): Uint8Array {
  const start = optionsAt(block, little);
  const end = block.length - 4;
  if (start === undefined || start + 4 > end) return block;
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const kept: Uint8Array[] = [];
  let found = false;
  walkOptions(view, start, end, little, (code, at, size) => {
    if (LOCAL.has(code)) found = true;
    else kept.push(block.subarray(at - 4, at + padded(size)));
    return undefined;
  });
  if (!found) return block;
  const size = kept.reduce((sum, option) => sum + option.length, 0);
  const out = new Uint8Array(start + (size > 0 ? size + 4 : 0) + 4);
  const to = new DataView(out.buffer);
  out.set(block.subarray(0, start));
  let at = start;
  for (const option of kept) {
    out.set(option, at);
    at += option.length;
  }
  if (size > 0) to.setUint32(at, OPT_END, little);
  to.setUint32(4, out.length, little);
  to.setUint32(out.length - 4, out.length, little);
  return out;
}
