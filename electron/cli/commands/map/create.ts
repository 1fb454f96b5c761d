/** `xdpeek map create`. */
import { refuseTooLarge } from '../../../session/workbench/map-memory.ts';
import type { Invocation } from '../../options/spec.ts';
import type { Context } from '../../start.ts';
import { chooseMap } from '../../workbench/choose-map.ts';
import { pinNameOf } from '../../workbench/pin-name.ts';
import { privatePinsNote } from '../../workbench/private-pins.ts';
import type { mapCreate } from '../../workbench/table.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

/** The kernel's own bound, less its end. */
const NAME_BYTES = 15;

export async function run({ options, operands }: Invocation<typeof mapCreate>, { out }: Context): Promise<number> {
  const { type, key: keyBytes, value: valueBytes, entries: maxEntries, flags } = options;
  const pin = pinNameOf(operands[0]!);
  const name = pin
    .slice(pin.indexOf('/') + 1)
    .replace(/-/g, '_')
    .slice(0, NAME_BYTES);
  await withWorkbench(async (workbench) => {
    const inner =
      options.inner === undefined ? {} : { inner: chooseMap(await workbench.request('maps', {}), options.inner).id };
    refuseTooLarge([{ name, type, valueBytes, maxEntries }]);
    const shape = { keyBytes, valueBytes, maxEntries, flags };
    const { id } = await workbench.request('mapCreate', { type, name, ...shape, ...inner });
    // It is the pin that keeps it when this process ends.
    const { path } = await workbench.request('pin', { kind: 'map', id, name: pin });
    await out.write(`map ${id} is pinned as ${path}\n`);
    process.stderr.write(privatePinsNote());
  });
  return 0;
}
