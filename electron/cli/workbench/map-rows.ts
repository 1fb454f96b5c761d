/** Entries of a map as lines of a terminal. */
import { entryJson } from '../../session/workbench/maps/map-export.ts';
import type { MapShape } from '../../session/workbench/maps/map-shape.ts';
import type { MapEntry } from '../../shared/map-api.ts';
import { jsonLine } from '../output/json-line.ts';
import { type Column, textTable } from '../output/table.ts';

export function entryColumns(shape: MapShape, perCpu: boolean): Column[] {
  const { columns, cpus } = shape;
  const own = columns.map(({ path, numeric }) => ({ title: path.toUpperCase(), right: numeric }));
  const values = columns.filter(({ path }) => path.startsWith('value'));
  const each = perCpu
    ? Array.from({ length: cpus }, (_, cpu) =>
        values.map(({ path, numeric }) => ({ title: `CPU${cpu}${path.slice(5).toUpperCase()}`, right: numeric })),
      ).flat()
    : [];
  const prefix = shape.map.type === 'lpm_trie' ? [{ title: 'PREFIX' }] : [];
  return [...prefix, ...own, ...each, ...(shape.refersTo ? [{ title: shape.refersTo.toUpperCase() }] : [])];
}

export function entryCells(shape: MapShape, entry: MapEntry, perCpu: boolean): string[] {
  const keys = shape.columns.filter(({ path }) => !path.startsWith('value')).length;
  const each = perCpu ? (entry.cpuCells ?? []).flatMap((cells) => cells.slice(keys)) : [];
  const prefix = shape.map.type === 'lpm_trie' ? [entry.keyText] : [];
  return [...prefix, ...entry.cells, ...each, ...(shape.refersTo ? [entry.refers?.name ?? ''] : [])];
}

export function entryText(shape: MapShape, entry: MapEntry, asJson: boolean): string {
  const perCpu = shape.perCpu;
  return asJson
    ? jsonLine(entryJson(shape, entry))
    : textTable(entryColumns(shape, perCpu), [entryCells(shape, entry, perCpu)]);
}
