/** Conversations and endpoints, a layer at a time. */
import { useCallback, useMemo, useState } from 'react';
import {
  type ConversationRow,
  type ConversationSort,
  type EndpointRow,
  type EndpointSort,
  STAT_LAYERS,
  type StatLayer,
} from '../../../electron/shared/analysis.ts';
import { followStream, showTcpGraph } from '../../state/analysis.ts';
import { applyDisplayFilter, joined, showUnderFilter, useDisplayFilter } from '../../state/display-filter.ts';
import { bytes, count, EmptyState, Grid, type GridColumn, grouped, type MenuEntry, Segments } from '../../ui/index.ts';
import styles from './analysis.module.css';
import type { TabProps } from './analysis-view.tsx';
import { ProgressNote } from './progress-note.tsx';
import { useAnalysis } from './use-analysis.ts';

const LAYER_WORDS: Record<StatLayer, string> = {
  eth: 'Ethernet',
  ip: 'IPv4',
  ipv6: 'IPv6',
  tcp: 'TCP',
  udp: 'UDP',
  sctp: 'SCTP',
};

const end = (address: string, port?: number) =>
  port === undefined ? address : address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
const seconds = (ns: number) => (ns / 1e9).toFixed(6);
const right = { align: 'right', mono: true } as const;

const CONVERSATION_COLUMNS: readonly GridColumn<ConversationRow, ConversationSort>[] = [
  { id: 'a', label: 'A', track: 'minmax(140px, 1.4fr)', mono: true, content: (r) => end(r.a, r.portA) },
  { id: 'b', label: 'B', track: 'minmax(140px, 1.4fr)', mono: true, content: (r) => end(r.b, r.portB) },
  { id: 'packets', label: 'Packets', track: '84px', ...right, content: (r) => grouped(r.packetsAB + r.packetsBA) },
  { id: 'bytes', label: 'Bytes', track: '84px', ...right, content: (r) => bytes(r.bytesAB + r.bytesBA) },
  { id: 'packetsAB', label: 'A → B', track: '84px', ...right, leavesBelow: 1020, content: (r) => grouped(r.packetsAB) },
  { id: 'bytesAB', label: 'A → B bytes', track: '92px', ...right, content: (r) => bytes(r.bytesAB) },
  { id: 'packetsBA', label: 'B → A', track: '84px', ...right, leavesBelow: 1020, content: (r) => grouped(r.packetsBA) },
  { id: 'bytesBA', label: 'B → A bytes', track: '92px', ...right, content: (r) => bytes(r.bytesBA) },
  { id: 'firstNs', label: 'Start s', track: '104px', ...right, content: (r) => seconds(r.firstNs) },
  { id: 'durationNs', label: 'Duration s', track: '104px', ...right, content: (r) => seconds(r.lastNs - r.firstNs) },
];

const ENDPOINT_COLUMNS: readonly GridColumn<EndpointRow, EndpointSort>[] = [
  { id: 'address', label: 'Address', track: 'minmax(160px, 1fr)', mono: true, content: (r) => end(r.address, r.port) },
  {
    id: 'packets',
    label: 'Packets',
    track: '104px',
    ...right,
    content: (r) => grouped(r.packetsSent + r.packetsReceived),
  },
  { id: 'bytes', label: 'Bytes', track: '104px', ...right, content: (r) => bytes(r.bytesSent + r.bytesReceived) },
  { id: 'packetsSent', label: 'Sent', track: '104px', ...right, content: (r) => grouped(r.packetsSent) },
  { id: 'bytesSent', label: 'Bytes', track: '104px', ...right, content: (r) => bytes(r.bytesSent) },
  { id: 'packetsReceived', label: 'Received', track: '104px', ...right, content: (r) => grouped(r.packetsReceived) },
  { id: 'bytesReceived', label: 'Bytes', track: '104px', ...right, content: (r) => bytes(r.bytesReceived) },
];

/** Words are wanted from A, numbers largest first. */
const firstDescending = (id: string) => !['a', 'b', 'address', 'firstNs'].includes(id);

function useTable<Sort extends string>(first: Sort) {
  const [order, setOrder] = useState<{ sort: Sort; descending: boolean }>({ sort: first, descending: true });
  const [range, setRange] = useState({ start: 0, count: 60 });
  const onRange = useCallback((start: number, count: number) => {
    setRange((now) => (now.start === start && now.count === count ? now : { start, count }));
  }, []);
  const onSort = (sort: Sort) =>
    setOrder((now) => ({ sort, descending: sort === now.sort ? !now.descending : firstDescending(sort) }));
  return { ...order, ...range, onRange, onSort };
}

/** Menu entries that make a filter of a row. */
function filterEntries(filter: string | undefined): MenuEntry[] {
  const disabled = filter === undefined;
  const join = (how: 'and' | 'and-not') => {
    const { applied } = useDisplayFilter.getState();
    if (filter !== undefined) applyDisplayFilter(joined(applied, filter, how));
  };
  return [
    { label: 'Show its packets', keys: 'Enter', disabled, run: () => filter && showUnderFilter(filter) },
    { label: 'Add to the display filter', disabled, run: () => join('and') },
    { label: 'Filter it out', disabled, run: () => join('and-not') },
  ];
}

