/** `xdpeek map show`. */
import type { MapDetail } from '../../../shared/map-api.ts';
import type { Invocation } from '../../options/spec.ts';
import { jsonLine } from '../../output/json-line.ts';
import { printable } from '../../output/printable.ts';
import { byteCount, grouped } from '../../output/units.ts';
import type { Context } from '../../start.ts';
import { withMap } from '../../workbench/choose-map.ts';
import type { mapShow } from '../../workbench/table.ts';

export async function run({ options, operands }: Invocation<typeof mapShow>, { out }: Context): Promise<number> {
  const detail = await withMap(operands[0]!, (maps, { id }) => maps.detail(id));
  await out.write(options.json ? jsonLine(detail) : lines(detail));
  return 0;
}

function lines({ map, keyType, valueType, columns, cpus, perCpu, can, note, fill }: MapDetail): string {
  const able = Object.entries(can).flatMap(([what, yes]) => (yes ? [what] : []));
  const rows: [string, string][] = [
    ['map', `${map.id} ${map.name}`],
    ['type', map.type],
    ['key', `${keyType.name || 'bytes'}, ${map.keyBytes} bytes`],
    ['value', `${valueType.name || 'bytes'}, ${map.valueBytes} bytes${perCpu ? `, on each of ${cpus} CPUs` : ''}`],
    ['entries', `at most ${grouped(map.maxEntries)}`],
    ['memory', byteCount(map.memoryBytes)],
    ['flags', `0x${map.flags.toString(16)}${map.frozen ? ', frozen' : ''}`],
    ['programs', map.programIds.join(' ')],
    ['held by', map.holders.map(({ pid, comm }) => `${comm} (${pid})`).join(', ')],
    ['pinned', map.pinned.join(' ')],
    ['members', columns.map(({ path, typeName }) => `${path} (${typeName})`).join(', ')],
    ['you can', able.join(', ')],
    ['note', note ?? ''],
    ['waiting', fill ? `${grouped(fill.waitingBytes)} of ${grouped(fill.sizeBytes)} bytes` : ''],
  ];
  return rows
    .filter(([, value]) => value !== '')
    .map(([title, value]) => `${title.padEnd(9)} ${printable(value)}\n`)
    .join('');
}
