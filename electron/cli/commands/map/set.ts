/** `xdpeek map set`. */
import { netnsName } from '../../../shared/validate.ts';
import type { Invocation } from '../../options/spec.ts';
import { usageError } from '../../options/usage-error.ts';
import type { Context } from '../../start.ts';
import { mapWords, withMap } from '../../workbench/choose-map.ts';
import { keyWords, splitWords, typedWords } from '../../workbench/map-words.ts';
import type { mapSet } from '../../workbench/table.ts';

export async function run({ options, operands }: Invocation<typeof mapSet>, { out }: Context): Promise<number> {
  const [name, ...words] = operands;
  if (options.new && options.existing) throw usageError('--new and --existing exclude each other');
  const { key, value } = splitWords(words);
  const netns = options.netns === undefined ? undefined : netnsName(options.netns, '--netns');
  await withMap(name!, async (maps, map) => {
    const shape = await maps.shape(map.id);
    const mode = options.new ? 'new' : options.existing ? 'existing' : 'any';
    const typed = typedWords(shape.valueType, value, 'value');
    await maps.set(map.id, keyWords(shape, key), typed, mode, netns);
    await out.write(`written to ${mapWords(map)}\n`);
  });
  return 0;
}
