/** A listing as rows to draw: headings of functions, lines of source, instructions. Pure. */
import type { ListingLine, SourceLine } from '../../../electron/shared/workbench-api.ts';

export type CodeRow =
  | { kind: 'function'; name: string }
  | { kind: 'source'; source: SourceLine }
  | { kind: 'instruction'; line: ListingLine };

/** A line of source is shown once for the instructions that follow each other; those of macros have no text. */
export function codeRows(lines: readonly ListingLine[], withSource: boolean): CodeRow[] {
  const rows: CodeRow[] = [];
  let last = '';
  for (const line of lines) {
    if (line.function !== undefined) {
      rows.push({ kind: 'function', name: line.function });
      last = '';
    }
    if (withSource && line.source && line.source.text !== '') {
      const place = `${line.source.file}:${line.source.line}`;
      if (place !== last) rows.push({ kind: 'source', source: line.source });
      last = place;
    }
    rows.push({ kind: 'instruction', line });
  }
  return rows;
}

/** Row of the instruction at a slot or offset; of machine code, the row that it lies in. -1 = nowhere. */
export function rowOf(rows: readonly CodeRow[], at: number): number {
  return rows.findLastIndex((row) => row.kind === 'instruction' && row.line.at <= at);
}

/** Where each slot is jumped to from. */
export function jumpsTo(lines: readonly ListingLine[]): Map<number, number[]> {
  const sources = new Map<number, number[]>();
  for (const { at, target } of lines)
    if (target !== undefined) sources.set(target, [...(sources.get(target) ?? []), at]);
  return sources;
}

export const fileName = (file: string) => file.slice(file.lastIndexOf('/') + 1);

/** For the clipboard. */
export function listingText(rows: readonly CodeRow[], hex: boolean): string {
  return rows
    .map((row) => {
      if (row.kind === 'function') return `${row.name}:`;
      if (row.kind === 'source') return `; ${row.source.text} [${fileName(row.source.file)}:${row.source.line}]`;
      return `${(hex ? row.line.at.toString(16) : String(row.line.at)).padStart(5)}: ${row.line.text}`;
    })
    .join('\n');
}
