/**
 * The rarely needed options of one packet, read from its block when somebody looks at it, so that they cost no column: queue,
 * drop count, comments, raw flags and verdict. Works from the packet's place in the file alone: an enhanced packet block
 * has a fixed header in front of its data, which is recognised or nothing is returned.
 */
import type { ByteSource } from '../store/byte-source.ts';
import * as opt from './options.ts';
import { BLOCK_EPB, EPB_HEADER, MAX_BLOCK_BYTES } from './pcapng-reader.ts';

export interface PacketOptions {
  comments: string[];
  flags?: number;
  queue?: number;
  /** Decimal. */
  dropCount?: string;
  /** Decimal. */
  packetId?: string;
  verdict?: { kind: number; value: bigint };
}

/** @param offset of the packet's first byte in the file (PacketStore.offset). */
export function readPacketOptions(source: ByteSource, offset: number, capLen: number): PacketOptions | undefined {
  if (offset < EPB_HEADER) return undefined;
  const head = source.read(offset - EPB_HEADER, EPB_HEADER);
  if (head.length < EPB_HEADER) return undefined;
  const headView = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const little = headView.getUint32(0, true) === BLOCK_EPB;
  if (!little && headView.getUint32(0, false) !== BLOCK_EPB) return undefined;
  const length = headView.getUint32(4, little);
  const start = (capLen + 3) & ~3;
  const size = length - EPB_HEADER - 4 - start;
  if (headView.getUint32(20, little) !== capLen || length > MAX_BLOCK_BYTES || size < 0) return undefined;
  const bytes = source.read(offset + start, size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: PacketOptions = { comments: [] };
  opt.walkOptions(view, 0, bytes.length, little, (code, at, count) => {
    if (code === opt.OPT_COMMENT) found.comments.push(opt.optionText(view, at, count));
    else if (code === opt.EPB_FLAGS && count === 4) found.flags = view.getUint32(at, little);
    else if (code === opt.EPB_QUEUE && count === 4) found.queue = view.getUint32(at, little);
    else if (code === opt.EPB_DROPCOUNT && count === 8) found.dropCount = view.getBigUint64(at, little).toString();
    else if (code === opt.EPB_PACKETID && count === 8) found.packetId = view.getBigUint64(at, little).toString();
    else if (code === opt.EPB_VERDICT && count === 9)
      found.verdict = { kind: view.getUint8(at), value: view.getBigInt64(at + 1, little) };
  });
  return found;
}
