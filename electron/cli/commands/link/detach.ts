/** `xdpeek link detach`. */
import type { Invocation } from '../../options/spec.ts';
import type { Context } from '../../start.ts';
import { idOf } from '../../workbench/ids.ts';
import type { linkDetach } from '../../workbench/table.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

export async function run({ options, operands }: Invocation<typeof linkDetach>, { out }: Context): Promise<number> {
  const linkId = idOf(operands[0]!, 'link');
  const expectedProgramId = options.expect;
  await withWorkbench((workbench) => workbench.request('linkDetach', { linkId, expectedProgramId }));
  await out.write(`link ${linkId} is detached\n`);
  return 0;
}
