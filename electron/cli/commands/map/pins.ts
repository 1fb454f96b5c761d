/** `xdpeek map pins`. */
import type { Invocation } from '../../options/spec.ts';
import { jsonLine } from '../../output/json-line.ts';
import { textTable } from '../../output/table.ts';
import type { Context } from '../../start.ts';
import type { mapPins } from '../../workbench/table.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

const COLUMNS = [{ title: 'PATH' }, { title: 'KIND' }, { title: 'ID', right: true }];

export async function run({ options }: Invocation<typeof mapPins>, { out }: Context): Promise<number> {
  const pins = await withWorkbench((workbench) => workbench.request('pins', {}));
  const rows = pins.map(({ path, kind, id }) => [path, kind, String(id)]);
  await out.write(options.json ? pins.map(jsonLine).join('') : textTable(COLUMNS, rows));
  return 0;
}
