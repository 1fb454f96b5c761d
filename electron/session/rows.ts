/** Rows and details of the packet list: dissected when asked for, from bytes in the file. */

import { detail } from '../packets/dissect/detail.ts';
import { type Dissection, dissect, type FrameInfo, summarize } from '../packets/dissect/index.ts';
import type { ObservedSide } from '../packets/pcap/observed.ts';
import { readPacketOptions } from '../packets/pcap/packet-options.ts';
import type { ByteSource } from '../packets/store/byte-source.ts';
import type { PacketStore } from '../packets/store/packet-store.ts';
import type { DetailNode, PacketDetail, PacketRow, RowsWindow } from '../shared/api.ts';
import { XDP_VERDICTS } from '../shared/capture.ts';
import { XdpeekError } from '../shared/errors.ts';
import { pairedImage } from './observed-pair.ts';

export interface TableInterface {
  name: string;
  linkType: number;
  /** Of an observed program, and which side of it. */
  observed?: ObservedSide;
}

export interface PacketTable {
  store: PacketStore;
  source: ByteSource;
  /** Whether packets lie in pcapng blocks, whose options can be read. */
  pcapng: boolean;
  interfaces: readonly TableInterface[];
}

const DIRECTIONS = [undefined, 'in', 'out'] as const;

export function rowsWindow(table: PacketTable, start: number, count: number): Omit<RowsWindow, 'generation'> {
  const { store } = table;
  const end = Math.min(start + count, store.count);
  const rows: PacketRow[] = [];
  for (let row = start; row < end; row++) rows.push(packetRow(table, row, dissectRow(table, row)));
  const window = { total: store.count, start, rows };
  return store.baseNs === undefined ? window : { ...window, baseTimeNs: store.baseNs.toString() };
}

/** @param number 1-based */
export function packetDetail(table: PacketTable, number: number): Omit<PacketDetail, 'generation'> {
  const { store, source, pcapng, interfaces } = table;
  const row = number - 1;
  if (row < 0 || row >= store.count)
    throw new XdpeekError({ code: 'ENOENT', message: `there is no packet ${number}: the capture has ${store.count}` });
  const options = pcapng ? readPacketOptions(source, store.offset(row), store.capLen(row)) : undefined;
  const dissection = dissectRow(table, row);
  const epochNs = Number.isNaN(store.timeNs(row)) ? 0n : store.epochNs(row);
  const interfaceId = store.interfaceId(row);
  const frame: FrameInfo = {
    number,
    epochNs,
    timeNs: timeNs(store, row),
    deltaNs: row > 0 ? timeNs(store, row) - timeNs(store, row - 1) : 0,
    interfaceId,
  };
  const name = interfaces[interfaceId]?.name;
  if (name !== undefined) frame.interfaceName = name;
  if (options) frame.options = options;
  const layers: DetailNode[] = detail(dissection, frame);
  const found: Omit<PacketDetail, 'generation'> = {
    row: packetRow(table, row, dissection),
    epochNs: epochNs.toString(),
    bytes: dissection.frame,
    layers,
  };
  const pair = pairedImage(table, row);
  return pair ? { ...found, pair } : found;
}

/** Simple packet blocks have no time: they are shown at the start. */
function timeNs(store: PacketStore, row: number): number {
  const time = store.timeNs(row);
  return Number.isNaN(time) ? 0 : time;
}

/** Its bytes are a copy: the source may reuse what it returned. */
function dissectRow({ store, interfaces }: PacketTable, row: number): Dissection {
  const linkType = interfaces[store.interfaceId(row)]?.linkType ?? 0;
  return dissect(store.packetBytes(row).slice(), linkType, store.wireLen(row));
}

function packetRow({ store, interfaces }: PacketTable, row: number, dissection: Dissection): PacketRow {
  const { source, destination, protocol, info, tint } = summarize(dissection);
  const shown: PacketRow = {
    number: row + 1,
    timeNs: timeNs(store, row),
    source,
    destination,
    protocol,
    wireLen: store.wireLen(row),
    capLen: store.capLen(row),
    info,
    interfaceId: store.interfaceId(row),
    tint,
  };
  const verdict = XDP_VERDICTS[store.verdict(row)];
  const direction = DIRECTIONS[store.direction(row)];
  const observed = interfaces[store.interfaceId(row)]?.observed;
  if (observed) shown.observed = observed;
  if (verdict !== undefined) shown.verdict = verdict;
  if (direction !== undefined) shown.direction = direction;
  return shown;
}
