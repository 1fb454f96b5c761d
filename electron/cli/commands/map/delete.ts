/** `xdpeek map delete`. */
import type { Invocation } from '../../options/spec.ts';
import type { Context } from '../../start.ts';
import { mapWords, withMap } from '../../workbench/choose-map.ts';
import { keyWords } from '../../workbench/map-words.ts';
import type { mapDelete } from '../../workbench/table.ts';

export async function run({ operands }: Invocation<typeof mapDelete>, { out }: Context): Promise<number> {
  const [name, ...words] = operands;
  await withMap(name!, async (maps, map) => {
    await maps.delete(map.id, keyWords(await maps.shape(map.id), words));
    await out.write(`deleted from ${mapWords(map)}\n`);
  });
  return 0;
}
