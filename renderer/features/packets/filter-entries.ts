/** The ways in which a condition becomes the display filter, for menus. */
import { applyDisplayFilter, type Joining, joined, useDisplayFilter } from '../../state/display-filter.ts';
import type { MenuEntry } from '../../ui/index.ts';

const JOININGS: readonly [label: string, how: Joining][] = [
  ['Apply as filter', 'replace'],
  ['Apply as filter: not this', 'not'],
  ['…and this', 'and'],
  ['…or this', 'or'],
  ['…and not this', 'and-not'],
];

/**
 * What the list shows from a field and its value, or a cell of it.
 * @param ways all of them, or some
 */
export function filterEntries(condition: string | undefined, ways?: readonly Joining[]): MenuEntry[] {
  return JOININGS.filter(([, how]) => ways?.includes(how) ?? true).map(([label, how]) => ({
    label,
    disabled: condition === undefined,
    run: () =>
      condition !== undefined && applyDisplayFilter(joined(useDisplayFilter.getState().applied, condition, how)),
  }));
}
