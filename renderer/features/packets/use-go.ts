/** Going from packet to packet without the list having the focus: to the neighbours in the list, and in the same conversation. */
import type { RefObject } from 'react';
import type { PacketRow } from '../../../electron/shared/api.ts';
import { useCommand } from '../../state/commands.ts';
import { notify, notifyError } from '../../state/notices.ts';
import type { PacketTableHandle } from './packet-table.tsx';

export interface From {
  /** Row of the list, -1 = none is selected. */
  index: number;
  row(): Promise<PacketRow | undefined>;
}

/** @param seek goes to the next packet that a filter lets through */
export function useGo(
  { index, row }: From,
  table: RefObject<PacketTableHandle | null>,
  seek: (filter: string, backwards: boolean) => void,
): void {
  const inConversation = async (backwards: boolean) => {
    const stream = (await row())?.stream;
    if (stream) seek(`${stream.kind}.stream == ${stream.index}`, backwards);
    else notify('This packet belongs to no conversation');
  };
  const along = (backwards: boolean) => void inConversation(backwards).catch(notifyError);
  useCommand({ id: 'go.next', run: () => table.current?.goTo(index + 1) });
  useCommand({ id: 'go.previous', run: () => table.current?.goTo(index < 0 ? 0 : index - 1) });
  useCommand({ id: 'go.nextInConversation', enabled: () => index >= 0, run: () => along(false) });
  useCommand({ id: 'go.previousInConversation', enabled: () => index >= 0, run: () => along(true) });
}
