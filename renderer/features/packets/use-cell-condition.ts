/** The condition that the cell under the menu stands for. */
import { useRef, useState } from 'react';
import type { PacketRow } from '../../../electron/shared/api.ts';
import { useApi } from '../../api/backend-context.ts';
import { useSession } from '../../state/session.ts';
import { cellFilter } from './cell-filter.ts';
import { useTablePrefs } from './columns.ts';

/** @param rowAt what is known of a row of the list */
export function useCellCondition(rowAt: (index: number) => PacketRow | undefined): {
  condition: string | undefined;
  /** The menu opens there. */
  at(target: EventTarget): void;
} {
  const api = useApi();
  const [condition, setCondition] = useState<string>();
  const turn = useRef(0);
  const at = (target: EventTarget) => {
    const mine = ++turn.current;
    const cell = target instanceof Element ? target.closest<HTMLElement>('[data-column]') : null;
    const index = Number(cell?.closest('[aria-rowindex]')?.getAttribute('aria-rowindex')) - 1;
    const row = cell ? rowAt(index) : undefined;
    const column = cell?.dataset['column'];
    const found = row && column ? cellFilter(column, row, useTablePrefs.getState().fields, nameOf(row)) : undefined;
    setCondition(found);
    if (!found || !column?.startsWith('field:')) return;
    // Some fields have no value to compare, and some values no way to be written: then that the field is there.
    api.call('display.check', { filter: found }).then(
      ({ ok }) => mine === turn.current && !ok && setCondition(column.slice('field:'.length)),
      () => {},
    );
  };
  return { condition, at };
}

function nameOf({ interfaceId }: PacketRow): string | undefined {
  const { attachments, interfaces } = useSession.getState().status;
  return attachments.find((one) => one.interfaceId === interfaceId)?.ifname ?? interfaces?.[interfaceId]?.name;
}
