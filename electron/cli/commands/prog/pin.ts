/** `xdpeek prog pin`. */
import type { Invocation } from '../../options/spec.ts';
import type { Context } from '../../start.ts';
import { chooseProgram } from '../../workbench/choose-program.ts';
import { pinNameOf } from '../../workbench/pin-name.ts';
import { privatePinsNote } from '../../workbench/private-pins.ts';
import type { progPin } from '../../workbench/table-programs.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

export async function run({ operands }: Invocation<typeof progPin>, { out }: Context): Promise<number> {
  const name = pinNameOf(operands[1]!);
  const path = await withWorkbench(async (workbench) => {
    const { id } = chooseProgram(await workbench.request('programs', {}), operands[0]!);
    return (await workbench.request('pin', { kind: 'program', id, name })).path;
  });
  await out.write(`${path}\n`);
  process.stderr.write(privatePinsNote());
  return 0;
}
