/** `xdpeek map push`. */
import type { Invocation } from '../../options/spec.ts';
import type { Context } from '../../start.ts';
import { mapWords, withMap } from '../../workbench/choose-map.ts';
import { typedWords } from '../../workbench/map-words.ts';
import type { mapPush } from '../../workbench/table.ts';

export async function run({ operands }: Invocation<typeof mapPush>, { out }: Context): Promise<number> {
  const [name, ...words] = operands;
  await withMap(name!, async (maps, map) => {
    const { valueType } = await maps.shape(map.id);
    await maps.push(map.id, typedWords(valueType, words, 'value'));
    await out.write(`pushed onto ${mapWords(map)}\n`);
  });
  return 0;
}
