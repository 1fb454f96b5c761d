/** One row of a table as its dissection and its frame fields need it. */
import type { FrameInfo } from '../../packets/dissect/frame.ts';
import { type Dissection, dissect } from '../../packets/dissect/index.ts';
import { type PacketOptions, readPacketOptions } from '../../packets/pcap/packet-options.ts';
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
  if (!state) return dissect(bytes, linkType, store.wireLen(row), undefined, table.decodeAs);
  state.group = 0;
  const context = { number: row + 1, timeNs: timeOf(table, row), baseNs: store.baseNs, state };
  return dissect(bytes, linkType, store.wireLen(row), context);
}

/** frame.* fields that are in a packet's options. */
const OPTION_FIELDS =
  /^(frame\.(comment|packet_id|verdict|drop_count|interface_queue|packet_flags|p2p_dir)|_ws\.expert)/;

/** Whether any of these fields is in the options of packets, which cost a second look at each. */
export function needsOptions(fields: Iterable<string>): boolean {
  for (const name of fields) if (OPTION_FIELDS.test(name)) return true;
  return false;
}

/**
 * @param withOptions also reads the packet's options
 * @param shownNs time of the packet shown before, if any
 */
export function frameOf(table: PacketTable, row: number, withOptions: boolean, shownNs?: number): FrameInfo {
  const { store, interfaces, annotations } = table;
  const interfaceId = store.interfaceId(row);
  const timeNs = timeOf(table, row);
  const name = interfaces[interfaceId]?.name;
  const options = withOptions ? optionsOf(table, row) : undefined;
  const reference = annotations?.referenceOf(row);
  return {
    number: row + 1,
    epochNs: Number.isNaN(store.timeNs(row)) ? 0n : store.epochNs(row),
    timeNs,
    deltaNs: row > 0 ? timeNs - timeOf(table, row - 1) : 0,
    deltaShownNs: timeNs - (shownNs ?? timeNs),
    interfaceId,
    ...(name !== undefined && { interfaceName: name }),
    ...(options && { options }),
    ...(annotations?.marked.has(row) && { marked: true }),
    ...(reference !== undefined && { sinceReferenceNs: timeNs - timeOf(table, reference) }),
    ...(reference === row && { reference: true }),
  };
}

/** What its block says of it, with the comment that was written since. */
export function optionsOf({ store, source, pcapng, annotations }: PacketTable, row: number): PacketOptions | undefined {
  const found = pcapng ? readPacketOptions(source, store.offset(row), store.capLen(row)) : undefined;
  const comment = annotations?.comments.get(row);
  if (comment === undefined) return found;
  return { ...found, comments: comment === '' ? [] : [comment] };
}
