/** What the flow table is asked to find; set by its own search box and by a click on a bar of Live. */
import { create } from 'zustand';
import { showView } from './view.ts';

export const useFlowSearch = create<{ search: string }>(() => ({ search: '' }));

export function searchFlows(search: string): void {
  useFlowSearch.setState({ search });
  showView('flows');
}
