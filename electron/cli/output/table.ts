/** Columns of text, as wide as their widest cell. Cells are made printable here: a table can never break a terminal. */
import { printable } from './printable.ts';

export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map((cell) => printable(cell) || '-'));
  const widths = columns.map(({ title }, at) => Math.max(title.length, ...clean.map((row) => row[at]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (columns[at]!.right ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
      .join('  ')
      .trimEnd();
  return `${[columns.map(({ title }) => title), ...clean].map(line).join('\n')}\n`;
}