export function ConversationsTab({ filter }: TabProps) {
  const [layer, setLayer] = useState<StatLayer>();
  const table = useTable<ConversationSort>('packets');
  const { sort, descending, start, count: rows } = table;
  const [chosen, setChosen] = useState<ConversationRow>();
  const overview = useLayers(filter);
  const shown = layer ?? overview.best;
  const params = useMemo(
    () => ({ filter, layer: shown, sort, descending, start, count: rows }),
    [filter, shown, sort, descending, start, rows],
  );
  const { answer, error } = useAnalysis('analysis.conversations', params);
  const stream = chosen?.stream;
  const streamed = stream !== undefined && (shown === 'tcp' || shown === 'udp');
  return (
    <Frame
      layers={overview.layers.map((of) => ({ layer: of.layer, rows: of.conversations }))}
      layer={shown}
      onLayer={setLayer}
      noun="conversation"
      total={answer?.count}
      error={error}
      progress={answer}
    >
      <Grid
        id="conversation"
        label={`${LAYER_WORDS[shown]} conversations`}
        columns={CONVERSATION_COLUMNS}
        rows={answer?.rows ?? []}
        start={answer?.start ?? 0}
        total={answer?.count ?? 0}
        keyOf={(row) => row.filter}
        selected={chosen?.filter}
        onSelect={setChosen}
        onOpen={(row) => showUnderFilter(row.filter)}
        sort={sort}
        descending={descending}
        onSort={table.onSort}
        onRange={table.onRange}
        entries={[
          ...filterEntries(chosen?.filter),
          'separator',
          {
            label: 'Follow stream',
            disabled: !streamed,
            run: () => streamed && followStream(shown as 'tcp' | 'udp', stream),
          },
          {
            label: 'Stream graph',
            disabled: !streamed || shown !== 'tcp',
            run: () => streamed && showTcpGraph(stream),
          },
        ]}
      />
    </Frame>
  );
}

export function EndpointsTab({ filter }: TabProps) {
  const [layer, setLayer] = useState<StatLayer>();
  const table = useTable<EndpointSort>('bytes');
  const { sort, descending, start, count: rows } = table;
  const [chosen, setChosen] = useState<EndpointRow>();
  const overview = useLayers(filter);
  const shown = layer ?? overview.best;
  const params = useMemo(
    () => ({ filter, layer: shown, sort, descending, start, count: rows }),
    [filter, shown, sort, descending, start, rows],
  );
  const { answer, error } = useAnalysis('analysis.endpoints', params);
  return (
    <Frame
      layers={overview.layers.map((of) => ({ layer: of.layer, rows: of.endpoints }))}
      layer={shown}
      onLayer={setLayer}
      noun="endpoint"
      total={answer?.count}
      error={error}
      progress={answer}
    >
      <Grid
        id="endpoint"
        label={`${LAYER_WORDS[shown]} endpoints`}
        columns={ENDPOINT_COLUMNS}
        rows={answer?.rows ?? []}
        start={answer?.start ?? 0}
        total={answer?.count ?? 0}
        keyOf={(row) => row.filter}
        selected={chosen?.filter}
        onSelect={setChosen}
        onOpen={(row) => showUnderFilter(row.filter)}
        sort={sort}
        descending={descending}
        onSort={table.onSort}
        onRange={table.onRange}
        entries={filterEntries(chosen?.filter)}
      />
    </Frame>
  );
}

interface LayerRows {
  layer: StatLayer;
  conversations: number | undefined;
  endpoints: number | undefined;
}

/** What there is at each layer, and the one to begin with. */
function useLayers(filter: string): { layers: LayerRows[]; best: StatLayer } {
  const params = useMemo(() => ({ filter }), [filter]);
  const { answer } = useAnalysis('analysis.overview', params);
  const layers =
    answer?.layers ?? STAT_LAYERS.map((layer) => ({ layer, conversations: undefined, endpoints: undefined }));
  const best = (['tcp', 'udp', 'ip', 'ipv6'] as const).find((layer) =>
    layers.some((of) => of.layer === layer && (of.conversations ?? 0) > 0),
  );
  return { layers, best: best ?? 'eth' };
}

interface FrameProps {
  layers: readonly { layer: StatLayer; rows: number | undefined }[];
  layer: StatLayer;
  onLayer(layer: StatLayer): void;
  noun: string;
  total: number | undefined;
  error: string | undefined;
  progress: Parameters<typeof ProgressNote>[0]['of'];
  children: React.ReactNode;
}

function Frame({ layers, layer, onLayer, noun, total, error, progress, children }: FrameProps) {
  return (
    <div className={styles.face}>
      <div className={styles.tools}>
        <Segments
          label="Layer"
          value={layer}
          options={layers.map(({ layer: value, rows }) => ({
            value,
            label: rows ? `${LAYER_WORDS[value]} ${grouped(rows)}` : LAYER_WORDS[value],
          }))}
          onChange={onLayer}
        />
        <ProgressNote of={progress} />
        <span className={styles.hint}>{total === undefined ? '' : count(total, noun)}</span>
      </div>
      <div className={styles.body}>
        {error ? (
          <EmptyState title="These packets cannot be counted">{error}</EmptyState>
        ) : (
          <>
            {children}
            {total === 0 && (
              <div className={styles.nothing}>
                <EmptyState title={`No ${LAYER_WORDS[layer]} ${noun}s`}>
                  Choose another layer above; those with a number have some.
                </EmptyState>
              </div>
            )}
          </>
        )}
      </div>
    </div>
  );
}
