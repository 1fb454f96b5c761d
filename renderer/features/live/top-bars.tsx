/** The busiest hosts, ports, protocols and flows as bars; a click shows the flows behind one. */
import { useMemo } from 'react';
import type { FlowRow, TopEntry } from '../../../electron/shared/api.ts';
import { searchFlows } from '../../state/flow-search.ts';
import { bitRate, bytes, count, protocolName } from '../../ui/index.ts';
import { colorOf } from './chart-data.ts';
import { usePoll } from './poll.ts';
import styles from './top-bars.module.css';

const COUNT = 24;

interface Bar {
  key: string;
  label: string;
  bytes: number;
  packets: number;
  bitsPerSecond: number;
  color?: string;
  /** What the flow table is asked for. */
  search: string;
}

export function TopBars() {
  const params = useMemo(() => ({ count: COUNT }), []);
  const top = usePoll('top.get', params, 1000);
  return (
    <div className={styles.grid}>
      <Bars title="Hosts" bars={top?.talkers.map(ofEntry)} />
      <Bars title="Ports" bars={top?.ports.map(ofEntry)} />
      <Bars
        title="Protocols"
        bars={top?.protocols.map((entry) => ({
          ...ofEntry(entry),
          label: protocolName(entry.label),
          color: colorOf(entry.label, 'protocol'),
        }))}
      />
      <Bars title="Flows" bars={top?.flows.map(ofFlow)} />
    </div>
  );
}

function ofEntry(entry: TopEntry): Bar {
  return { ...entry, search: entry.key };
}

function ofFlow(flow: FlowRow): Bar {
  const end = (address: string, port: number) =>
    port ? `${address.includes(':') ? `[${address}]` : address}:${port}` : address;
  const label = `${end(flow.source, flow.sourcePort)} → ${end(flow.destination, flow.destinationPort)}`;
  return {
    key: flow.key,
    label,
    bytes: flow.bytes,
    packets: flow.packets,
    bitsPerSecond: flow.bitsPerSecond,
    search: flow.source,
  };
}

function Bars({ title, bars }: { title: string; bars: Bar[] | undefined }) {
  const sorted = bars?.toSorted((a, b) => b.bytes - a.bytes);
  const most = Math.max(1, sorted?.[0]?.bytes ?? 0);
  return (
    <section className={styles.list} aria-label={title}>
      <h2 className={styles.title}>{title}</h2>
      <ul className={styles.bars}>
        {sorted?.map((bar) => (
          <li key={bar.key}>
            <button
              type="button"
              className={styles.bar}
              onClick={() => searchFlows(bar.search)}
              title={`${bar.label}\n${count(bar.packets, 'packet')}, ${bytes(bar.bytes)}, ${bitRate(bar.bitsPerSecond)}\nClick: show the flows`}
            >
              <span
                className={styles.fill}
                style={{ width: `${(100 * bar.bytes) / most}%`, ...(bar.color && { background: bar.color }) }}
              />
              <span className={styles.label}>{bar.label}</span>
              <span className={`mono ${styles.amount}`}>{bytes(bar.bytes)}</span>
            </button>
          </li>
        ))}
        {sorted?.length === 0 && <li className={styles.none}>None yet</li>}
      </ul>
    </section>
  );
}
