/** One row of the packet list, where it is on the screen; a row that is not here yet keeps its place. */
import type { PacketRow as Data } from '../../../electron/shared/api.ts';
import type { ColorRule } from '../../state/prefs.ts';
import { grouped } from '../../ui/index.ts';
import type { Column } from './columns.ts';
import { PacketCells } from './packet-cells.tsx';
import styles from './packet-table.module.css';

interface PacketRowProps {
  index: number;
  /** Of the packet; 0 while it is not known. */
  number: number;
  y: number;
  columns: readonly Column[];
  template: string;
  row: Data | undefined;
  before: Data | undefined;
  baseTimeNs: string | undefined;
  selected: boolean;
  rules: readonly ColorRule[];
}

export function PacketRow(props: PacketRowProps) {
  const { index, number, y, columns, template, row, before, baseTimeNs, selected, rules } = props;
  return (
    <div
      id={`packet-${index}`}
      role="row"
      className={styles.row}
      data-tint={row?.tint}
      data-rule={row?.rule === undefined ? undefined : rules[row.rule]?.color}
      data-marked={row?.marked}
      data-verdict={row?.verdict}
      aria-rowindex={index + 1}
      aria-selected={selected}
      style={{ transform: `translateY(${y}px)`, gridTemplateColumns: template }}
    >
      {row ? (
        <PacketCells row={row} before={before} baseTimeNs={baseTimeNs} columns={columns} />
      ) : (
        <div className={styles.waiting} aria-hidden>
          {number > 0 && grouped(number)}
        </div>
      )}
    </div>
  );
}
