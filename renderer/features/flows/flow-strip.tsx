/** All numbers of the selected flow, in one strip below the table that keeps its height. */
import { FileOutput } from 'lucide-react';
import type { FlowRow } from '../../../electron/shared/api.ts';
import { useHost } from '../../api/backend-context.ts';
import { canDragOut, dragPackets } from '../../state/drag-out.ts';
import { askExport } from '../../state/export.ts';
import { bitRate, bytes, clock, duration, grouped, IconButton, packetRate } from '../../ui/index.ts';
import { flagWords, flowTitle } from './columns.ts';
import { flowFilter } from './flow-filter.ts';
import styles from './flows-view.module.css';

export function FlowStrip({ flow }: { flow: FlowRow | undefined }) {
  if (!flow)
    return (
      <div className={styles.strip}>
        <span className={styles.stripHint}>Select a flow to see all of its figures.</span>
      </div>
    );
  const figures: [string, string][] = [
    ['Packets', grouped(flow.packets)],
    ['Bytes', `${bytes(flow.bytes)} (${grouped(flow.bytes)})`],
    ['Rate', `${bitRate(flow.bitsPerSecond)}, ${packetRate(flow.pps)}`],
    ['Mean size', `${Math.round(flow.bytes / Math.max(1, flow.packets))} B`],
    ['Seen', `${clock(flow.firstMs)} – ${clock(flow.lastMs)} (${duration((flow.lastMs - flow.firstMs) / 1000)})`],
    ['Interface', `${flow.interfaceName}, ${flow.direction === 'in' ? 'received' : 'sent'}`],
    ...(flow.tcpFlags ? ([['TCP flags', flagWords(flow.tcpFlags)]] as [string, string][]) : []),
  ];
  return (
    <section className={styles.strip} aria-label="Selected flow">
      <h2 className={`mono ${styles.stripTitle}`} title={flowTitle(flow)}>
        {flowTitle(flow)}
      </h2>
      <FlowExport title={flowTitle(flow)} filter={flowFilter(flow)} />
      <dl className={styles.figures}>
        {figures.map(([name, value]) => (
          <div key={name} className={styles.figure}>
            <dt>{name}</dt>
            <dd className="tabular">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** A click asks how; dragged into a file manager, it is a file of the flow's packets. */
function FlowExport({ title, filter }: { title: string; filter: string }) {
  const host = useHost();
  const drag = canDragOut(host);
  return (
    <IconButton
      size="sm"
      side="top"
      label={drag ? 'Export its packets… (drag them from here into a file manager)' : 'Export its packets…'}
      icon={<FileOutput aria-hidden />}
      draggable={drag}
      onDragStart={(event) => dragPackets(event, host, { of: 'filter', filter }, 'flow')}
      onClick={() => askExport({ title, filter })}
    />
  );
}
