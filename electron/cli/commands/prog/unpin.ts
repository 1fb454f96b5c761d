/** `xdpeek prog unpin`. */
import type { Invocation } from '../../options/spec.ts';
import type { Context } from '../../start.ts';
import { pinNameOf, unpin } from '../../workbench/pin-name.ts';
import type { progUnpin } from '../../workbench/table-programs.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

export async function run({ operands }: Invocation<typeof progUnpin>, { out }: Context): Promise<number> {
  const name = pinNameOf(operands[0]!);
  const gone = await withWorkbench((workbench) => unpin(workbench, name, 'program'));
  await out.write(gone.map((each) => `${each} is not pinned any more\n`).join(''));
  return 0;
}
