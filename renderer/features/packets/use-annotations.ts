/** Marks, time references and comments of packets: the commands, and the packet whose comment is being written. */
import { useState } from 'react';
import type { PacketRow } from '../../../electron/shared/api.ts';
import { useApi } from '../../api/backend-context.ts';
import { useCommand } from '../../state/commands.ts';
import type { ChosenRows } from '../../state/export.ts';
import { notifyError } from '../../state/notices.ts';
import { useSession } from '../../state/session.ts';

export interface Chosen {
  /** 1-based number of the selected packet, 0 = none. */
  number: number;
  /** All that are chosen. */
  rows: ChosenRows | undefined;
  /** The selected packet's row as it is now. */
  row(): Promise<PacketRow | undefined>;
}

/** @param seek goes to the next packet that a filter lets through */
export function useAnnotations(
  chosen: Chosen,
  filter: string,
  seek: (filter: string, backwards: boolean) => void,
): { commenting: number; endCommenting(): void } {
  const api = useApi();
  const marked = useSession((s) => s.status.marked ?? 0);
  const [commenting, setCommenting] = useState(0);
  const there = () => chosen.number > 0;
  const quietly = (work: Promise<unknown>) => void work.catch(notifyError);
  const toggleMark = async () => {
    const row = await chosen.row();
    if (!chosen.rows) return;
    await api.call('packets.mark', { packets: { of: 'rows', ...chosen.rows }, marked: row?.marked !== true });
  };
  const toggleReference = async () => {
    const row = await chosen.row();
    if (row) await api.call('packets.reference', { number: row.number, on: row.reference !== true });
  };
  useCommand({
    id: 'edit.mark',
    enabled: there,
    run: () => quietly(toggleMark()),
  });
  useCommand({
    id: 'edit.markShown',
    run: () => quietly(api.call('packets.mark', { packets: { of: 'filter', filter }, marked: true })),
  });
  useCommand({
    id: 'edit.unmarkAll',
    enabled: () => marked > 0,
    run: () => quietly(api.call('packets.mark', { packets: { of: 'filter', filter: '' }, marked: false })),
  });
  const toMark = (backwards: boolean) => seek('frame.marked == 1', backwards);
  useCommand({ id: 'edit.nextMark', enabled: () => marked > 0, run: () => toMark(false) });
  useCommand({ id: 'edit.previousMark', enabled: () => marked > 0, run: () => toMark(true) });
  useCommand({
    id: 'edit.reference',
    enabled: there,
    run: () => quietly(toggleReference()),
  });
  useCommand({ id: 'edit.comment', enabled: there, run: () => setCommenting(chosen.number) });
  return { commenting, endCommenting: () => setCommenting(0) };
}
