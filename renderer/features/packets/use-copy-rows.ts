/** Chosen rows as text for the clipboard, one a line, those too that are not on the screen. */
import type { ClipboardEvent } from 'react';
import type { InspectorApi, PacketRow } from '../../../electron/shared/api.ts';
import { useApi } from '../../api/backend-context.ts';
import { notify, notifyError } from '../../state/notices.ts';
import { copies, grouped } from '../../ui/index.ts';
import { rowText } from './columns.ts';
import { type ListOrder, sortOf } from './list-order.ts';

/** More are a file's business. */
const MOST = 10_000;
const BLOCK = 500;

export interface CopyRows {
  /** "Copy row", or all that are chosen. */
  copy(): void;
  onCopy(event: ClipboardEvent): void;
}

/**
 * @param row the selected one, if it is here
 * @param range first and last of several
 */
export function useCopyRows(
  row: PacketRow | undefined,
  range: readonly [number, number] | undefined,
  filter: string,
  order: ListOrder | undefined,
): CopyRows {
  const api = useApi();
  const one = () => row && rowText(row);
  const several = async ([first, last]: readonly [number, number]) => {
    const end = Math.min(last, first + MOST - 1);
    await navigator.clipboard.writeText(await rowsText(api, { filter, order }, first, end));
    const left = last - end;
    notify(
      left === 0
        ? `Copied ${grouped(end - first + 1)} rows`
        : `Copied the first ${grouped(MOST)} rows; Export packets… takes all`,
    );
  };
  const copy = () => {
    const text = one();
    if (range) void several(range).catch(notifyError);
    else if (text !== undefined) void navigator.clipboard.writeText(text).catch(notifyError);
  };
  const onCopy = (event: ClipboardEvent) => {
    if (!range) return copies(one)(event);
    event.preventDefault();
    copy();
  };
  return { copy, onCopy };
}

interface CopiedList {
  filter: string;
  order: ListOrder | undefined;
}

async function rowsText(api: InspectorApi, list: CopiedList, first: number, last: number): Promise<string> {
  const { filter, order } = list;
  const lines: string[] = [];
  for (let start = first; start <= last; start += BLOCK) {
    const count = Math.min(BLOCK, last - start + 1);
    const { rows } = await api.call('packets.rows', {
      start,
      count,
      ...(filter !== '' && { filter }),
      ...sortOf(order),
    });
    lines.push(...rows.map(rowText));
    if (rows.length < count) break;
  }
  return lines.join('\n');
}
