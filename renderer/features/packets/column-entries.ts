/** The menu of the table's columns: of the heading, and of a button for those who have no pointer. */
import type { MenuEntry } from '../../ui/index.ts';
import { COLUMNS, type ColumnId, toggleField, toggleHidden, useTablePrefs } from './columns.ts';

export function useColumnEntries(): readonly MenuEntry[] {
  const { hidden, fields } = useTablePrefs();
  return [
    { heading: 'Columns' },
    ...COLUMNS.map(({ id, label }) => ({
      label,
      checked: !hidden.includes(id as ColumnId),
      disabled: id === 'number',
      run: () => toggleHidden(id as ColumnId),
    })),
    ...(fields.length > 0 ? (['separator', { heading: 'Fields: choose one to take it away' }] as const) : []),
    ...fields.map((name) => ({ label: name, checked: true, run: () => toggleField(name) })),
  ];
}
