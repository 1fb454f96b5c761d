/** `xdpeek link list`. */
import type { LinkInfo } from '../../../shared/workbench.ts';
import type { Invocation } from '../../options/spec.ts';
import { jsonLine } from '../../output/json-line.ts';
import { textTable } from '../../output/table.ts';
import type { Context } from '../../start.ts';
import type { linkList } from '../../workbench/table.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

const COLUMNS = [
  { title: 'ID', right: true },
  { title: 'TYPE' },
  { title: 'PROGRAM', right: true },
  { title: 'TARGET' },
  { title: 'HELD BY' },
  { title: 'PINNED' },
];

export async function run({ options }: Invocation<typeof linkList>, { out }: Context): Promise<number> {
  const links = await withWorkbench((workbench) => workbench.request('links', {}));
  await out.write(options.json ? links.map(jsonLine).join('') : textTable(COLUMNS, links.map(cells)));
  return 0;
}

function cells({ id, type, programId, target, holders, pinned }: LinkInfo): string[] {
  const held = holders.map(({ pid, comm }) => `${comm} (${pid})`).join(', ');
  return [String(id), type, String(programId), target, held, pinned.join(' ')];
}
