/** `xdpeek map list`. */
import { Maps } from '../../../session/workbench/maps/maps.ts';
import type { MapInfo } from '../../../shared/workbench.ts';
import type { Invocation } from '../../options/spec.ts';
import { jsonLine } from '../../output/json-line.ts';
import { textTable } from '../../output/table.ts';
import { byteCount } from '../../output/units.ts';
import type { Context } from '../../start.ts';
import type { mapList } from '../../workbench/table.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

const COLUMNS = [
  { title: 'ID', right: true },
  { title: 'TYPE' },
  { title: 'NAME' },
  { title: 'KEY', right: true },
  { title: 'VALUE', right: true },
  { title: 'ENTRIES', right: true },
  { title: 'MEMORY', right: true },
  { title: 'PROGRAMS' },
  { title: 'HELD BY' },
  { title: 'PINNED' },
];

export async function run({ options }: Invocation<typeof mapList>, { out }: Context): Promise<number> {
  const maps = await withWorkbench((workbench) => new Maps(workbench).list());
  await out.write(options.json ? maps.map(jsonLine).join('') : textTable(COLUMNS, maps.map(cells)));
  return 0;
}

function cells(map: MapInfo): string[] {
  return [
    String(map.id),
    map.frozen ? `${map.type}, frozen` : map.type,
    map.name,
    String(map.keyBytes),
    String(map.valueBytes),
    String(map.maxEntries),
    byteCount(map.memoryBytes),
    map.programIds.join(' '),
    map.holders.map(({ pid, comm }) => `${comm} (${pid})`).join(', '),
    map.pinned.join(' '),
  ];
}
