/**
 * A packet block with another comment (opt_comment, draft-ietf-opsawg-pcapng §3.5), in its own byte order: the comments it had go, its other options
 * stay byte for byte. A simple packet block has no room for options and becomes an enhanced one.
 */
import { encodeUtf8 } from '../text/utf8.ts';
import { OPT_COMMENT, OPT_END, walkOptions } from './options.ts';
import { BLOCK_EPB, BLOCK_SPB, EPB_HEADER } from './pcapng-reader.ts';

export interface PacketComment {
  /** '' = none. */
  comment: string;
  /** Of a packet without a time: in ticks of its section's first interface. */
  ticks: bigint;
  /** Bytes. */
  capLen: number;
}

const MAX_OPTION = 0xffff;
const IDB_OPTIONS_AT = 16;
const padded = (length: number) => (length + 3) & ~3;

/** @param block whole, of type EPB, PB or SPB */
export function withComment(block: Uint8Array, little: boolean, change: PacketComment): Uint8Array {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  if (view.getUint32(0, little) === BLOCK_SPB)
    return change.comment === ''
      ? block
      : withOptions(enhanced(block, view, little, change), [], little, change.comment);
  const end = block.length - 4;
  const optionsAt = Math.min(end, EPB_HEADER + padded(view.getUint32(20, little)));
  const kept: Uint8Array[] = [];
  walkOptions(view, optionsAt, end, little, (code, at, size) => {
    if (code !== OPT_COMMENT) kept.push(block.subarray(at - 4, at + size));
    return true;
  });
  return withOptions(block.subarray(0, optionsAt), kept, little, change.comment);
}

/** An interface description (little-endian) with a comment beside those it has. */
export function withInterfaceComment(block: Uint8Array, comment: string): Uint8Array {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const kept: Uint8Array[] = [];
  walkOptions(view, IDB_OPTIONS_AT, block.length - 4, true, (_code, at, size) => {
    kept.push(block.subarray(at - 4, at + size));
    return true;
  });
  return withOptions(block.subarray(0, IDB_OPTIONS_AT), kept, true, comment);
}

/** The packet as the beginning of an enhanced packet block: without options and without the length at the end. */
function enhanced(block: Uint8Array, from: DataView, little: boolean, { ticks, capLen }: PacketComment): Uint8Array {
  const out = new Uint8Array(EPB_HEADER + padded(capLen));
  const view = new DataView(out.buffer);
  view.setUint32(0, BLOCK_EPB, little);
  view.setUint32(12, Number(BigInt.asUintN(32, ticks >> 32n)), little);
  view.setUint32(16, Number(BigInt.asUintN(32, ticks)), little);
  view.setUint32(20, capLen, little);
  view.setUint32(24, from.getUint32(8, little), little);
  out.set(block.subarray(12, 12 + capLen), EPB_HEADER);
  return out;
}

function withOptions(head: Uint8Array, kept: readonly Uint8Array[], little: boolean, comment: string): Uint8Array {
  const text = encodeUtf8(comment).subarray(0, MAX_OPTION);
  const size =
    (text.length > 0 ? 4 + padded(text.length) : 0) + kept.reduce((sum, option) => sum + padded(option.length), 0);
  const out = new Uint8Array(head.length + (size > 0 ? size + 4 : 0) + 4);
  const view = new DataView(out.buffer);
  out.set(head);
  let at = head.length;
  if (text.length > 0) {
    view.setUint16(at, OPT_COMMENT, little);
    view.setUint16(at + 2, text.length, little);
    out.set(text, at + 4);
    at += 4 + padded(text.length);
  }
  for (const option of kept) {
    out.set(option, at);
    at += padded(option.length);
  }
  if (size > 0) view.setUint32(at, OPT_END, little);
  view.setUint32(4, out.length, little);
  view.setUint32(out.length - 4, out.length, little);
  return out;
}
