/** `xdpeek map get`. */
import { XdpeekError } from '../../../shared/errors.ts';
import type { Invocation } from '../../options/spec.ts';
import type { Context } from '../../start.ts';
import { mapWords, withMap } from '../../workbench/choose-map.ts';
import { entryText } from '../../workbench/map-rows.ts';
import { keyWords } from '../../workbench/map-words.ts';
import type { mapGet } from '../../workbench/table.ts';

export async function run({ options, operands }: Invocation<typeof mapGet>, { out }: Context): Promise<number> {
  const [name, ...words] = operands;
  await withMap(name!, async (maps, map) => {
    const shape = await maps.shape(map.id);
    const entry = await maps.lookup(map.id, keyWords(shape, words));
    if (!entry)
      throw new XdpeekError({
        code: 'ENOENT',
        message:
          map.type === 'bloom_filter'
            ? `this value is not in ${mapWords(map)}`
            : map.keyBytes === 0
              ? `${mapWords(map)} is empty`
              : `there is no such key in ${mapWords(map)}`,
      });
    await out.write(entryText(shape, entry, options.json));
  });
  return 0;
}
