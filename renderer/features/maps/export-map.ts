/** Entries as a file that the browser saves: fetched in pieces, so that a large map does not stop the session. */
import type { InspectorApi } from '../../../electron/shared/api.ts';

/** @returns the file's name */
export async function exportMap(api: InspectorApi, id: number, format: 'json' | 'csv'): Promise<string> {
  const parts: string[] = [];
  let name = '';
  for (let start: number | undefined = 0; start !== undefined; ) {
    const piece: { name: string; text: string; next?: number } = await api.call('maps.export', { id, format, start });
    parts.push(piece.text);
    ({ name } = piece);
    start = piece.next;
  }
  const type = format === 'csv' ? 'text/csv' : 'application/x-ndjson';
  const href = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement('a');
  link.href = href;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
  return name;
}
