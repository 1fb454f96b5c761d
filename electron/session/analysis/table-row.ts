/** One row of a table as its dissection needs it. */
import { type Dissection, dissect } from '../../packets/dissect/index.ts';
import type { CaptureState } from '../../packets/state/capture-state.ts';
import type { PacketTable } from '../rows.ts';

/** Simple packet blocks have no time: they count as the start. */
export function timeOf({ store }: PacketTable, row: number): number {
  const time = store.timeNs(row);
  return Number.isNaN(time) ? 0 : time;
}

/**
 * @param own copy the bytes: the source may reuse what it returned
 * @param state what the packets before told; without it the row stands alone
 */
export function dissectRow(table: PacketTable, row: number, own: boolean, state?: CaptureState): Dissection {
  const { store, interfaces } = table;
  const linkType = interfaces[store.interfaceId(row)]?.linkType ?? 0;
  const bytes = own ? store.packetBytes(row).slice() : store.packetBytes(row);
  if (!state) return dissect(bytes, linkType, store.wireLen(row));
  state.group = 0;
  return dissect(bytes, linkType, store.wireLen(row), { number: row + 1, timeNs: timeOf(table, row), state });
}
