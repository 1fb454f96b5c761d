/** The other image of an observed packet: found near it by its packet id, on the other side of the same program. */
import { changedBytes, type ObservedSide } from '../packets/pcap/observed.ts';
import { readPacketOptions } from '../packets/pcap/packet-options.ts';
import type { PairedImage } from '../shared/api.ts';
import type { PacketTable } from './rows.ts';

/** How far apart the two images can be: packets of other CPUs lie between. */
const REACH = 4096;

export function pairedImage(table: PacketTable, row: number): PairedImage | undefined {
  const { store, interfaces } = table;
  const side = interfaces[store.interfaceId(row)]?.observed;
  const id = side && packetId(table, row);
  if (!side || id === undefined) return undefined;
  const step = side.side === 'before' ? 1 : -1;
  for (let at = row + step, left = REACH; at >= 0 && at < store.count && left > 0; at += step, left--) {
    const other = interfaces[store.interfaceId(at)]?.observed;
    if (!other || !opposite(side, other) || packetId(table, at) !== id) continue;
    const [before, after] = side.side === 'before' ? [row, at] : [at, row];
    const was = store.packetBytes(before).slice();
    const changed = changedBytes(was, store.packetBytes(after).slice());
    return { number: at + 1, changed, lengthBefore: store.wireLen(before), lengthAfter: store.wireLen(after) };
  }
  return undefined;
}

function opposite(one: ObservedSide, other: ObservedSide): boolean {
  return one.side !== other.side && one.program === other.program;
}

function packetId({ store, source, pcapng }: PacketTable, row: number): string | undefined {
  return pcapng ? readPacketOptions(source, store.offset(row), store.capLen(row))?.packetId : undefined;
}
