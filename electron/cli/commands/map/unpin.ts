/** `xdpeek map unpin`. */
import type { Invocation } from '../../options/spec.ts';
import type { Context } from '../../start.ts';
import { pinNameOf } from '../../workbench/pin-name.ts';
import type { mapUnpin } from '../../workbench/table.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

export async function run({ operands }: Invocation<typeof mapUnpin>, { out }: Context): Promise<number> {
  const name = pinNameOf(operands[0]!);
  await withWorkbench((workbench) => workbench.request('unpin', { name }));
  await out.write(`${name} is unpinned\n`);
  return 0;
}
