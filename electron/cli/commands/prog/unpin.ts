/** `xdpeek prog unpin`. */
import type { Invocation } from '../../options/spec.ts';
import type { Context } from '../../start.ts';
import { pinNameOf } from '../../workbench/pin-name.ts';
import type { progUnpin } from '../../workbench/table-programs.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

export async function run({ operands }: Invocation<typeof progUnpin>, { out }: Context): Promise<number> {
  const name = pinNameOf(operands[0]!);
  await withWorkbench((workbench) => workbench.request('unpin', { name }));
  await out.write(`${name} is not pinned any more\n`);
  return 0;
}
