/** Where the selected packet's details are: below the list, beside it, or away. */
import { useTablePrefs } from './columns.ts';

/** A second click on the pressed button puts the details away. */
export function placeDetails(details: 'below' | 'beside'): void {
  useTablePrefs.setState((prefs) => ({ details: prefs.details === details ? 'hidden' : details }));
}

export function nextDetailsPlace(): void {
  useTablePrefs.setState(({ details }) => ({
    details: details === 'below' ? 'beside' : details === 'beside' ? 'hidden' : 'below',
  }));
}
