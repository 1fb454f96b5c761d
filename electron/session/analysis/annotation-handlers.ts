/** packets.seek, and what people write on packets. */
import type { InspectorMethods } from '../../shared/api.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { AnalysedTable } from '../rows.ts';
import { inSlices } from '../slices.ts';
import { seekInOrder } from '../sort/handlers.ts';
import { chosenRows } from './chosen.ts';
import type { AnalysisHost } from './handlers.ts';

type Method = 'packets.seek' | 'packets.mark' | 'packets.reference' | 'packets.comment';
type Answer<T> = T | Promise<T>;
type Handlers = { [M in Method]: (params: InspectorMethods[M][0]) => Answer<InspectorMethods[M][1]> };

const ROWS_A_STEP = 1024;

/** Fields of frame.* that annotations change. */
const MARKS = ['frame.marked'];
const REFERENCES = ['frame.ref_time', 'frame.time_relative'];
const COMMENTS = ['frame.comment'];

export function annotationHandlers(host: AnalysisHost): Handlers {
  const rowOf = (number: number): number => {
    const { count } = host.table().store;
    if (number > count)
      throw new XdpeekError({ code: 'ENOENT', message: `there is no packet ${number}: the capture has ${count}` });
    return number - 1;
  };
  /** Lists that were made with what has changed are made anew. */
  const changed = (table: AnalysedTable, fields: readonly string[]) => {
    table.views.forget(fields);
    table.sorts.forget(fields);
    table.statistics.forget(fields);
    host.onProgress();
  };
  return {
    'packets.seek': async ({ number, filter, backwards, list }) => {
      const table = host.table();
      const view = table.views.get(filter);
      view.poke(() => host.onProgress());
      const now = { generation: host.generation(), scanned: view.scanned, total: table.store.count };
      if (list) {
        const order = table.sorts.now(list.filter, list.sort);
        // What was not looked at, or not sorted, could come first.
        if (!order || now.scanned < now.total)
          return { ...now, scanned: Math.min(now.scanned, now.total - 1), number: 0 };
        return { ...now, number: await seekInOrder(table, order.rows, number, backwards, (row) => view.has(row)) };
      }
      const at = view.indexOf(number - 1);
      const here = view.has(number - 1);
      const wanted = backwards ? at - 1 : here ? at + 1 : at;
      // What lies behind the part that was looked at is not known yet.
      const known = wanted >= 0 && wanted < view.count;
      return { ...now, number: known ? view.row(wanted) + 1 : 0 };
    },
    'packets.mark': async ({ packets, marked }) => {
      const table = host.table();
      const looking = { signal: table.ended, onProgress: () => host.onProgress() };
      const chosen = await chosenRows(table, packets, looking);
      if (chosen.all && !marked) table.annotations.unmarkAll();
      else {
        const { count } = table.store;
        let row = 0;
        await inSlices(() => {
          const end = Math.min(row + ROWS_A_STEP, count);
          table.annotations.mark(chosen, row, end, marked);
          row = end;
          return row < count;
        }, table.ended);
      }
      changed(table, MARKS);
      return { marked: table.annotations.marked.size };
    },
    'packets.reference': ({ number, on }) => {
      const table = host.table();
      table.annotations.reference(rowOf(number), on);
      changed(table, REFERENCES);
      return {};
    },
    'packets.comment': ({ number, text }) => {
      const table = host.table();
      table.annotations.comment(rowOf(number), text.trim());
      changed(table, COMMENTS);
      return {};
    },
  };
}
