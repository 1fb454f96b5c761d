/** The display filter that the packet list is under, the text in its bar, and what was used before. */
import { create } from 'zustand';
import { FILTERS_KEPT, setPrefs, usePrefs } from './prefs.ts';
import { showView } from './view.ts';

export const useDisplayFilter = create<{
  /** In the bar, perhaps not finished. */
  text: string;
  /** What the list shows; '' = everything. */
  applied: string;
}>(() => ({ text: '', applied: '' }));

export function writeDisplayFilter(text: string): void {
  useDisplayFilter.setState({ text });
}

/** The list shows what matches from now on. Only for filters that were checked. */
export function applyDisplayFilter(text: string): void {
  const applied = text.trim();
  useDisplayFilter.setState({ text, applied });
  if (applied !== '') {
    const { displayFilters } = usePrefs.getState();
    setPrefs({ displayFilters: [applied, ...displayFilters.filter((old) => old !== applied)].slice(0, FILTERS_KEPT) });
  }
}

export type Joining = 'replace' | 'not' | 'and' | 'or' | 'and-not';

/** What a filter becomes when a condition is chosen from the details or a menu. */
export function joined(present: string, condition: string, how: Joining): string {
  const old = present.trim();
  const negated = `!(${condition})`;
  if (how === 'replace' || old === '') return how === 'not' || how === 'and-not' ? negated : condition;
  if (how === 'not') return negated;
  const operator = how === 'or' ? '||' : '&&';
  return `(${old}) ${operator} ${how === 'and-not' ? negated : `(${condition})`}`;
}

/** From elsewhere in the window: shows the list under it. */
export function showUnderFilter(text: string): void {
  applyDisplayFilter(text);
  showView('packets');
}
