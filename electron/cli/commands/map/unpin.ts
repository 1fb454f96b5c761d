/** `xdpeek map unpin`. */
import type { Invocation } from '../../options/spec.ts';
import type { Context } from '../../start.ts';
import { pinNameOf, unpin } from '../../workbench/pin-name.ts';
import type { mapUnpin } from '../../workbench/table.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

export async function run({ operands }: Invocation<typeof mapUnpin>, { out }: Context): Promise<number> {
  const name = pinNameOf(operands[0]!);
  const gone = await withWorkbench((workbench) => unpin(workbench, name, 'map'));
  await out.write(gone.map((each) => `${each} is unpinned\n`).join(''));
  return 0;
}
