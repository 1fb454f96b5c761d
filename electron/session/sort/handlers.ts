/** packets.sort and what asks for places in a sorted list. */
import type { InspectorMethods } from '../../shared/api.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { PacketSort } from '../../shared/sort.ts';
import type { AnalysisHost } from '../analysis/handlers.ts';
import type { AnalysedTable } from '../rows.ts';
import { inSlices } from '../slices.ts';

/** A quick sort is answered at once, of a slow one is told how far it is. */
const ANSWER_MS = 200;
const ROWS_A_STEP = 1024;

type Method = 'packets.sort' | 'packets.unsort';
type Handlers = { [M in Method]: (params: InspectorMethods[M][0]) => Promise<InspectorMethods[M][1]> };

export function sortHandlers(host: AnalysisHost): Handlers {
  return {
    'packets.sort': async ({ window, filter, sort: { by, descending }, again }) => {
      const generation = host.generation();
      const view = host.table().sorts.get(filter, by);
      view.hold(window);
      view.begin(descending, again);
      await view.settled(ANSWER_MS);
      // An older work may have been for the other way round.
      view.begin(descending);
      return { generation, ...view.state(descending) };
    },
    'packets.unsort': async ({ window, filter, by, keep }) => {
      const { sorts } = host.table();
      if (keep) sorts.stop(filter, by);
      else sorts.release(window, filter, by);
      return {};
    },
  };
}

/** packets.place in a sorted list. A packet that is not in it has the place of the next one of the capture that is. */
export async function placeInOrder(
  table: AnalysedTable,
  number: number,
  filter: string,
  sort: PacketSort,
): Promise<{ index: number; there: boolean }> {
  const order = table.sorts.now(filter, sort);
  if (!order)
    throw new XdpeekError({
      code: 'ESTALE',
      message: 'the list is not sorted so',
      hint: 'Ask packets.sort for it first.',
    });
  const { rows } = order;
  const index = rows.indexOf(number - 1);
  if (index >= 0) return { index, there: true };
  let next = -1;
  let last = -1;
  let at = 0;
  await inSlices(() => {
    for (const end = Math.min(at + ROWS_A_STEP, rows.length); at < end; at++) {
      const row = rows[at]!;
      if (row >= number && (next < 0 || row < rows[next]!)) next = at;
      if (last < 0 || row > rows[last]!) last = at;
    }
    return at < rows.length;
  }, table.ended);
  table.ended.throwIfAborted();
  return { index: Math.max(0, next >= 0 ? next : last), there: false };
}

/**
 * packets.seek in a sorted list: the next packet of the list's order that `matches`. 0 = none.
 * @param number the packet to begin at; 0 before the first, more than there are behind the last
 */
export async function seekInOrder(
  table: AnalysedTable,
  rows: Uint32Array,
  number: number,
  backwards: boolean,
  matches: (row: number) => boolean,
): Promise<number> {
  const step = backwards ? -1 : 1;
  const here = rows.indexOf(number - 1);
  let at = here >= 0 ? here + step : backwards ? rows.length - 1 : 0;
  // Before the first there is nothing, nor behind the last.
  if ((backwards && number === 0) || (!backwards && number > table.store.count)) return 0;
  let found = 0;
  await inSlices(() => {
    for (let left = ROWS_A_STEP; left > 0 && at >= 0 && at < rows.length; left--, at += step) {
      if (!matches(rows[at]!)) continue;
      found = rows[at]! + 1;
      return false;
    }
    return at >= 0 && at < rows.length;
  }, table.ended);
  table.ended.throwIfAborted();
  return found;
}
