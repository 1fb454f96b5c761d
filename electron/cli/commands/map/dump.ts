/** `xdpeek map dump`. */
import { csvHead, csvRow, entryJson } from '../../../session/workbench/maps/map-export.ts';
import { MapOrder } from '../../../session/workbench/maps/map-order.ts';
import { XdpeekError } from '../../../shared/errors.ts';
import type { MapEntry } from '../../../shared/map-api.ts';
import type { Invocation } from '../../options/spec.ts';
import { usageError } from '../../options/usage-error.ts';
import { jsonLine } from '../../output/json-line.ts';
import { textTable } from '../../output/table.ts';
import type { Context } from '../../start.ts';
import { mapWords, withMap } from '../../workbench/choose-map.ts';
import { entryCells, entryColumns } from '../../workbench/map-rows.ts';
import type { mapDump } from '../../workbench/table.ts';

/** Entries of one write: a table's columns are as wide as the widest cell among them. */
const A_WRITE = 2000;

export async function run({ options, operands }: Invocation<typeof mapDump>, { out, stop }: Context): Promise<number> {
  if (options.json && options.csv) throw usageError('--json and --csv exclude each other');
  await withMap(operands[0]!, async (maps, map) => {
    const { can, note } = await maps.detail(map.id);
    if (!can.read)
      throw new XdpeekError({
        code: 'EOPNOTSUPP',
        message: `the entries of ${mapWords(map)} cannot be read: it is of type ${map.type}`,
        ...(note !== undefined && { hint: note }),
      });
    const { shape, reading, names } = await maps.reading(map.id);
    if (reading.note !== undefined) process.stderr.write(`${reading.note}\n`);
    const { sort, descending, filter } = options;
    const order = new MapOrder(reading, shape, { sort, descending, filter }, stop);
    await order.done;
    const perCpu = options['per-cpu'] && shape.perCpu;
    const format = (entries: readonly MapEntry[], first: boolean): string => {
      if (options.json) return entries.map((entry) => jsonLine(entryJson(shape, entry, perCpu))).join('');
      if (options.csv) return (first ? csvHead(shape) : '') + entries.map((entry) => csvRow(shape, entry)).join('');
      const text = textTable(
        entryColumns(shape, perCpu),
        entries.map((entry) => entryCells(shape, entry, perCpu)),
      );
      return first ? text : text.slice(text.indexOf('\n') + 1);
    };
    const end = Math.min(order.count, options.limit ?? order.count);
    let at = 0;
    do {
      const next = Math.min(end, at + A_WRITE);
      const entries = Array.from({ length: next - at }, (_, i) => {
        const index = order.entryAt(at + i);
        return shape.named(shape.entry(reading.table.key(index), reading.table.value(index)), names);
      });
      await out.write(format(entries, at === 0));
      at = next;
    } while (at < end && !stop.aborted);
  });
  return 0;
}
