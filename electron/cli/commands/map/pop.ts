/** `xdpeek map pop`. */
import { toJson } from '../../../packets/btf/c-json.ts';
import { lineOf } from '../../../session/workbench/maps/map-shape.ts';
import { XdpeekError } from '../../../shared/errors.ts';
import type { Invocation } from '../../options/spec.ts';
import { jsonLine } from '../../output/json-line.ts';
import { printable } from '../../output/printable.ts';
import type { Context } from '../../start.ts';
import { mapWords, withMap } from '../../workbench/choose-map.ts';
import type { mapPop } from '../../workbench/table.ts';

export async function run({ options, operands }: Invocation<typeof mapPop>, { out }: Context): Promise<number> {
  await withMap(operands[0]!, async (maps, map) => {
    const value = await maps.pop(map.id);
    if (value === null) throw new XdpeekError({ code: 'ENOENT', message: `${mapWords(map)} is empty` });
    const { valueType } = await maps.shape(map.id);
    await out.write(options.json ? jsonLine({ value: toJson(valueType, value) }) : `${printable(lineOf(value))}\n`);
  });
  return 0;
}
