/** `xdpeek map watch`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { entryJson } from '../../../session/workbench/maps/map-export.ts';
import type { MapShape } from '../../../session/workbench/maps/map-shape.ts';
import type { MapEntry } from '../../../shared/map-api.ts';
import type { Invocation } from '../../options/spec.ts';
import { jsonLine } from '../../output/json-line.ts';
import { textTable } from '../../output/table.ts';
import { grouped } from '../../output/units.ts';
import type { Context } from '../../start.ts';
import { withMap } from '../../workbench/choose-map.ts';
import { entryCells, entryColumns } from '../../workbench/map-rows.ts';
import type { mapWatch } from '../../workbench/table.ts';

const POLL_MS = 100;

export async function run({ options, operands }: Invocation<typeof mapWatch>, { out, stop }: Context): Promise<number> {
  const { json, filter, sort, descending, limit, count, duration } = options;
  const endMs = duration === undefined ? Number.POSITIVE_INFINITY : performance.now() + duration * 1000;
  await withMap(operands[0]!, async (maps, { id }) => {
    const shape = await maps.shape(id);
    const question = {
      id,
      start: 0,
      count: limit,
      descending,
      watch: true,
      ...(filter && { filter }),
      ...(sort && { sort }),
    };
    let last = 0;
    const most = count ?? Number.POSITIVE_INFINITY;
    for (let printed = 0; !stop.aborted && printed < most && performance.now() < endMs; ) {
      const window = await maps.rows(question);
      if (window.complete && window.readMs !== last) {
        const base = last === 0;
        last = window.readMs;
        const time = new Date(last).toISOString();
        await out.write(
          json
            ? window.rows
                .filter((row) => base || row.added || row.changed)
                .map((row) => jsonLine({ time, ...entryJson(shape, row), ...marks(shape, row) }))
                .join('')
            : `${time}  ${grouped(window.shown)} ${window.shown === 1 ? 'entry' : 'entries'}\n${table(shape, window.rows)}\n`,
        );
        await out.flush();
        printed++;
      }
      await sleep(POLL_MS, undefined, { signal: stop }).catch(() => {});
    }
  });
  return 0;
}

function marks({ columns }: MapShape, { added, changed, rates }: MapEntry): object {
  if (added) return { added };
  if (!changed) return {};
  const fast = (rates ?? []).flatMap((rate, i) => (rate === null ? [] : [[columns[i]!.path, rate] as const]));
  return { changed: changed.map((i) => columns[i]!.path), rates: Object.fromEntries(fast) };
}

function table(shape: MapShape, rows: readonly MapEntry[]): string {
  const column = { title: 'CHANGES' };
  return textTable(
    [...entryColumns(shape, false), column],
    rows.map((row) => [...entryCells(shape, row, false), changes(shape, row)]),
  );
}

function changes({ columns }: MapShape, { added, changed = [], rates = [] }: MapEntry): string {
  if (added) return 'new';
  return changed
    .map((i) => {
      const rate = rates[i];
      const name = columns[i]!.path.replace(/^value\./, '');
      return rate == null ? name : `${name} ${rate > 0 ? '+' : ''}${grouped(rate)}/s`;
    })
    .join(', ');
}
