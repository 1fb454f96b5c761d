/** How many packets a choice has, for the window's export dialog: what is known at once, without waiting for a filter's walk. */
import type { ExportPlan, PacketChoice } from '../../shared/export.ts';
import type { AnalysisHost } from '../analysis/handlers.ts';

export function exportPlan({ table, onProgress }: AnalysisHost, packets: PacketChoice): ExportPlan {
  const { store, annotations, views, sorts, interfaces } = table();
  const total = store.count;
  const linkTypes = new Set(interfaces.map(({ linkType }) => linkType)).size;
  const plan = (count: number, scanned = total): ExportPlan => ({ packets: count, scanned, total, linkTypes });
  if (packets.of === 'marked') return plan(annotations.marked.size);
  if (packets.of === 'rows' && packets.sort) {
    const { rows } = sorts.chosen(packets.filter, packets.sort);
    return plan(Math.max(0, Math.min(rows.length, packets.last + 1) - packets.first));
  }
  const view = packets.filter.trim() === '' ? undefined : views.get(packets.filter);
  view?.poke(onProgress);
  const shown = view ? view.count : total;
  if (packets.of === 'filter') return plan(shown, view?.scanned);
  return plan(Math.max(0, Math.min(shown, packets.last + 1) - packets.first), view?.scanned);
}
