/** The cells of one packet, memoized: a row is drawn again only when its packet, the columns or the time format change. */
import { MessageSquareText } from 'lucide-react';
import { memo } from 'react';
import type { PacketRow } from '../../../electron/shared/api.ts';
import { useSession } from '../../state/session.ts';
import { cx, VerdictMark } from '../../ui/index.ts';
import { type Column, timeText, useTablePrefs } from './columns.ts';
import styles from './packet-table.module.css';

export interface PacketCellsProps {
  row: PacketRow;
  before: PacketRow | undefined;
  baseTimeNs: string | undefined;
  columns: readonly Column[];
}

export const PacketCells = memo(function PacketCells({ row, before, baseTimeNs, columns }: PacketCellsProps) {
  const time = useTablePrefs((prefs) => prefs.time);
  const names = useTablePrefs((prefs) => prefs.fields);
  const content = (id: Column['id']) => {
    switch (id) {
      case 'number':
        return row.commented ? <Commented number={row.number} /> : row.number;
      case 'time':
        return row.reference ? '*REF*' : timeText(time, row, before, baseTimeNs);
      case 'verdict':
        if (row.verdict) return <VerdictMark verdict={row.verdict} named size={9} />;
        return row.observed?.side === 'before' ? <span className={styles.side}>before</span> : '';
      case 'length':
        return row.wireLen;
      case 'interface':
        return <InterfaceName id={row.interfaceId} />;
      case 'source':
      case 'destination':
      case 'protocol':
      case 'info':
        return row[id];
      default:
        return row.fields?.[names.indexOf(id.slice('field:'.length))] ?? '';
    }
  };
  return columns.map(({ id, align, mono }) => {
    const text = content(id);
    return (
      <div
        key={id}
        role="gridcell"
        data-column={id}
        className={cx(styles.cell, align === 'right' && styles.right, mono && 'mono', styles[id.replace(/:.*/, '')])}
        title={typeof text === 'string' && text.length > 14 ? text : undefined}
      >
        {text}
      </div>
    );
  });
});

function Commented({ number }: { number: number }) {
  return (
    <>
      <MessageSquareText className={styles.commented} aria-label="commented" /> {number}
    </>
  );
}

function InterfaceName({ id }: { id: number }) {
  return useSession(({ status }) => {
    const attachment = status.attachments.find(({ interfaceId }) => interfaceId === id);
    const described = status.interfaces?.[id];
    if (!attachment) return described ? [described.name, described.file].filter(Boolean).join(' · ') : String(id);
    const { ifname, hook, observed } = attachment;
    return observed ? `${observed.side} ${observed.name}` : `${ifname} ${hook.replace('tc-', '')}`;
  });
}
