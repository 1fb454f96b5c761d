/** The flow table: sorted and searched by the backend, with the live rate as a bar in its cell. */
import { useMemo } from 'react';
import type { FlowRow, FlowSortKey, FlowsWindow } from '../../../electron/shared/api.ts';
import { showUnderFilter } from '../../state/display-filter.ts';
import { bitRate, Grid } from '../../ui/index.ts';
import { FLOW_COLUMNS, flowText } from './columns.ts';
import { flowFilter } from './flow-filter.ts';
import styles from './flows-view.module.css';

export interface FlowTableProps {
  window: FlowsWindow | undefined;
  sort: FlowSortKey;
  descending: boolean;
  selected: FlowRow | undefined;
  onSort(key: FlowSortKey): void;
  onSelect(flow: FlowRow): void;
  onSearch(search: string): void;
  /** The rows that the screen needs now. */
  onRange(start: number, count: number): void;
}

export function FlowTable({ window, sort, descending, selected, onSort, onSelect, onSearch, onRange }: FlowTableProps) {
  const most = window?.maxBitsPerSecond ?? 0;
  const columns = useMemo(
    () =>
      FLOW_COLUMNS.map((column) =>
        column.id === 'bitsPerSecond'
          ? { ...column, content: (flow: FlowRow) => <RateBar value={flow.bitsPerSecond} most={most} /> }
          : column,
      ),
    [most],
  );
  const disabled = !selected;
  const copy = (text: string) => void navigator.clipboard.writeText(text);
  return (
    <Grid
      id="flow"
      label="Flows"
      columns={columns}
      rows={window?.flows ?? []}
      start={window?.start ?? 0}
      total={window?.total ?? 0}
      keyOf={({ key }) => key}
      selected={selected?.key}
      onSelect={onSelect}
      onOpen={(flow) => showUnderFilter(flowFilter(flow))}
      sort={sort}
      descending={descending}
      onSort={onSort}
      onRange={onRange}
      dim={({ pps }) => pps < 0.5}
      entries={[
        {
          label: 'Show its packets',
          keys: 'Enter',
          disabled,
          run: () => selected && showUnderFilter(flowFilter(selected)),
        },
        { label: 'Copy flow', disabled, run: () => selected && copy(flowText(selected)) },
        { label: 'Flows of the source', disabled, run: () => selected && onSearch(selected.source) },
        { label: 'Flows of the destination', disabled, run: () => selected && onSearch(selected.destination) },
      ]}
    />
  );
}

function RateBar({ value, most }: { value: number; most: number }) {
  return (
    <>
      <span className={styles.bar} style={{ width: most > 0 ? `${(100 * value) / most}%` : 0 }} />
      <span className={styles.rate}>{value >= 1 ? bitRate(value) : '–'}</span>
    </>
  );
}
