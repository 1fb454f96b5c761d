/** `xdpeek prog list`. */
import { Programs } from '../../../session/workbench/programs.ts';
import type { ProgramRow } from '../../../shared/workbench-api.ts';
import type { Invocation } from '../../options/spec.ts';
import { jsonLine } from '../../output/json-line.ts';
import { textTable } from '../../output/table.ts';
import { byteCount, grouped } from '../../output/units.ts';
import type { Context } from '../../start.ts';
import type { progList } from '../../workbench/table-programs.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

const COLUMNS = [
  { title: 'ID', right: true },
  { title: 'TYPE' },
  { title: 'NAME' },
  { title: 'TAG' },
  { title: 'UID', right: true },
  { title: 'LOADED' },
  { title: 'INSNS', right: true },
  { title: 'MEMORY', right: true },
  { title: 'RUNS', right: true },
  { title: 'MAPS' },
  { title: 'ATTACHED' },
  { title: 'PINNED' },
];

export async function run({ options }: Invocation<typeof progList>, { out }: Context): Promise<number> {
  const { programs } = await withWorkbench((workbench) => new Programs(workbench).list());
  await out.write(options.json ? programs.map(jsonLine).join('') : textTable(COLUMNS, programs.map(cells)));
  return 0;
}

function cells(program: ProgramRow): string[] {
  return [
    String(program.id),
    program.type,
    program.name,
    program.tag,
    String(program.uid),
    new Date(Number(BigInt(program.loadedNs) / 1_000_000n)).toISOString().slice(0, 19),
    grouped(program.instructions),
    byteCount(program.memoryBytes),
    program.runCount > 0 ? grouped(program.runCount) : '',
    program.mapIds.join(','),
    program.attached.join(', '),
    program.pinned.join(' '),
  ];
}
