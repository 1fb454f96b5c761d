/**
 * Where things are in the blocks whose insides are known (draft-ietf-opsawg-pcapng §4): the numbers at the beginning of the body, what follows them, the
 * options, and the numbers among those. Block types that are not here (custom ones but for their beginning, those of later versions) are opaque.
 */
import * as opt from './options.ts';
import { BLOCK_DSB, BLOCK_EPB, BLOCK_IDB, BLOCK_ISB, BLOCK_PB, BLOCK_SHB, BLOCK_SPB } from './pcapng-reader.ts';

export const BLOCK_NRB = 4;
/** A systemd journal entry: text. */
const BLOCK_JOURNAL = 9;
/** Of somebody's own, with his enterprise number: for whoever rewrites the file to take along, or to leave (§4.6). */
export const BLOCK_CUSTOM = 0x0000_0bad;
export const BLOCK_CUSTOM_LOCAL = 0x4000_0bad;
/** Text and bytes of somebody's own (§3.5.1), to be taken along and to be left. */
export const OPT_CUSTOM: readonly number[] = [2988, 2989];
export const OPT_CUSTOM_LOCAL: readonly number[] = [19_372, 19_373];

/** Sizes of the numbers at the beginning of the body; what is behind them; sizes of the numbers in its options. */
export interface Layout {
  numbers: readonly (2 | 4 | 8)[];
  /** Bytes of the variable part, padded, behind the numbers; undefined = all the rest, without options that are known. */
  data(view: DataView, body: number, little: boolean): number | undefined;
  options: Readonly<Record<number, 4 | 8>>;
}

const padded = (length: number) => (length + 3) & ~3;
export const PACKET_OPTIONS = {
  [opt.EPB_FLAGS]: 4,
  [opt.EPB_DROPCOUNT]: 8,
  [opt.EPB_PACKETID]: 8,
  [opt.EPB_QUEUE]: 4,
} as const;
const IF_SPEED = 8;
const IF_TXSPEED = 16;
const IF_RXSPEED = 17;
/** Types and lengths of name records are turned by whoever turns the block. */
const nothing = () => undefined;

const LAYOUTS: Readonly<Record<number, Layout>> = {
  [BLOCK_SHB]: { numbers: [4, 2, 2, 8], data: () => 0, options: {} },
  [BLOCK_IDB]: {
    numbers: [2, 2, 4],
    data: () => 0,
    options: { [IF_SPEED]: 8, [opt.IF_TSOFFSET]: 8, [IF_TXSPEED]: 8, [IF_RXSPEED]: 8 },
  },
  [BLOCK_EPB]: {
    numbers: [4, 4, 4, 4, 4],
    data: (view, body, little) => padded(view.getUint32(body + 12, little)),
    options: PACKET_OPTIONS,
  },
  [BLOCK_PB]: {
    numbers: [2, 2, 4, 4, 4, 4],
    data: (view, body, little) => padded(view.getUint32(body + 12, little)),
    options: { [opt.EPB_FLAGS]: 4 },
  },
  [BLOCK_SPB]: { numbers: [4], data: nothing, options: {} },
  [BLOCK_ISB]: {
    numbers: [4, 4, 4],
    data: () => 0,
    // isb_starttime and isb_endtime are two halves, the upper first, in each byte order.
    options: { 2: 4, 3: 4, 4: 8, 5: 8, 6: 8, 7: 8, 8: 8 },
  },
  [BLOCK_DSB]: {
    numbers: [4, 4],
    data: (view, body, little) => padded(view.getUint32(body + 4, little)),
    options: {},
  },
  [BLOCK_NRB]: { numbers: [], data: nameRecords, options: {} },
  [BLOCK_JOURNAL]: { numbers: [], data: nothing, options: {} },
  // Whose number it is; the rest is his.
  [BLOCK_CUSTOM]: { numbers: [4], data: nothing, options: {} },
  [BLOCK_CUSTOM_LOCAL]: { numbers: [4], data: nothing, options: {} },
};

export const layoutOf = (type: number): Layout | undefined => LAYOUTS[type];

/** Where a whole block's options begin; undefined when that is not known. May lie at its end, where there are none. */
export function optionsAt(block: Uint8Array, little: boolean): number | undefined {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const layout = LAYOUTS[view.getUint32(0, little)];
  if (!layout) return undefined;
  const at = 8 + layout.numbers.reduce((sum, size) => sum + size, 0);
  const end = block.length - 4;
  if (at > end) return undefined;
  const data = layout.data(view, 8, little);
  return data === undefined || at + data > end ? undefined : at + data;
}

/** Bytes of the records with the one that ends them. */
function nameRecords(view: DataView, body: number, little: boolean): number {
  let at = body;
  while (at + 4 <= view.byteLength - 4) {
    const type = view.getUint16(at, little);
    at += 4 + padded(view.getUint16(at + 2, little));
    if (type === 0) break;
  }
  return at - body;
}
