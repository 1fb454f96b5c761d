/**
 * A pcapng block of a big-endian section as a little-endian one, so that it can stand in another section: each number that the format defines is
 * turned round, everything else (packets, names, secrets, addresses) stays. Blocks whose insides are not known cannot be turned: undefined.
 */
import * as opt from './options.ts';
import { BLOCK_DSB, BLOCK_EPB, BLOCK_IDB, BLOCK_ISB, BLOCK_PB, BLOCK_SPB } from './pcapng-reader.ts';

const BLOCK_NRB = 4;

/** Sizes of the numbers at the beginning of the body; where its variable part ends; sizes of the numbers in its options. */
interface Layout {
  numbers: readonly (2 | 4)[];
  /** Bytes of the variable part, padded, behind the numbers; undefined = all the rest, without options. */
  data(view: DataView, body: number): number | undefined;
  options: Readonly<Record<number, 4 | 8>>;
}

const padded = (length: number) => (length + 3) & ~3;
const PACKET_OPTIONS = {
  [opt.EPB_FLAGS]: 4,
  [opt.EPB_DROPCOUNT]: 8,
  [opt.EPB_PACKETID]: 8,
  [opt.EPB_QUEUE]: 4,
} as const;
const IF_SPEED = 8;

const LAYOUTS: Readonly<Record<number, Layout>> = {
  [BLOCK_IDB]: {
    numbers: [2, 2, 4],
    data: () => 0,
    options: { [IF_SPEED]: 8, [opt.IF_TSOFFSET]: 8 },
  },
  [BLOCK_EPB]: {
    numbers: [4, 4, 4, 4, 4],
    data: (view, body) => padded(view.getUint32(body + 12)),
    options: PACKET_OPTIONS,
  },
  [BLOCK_PB]: {
    numbers: [2, 2, 4, 4, 4, 4],
    data: (view, body) => padded(view.getUint32(body + 12)),
    options: { [opt.EPB_FLAGS]: 4 },
  },
  [BLOCK_SPB]: { numbers: [4], data: () => undefined, options: {} },
  [BLOCK_ISB]: {
    numbers: [4, 4, 4],
    data: () => 0,
    // isb_starttime and isb_endtime are two halves, the upper first, in each byte order.
    options: { 2: 4, 3: 4, 4: 8, 5: 8, 6: 8, 7: 8, 8: 8 },
  },
  [BLOCK_DSB]: { numbers: [4, 4], data: (view, body) => padded(view.getUint32(body + 4)), options: {} },
  [BLOCK_NRB]: { numbers: [], data: nameRecords, options: {} },
};

export function littleEndian(block: Uint8Array): Uint8Array | undefined {
  const from = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const type = from.getUint32(0);
  const layout = LAYOUTS[type];
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
  const data = layout.data(from, 8);
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
    // epb_verdict: an octet, then a number for eBPF's two kinds.
    if (numbers === PACKET_OPTIONS && code === opt.EPB_VERDICT && size === 9) turn(from, to, at + 5, 8);
    at += 4 + padded(size);
  }
}

/** Bytes of the records with the one that ends them. */
function nameRecords(view: DataView, body: number): number {
  let at = body;
  while (at + 4 <= view.byteLength - 4) {
    const type = view.getUint16(at);
    at += 4 + padded(view.getUint16(at + 2));
    if (type === 0) break;
  }
  return at - body;
}

function turn(from: DataView, to: DataView, at: number, size: 2 | 4 | 8): void {
  if (at + size > from.byteLength - 4) return;
  if (size === 2) to.setUint16(at, from.getUint16(at), true);
  else if (size === 4) to.setUint32(at, from.getUint32(at), true);
  else to.setBigUint64(at, from.getBigUint64(at), true);
}
