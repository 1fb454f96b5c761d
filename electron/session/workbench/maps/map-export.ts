/** Entries as JSON (one object a line, typed) and CSV (a column a member), in pieces. */
import { type Json, toJson } from '../../../packets/btf/c-json.ts';
import type { MapEntry } from '../../../shared/map-api.ts';
import type { MapReading } from './map-reading.ts';
import type { MapShape } from './map-shape.ts';

const A_PIECE = 10_000;

export function exportPiece(
  shape: MapShape,
  { table }: MapReading,
  format: 'json' | 'csv',
  start: number,
): { text: string; next?: number } {
  const end = Math.min(table.count, start + A_PIECE);
  let text = format === 'csv' && start === 0 ? csvHead(shape) : '';
  for (let i = start; i < end; i++) {
    const entry = shape.entry(table.key(i), table.value(i));
    text += format === 'csv' ? csvRow(shape, entry) : `${JSON.stringify(entryJson(shape, entry))}\n`;
  }
  return { text, ...(end < table.count && { next: end }) };
}

/** One entry for scripts: values of per-CPU maps summed, and each CPU's where they are asked for. */
export function entryJson(shape: MapShape, entry: MapEntry, perCpu = shape.perCpu): { [name: string]: Json } {
  const { keyType, valueType, map } = shape;
  const json: { [name: string]: Json } = {};
  if (map.keyBytes > 0) json['key'] = toJson(keyType, entry.keyValue);
  if (map.type === 'lpm_trie') json['prefix'] = entry.keyText;
  json['value'] = toJson(valueType, entry.valueValue);
  if (perCpu && shape.perCpu)
    json['values'] = shape.values(entry.value).map((value, cpu) => ({ cpu, value: toJson(valueType, value) }));
  if (entry.refers) json[entry.refers.kind] = entry.refers.name;
  return json;
}

export function csvHead({ columns, perCpu, cpus }: MapShape): string {
  const head = columns.map(({ path }) => path);
  if (!perCpu) return csvLine(head);
  const values = head.filter((path) => path.startsWith('value'));
  return csvLine([
    ...head,
    ...Array.from({ length: cpus }, (_, cpu) => values.map((path) => `cpu${cpu}.${path}`)).flat(),
  ]);
}

export function csvRow({ columns }: MapShape, { cells, cpuCells = [] }: MapEntry): string {
  const keys = columns.filter(({ path }) => !path.startsWith('value')).length;
  return csvLine([...cells, ...cpuCells.flatMap((each) => each.slice(keys))]);
}

/** RFC 4180. A cell that a spreadsheet would run as a formula is marked as text. */
function csvLine(cells: readonly string[]): string {
  const cell = (text: string) => {
    const safe = /^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  return `${cells.map(cell).join(',')}\r\n`;
}
