/**
 * One pass over whole little-endian pcapng blocks with nanosecond timestamps, which is what privileged writes, into columns.
 */
import { EPB_FLAGS, EPB_VERDICT, OPT_END } from '../pcap/options.ts';
import { BLOCK_EPB, EPB_HEADER } from '../pcap/pcapng-reader.ts';
import { VERDICT_NONE } from '../pcap/types.ts';
import { verdictFromOption } from '../pcap/verdict.ts';

export interface BlockColumns {
  /** Block offset within the bytes given; its packet data starts EPB_HEADER further. */
  offset: Float64Array;
  capLen: Uint32Array;
  wireLen: Uint32Array;
  interfaceId: Uint8Array;
  /** ns after `baseNs`. */
  timeNs: Float64Array;
  verdict: Uint8Array;
  direction: Uint8Array;
}

export function blockColumns(capacity: number): BlockColumns {
  return {
    offset: new Float64Array(capacity),
    capLen: new Uint32Array(capacity),
    wireLen: new Uint32Array(capacity),
    interfaceId: new Uint8Array(capacity),
    timeNs: new Float64Array(capacity),
    verdict: new Uint8Array(capacity),
    direction: new Uint8Array(capacity),
  };
}

/** Returns packets found; stops at the columns' capacity or at the first block that does not fit in `bytes`. */
export function indexBlocks(bytes: Uint8Array, baseNs: bigint, columns: BlockColumns): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const capacity = columns.offset.length;
  const baseHigh = Number(BigInt.asUintN(32, baseNs >> 32n));
  const baseLow = Number(BigInt.asUintN(32, baseNs));
  let count = 0;
  for (let at = 0; at + 12 <= bytes.length && count < capacity; ) {
    const length = view.getUint32(at + 4, true);
    if (length < 12 || length % 4 !== 0 || at + length > bytes.length) break;
    const capLen = length >= EPB_HEADER + 4 ? view.getUint32(at + 20, true) : 0;
    if (view.getUint32(at, true) === BLOCK_EPB && length >= EPB_HEADER + 4 && capLen <= length - EPB_HEADER - 4) {
      columns.offset[count] = at;
      columns.capLen[count] = capLen;
      columns.wireLen[count] = view.getUint32(at + 24, true);
      columns.interfaceId[count] = view.getUint32(at + 8, true);
      columns.timeNs[count] =
        (view.getUint32(at + 12, true) - baseHigh) * 4294967296 + (view.getUint32(at + 16, true) - baseLow);
      readOptions(view, at + EPB_HEADER + ((capLen + 3) & ~3), at + length - 4, columns, count);
      count++;
    }
    at += length;
  }
  return count;
}

function readOptions(view: DataView, start: number, end: number, columns: BlockColumns, row: number): void {
  let verdict = VERDICT_NONE;
  let direction = 0;
  for (let at = start; at + 4 <= end; ) {
    const code = view.getUint16(at, true);
    const size = view.getUint16(at + 2, true);
    if (code === OPT_END || at + 4 + size > end) break;
    if (code === EPB_FLAGS && size === 4) {
      const bits = view.getUint8(at + 4) & 3;
      direction = bits === 3 ? 0 : bits;
    } else if (code === EPB_VERDICT && size === 9) verdict = verdictFromOption(view, at + 4, true);
    at += 4 + ((size + 3) & ~3);
  }
  columns.verdict[row] = verdict;
  columns.direction[row] = direction;
}
