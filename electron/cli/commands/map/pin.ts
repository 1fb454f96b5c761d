/** `xdpeek map pin`. */
import type { Invocation } from '../../options/spec.ts';
import type { Context } from '../../start.ts';
import { mapWords, withMap } from '../../workbench/choose-map.ts';
import { pinNameOf } from '../../workbench/pin-name.ts';
import { privatePinsNote } from '../../workbench/private-pins.ts';
import type { mapPin } from '../../workbench/table.ts';

export async function run({ operands }: Invocation<typeof mapPin>, { out }: Context): Promise<number> {
  const name = pinNameOf(operands[1]!);
  await withMap(operands[0]!, async (_maps, map, workbench) => {
    const { path } = await workbench.request('pin', { kind: 'map', id: map.id, name });
    await out.write(`${mapWords(map)} is pinned as ${path}\n`);
    process.stderr.write(privatePinsNote());
  });
  return 0;
}
