/** The menu of the table's columns: of the heading, and of a button for those who have no pointer. */
import type { MenuEntry } from '../../ui/index.ts';
import { COLUMNS, type Column, type ColumnId, toggleField, toggleHidden, useTablePrefs } from './columns.ts';
import type { Sort } from './use-sort.ts';

/** @param of the column whose heading the menu is of */
export function useColumnEntries(
  { wanted, choose }: Pick<Sort, 'wanted' | 'choose'>,
  of?: Column,
): readonly MenuEntry[] {
  const { hidden, fields } = useTablePrefs();
  const way = (column: Column, descending: boolean): MenuEntry => ({
    label: descending ? 'Sort descending' : 'Sort ascending',
    checked: wanted?.column === column.id && wanted.descending === descending,
    run: () => choose({ column: column.id, descending }),
  });
  return [
    ...(of ? [{ heading: of.label }, way(of, false), way(of, true)] : []),
    ...(of || wanted
      ? [{ label: 'Capture order', checked: !wanted, run: () => choose(undefined) }, 'separator' as const]
      : []),
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
