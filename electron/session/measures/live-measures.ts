/**
 * A live capture's measures from snapshots of the kernel's tables. Every rate is a difference of counters over the
 * difference of the kernel's clock at the two readings, never over a timer's nominal period.
 */
import { COUNTER_BYTES, FLOW, FLOW_RECORD_BYTES, readU64, STATS_BYTES, STATS_GROUPS } from '../../shared/abi.ts';
import type { KernelTable } from '../live-capture.ts';
import { FlowColumns } from './flow-columns.ts';
import { FlowTable } from './flow-table.ts';
import { GROUPS, type Group, type Measures, type Statistics, statRows, type Totals, totals } from './measures.ts';
import { type Chart, Timeline } from './timeline.ts';

/** How often the session reads the statistics. */
export const SAMPLE_MS = 250;
const TIMELINE_MINUTES = 15;
/** Rates are over this many samples: one second, so that digits can be read. */
const RATE_SAMPLES = 4;
const CAPACITY = (TIMELINE_MINUTES * 60_000) / SAMPLE_MS + RATE_SAMPLES;

type Sample = { clockNs: bigint; cpus: Record<Group, Totals>[]; sum: Record<Group, Totals> };

export class LiveMeasures implements Measures {
  flows: FlowTable;
  readonly #interfaceName: (id: number) => string;
  readonly #timelines = {
    verdict: new Timeline(GROUPS.verdict, CAPACITY, SAMPLE_MS),
    protocol: new Timeline(GROUPS.protocol, CAPACITY, SAMPLE_MS),
  };
  #samples: Sample[] = [];
  #flowsClockNs: bigint | undefined;

  constructor(interfaceName: (id: number) => string) {
    this.#interfaceName = interfaceName;
    this.flows = new FlowTable(new FlowColumns(), interfaceName);
  }

  takeStats({ clockNs, bytes }: KernelTable): void {
    const last = this.#samples.at(-1);
    if (last && clockNs <= last.clockNs) return;
    const sample = decodeStats(clockNs, bytes);
    this.#samples = [...this.#samples.slice(-RATE_SAMPLES), sample];
    const timeMs = Number(clockNs / 1000n) / 1000;
    for (const by of ['verdict', 'protocol'] as const)
      this.#timelines[by].push(timeMs, sample.sum[by].packets, sample.sum[by].bytes);
  }

  takeFlows({ clockNs, bytes }: KernelTable): void {
    const periodNs = this.#flowsClockNs === undefined ? 0 : Number(clockNs - this.#flowsClockNs);
    this.#flowsClockNs = clockNs;
    this.flows = new FlowTable(decodeFlows(bytes, this.flows.columns, periodNs), this.#interfaceName);
  }

  /** The capture is over: totals stay, nothing flows any more. */
  end(): void {
    const { columns } = this.flows;
    columns.pps.fill(0);
    columns.bitsPerSecond.fill(0);
    this.flows = new FlowTable(columns, this.#interfaceName);
    this.#samples = this.#samples.slice(-1);
  }

  chart(by: 'verdict' | 'protocol', seconds: number, points: number): Chart {
    return this.#timelines[by].chart(seconds, points);
  }

  statistics(): Statistics {
    const now = this.#samples.at(-1);
    const before = this.#samples[0];
    if (!now || !before) return { periodNs: 0, byVerdict: [], byProtocol: [], bySize: [], perCpu: [] };
    const periodNs = Number(now.clockNs - before.clockNs);
    const rows = (group: Group) => statRows(GROUPS[group], now.sum[group], before.sum[group], periodNs);
    const perCpu = now.cpus.map((own, cpu) => ({
      cpu,
      byVerdict: statRows(GROUPS.verdict, own.verdict, before.cpus[cpu]!.verdict, periodNs),
    }));
    return { periodNs, byVerdict: rows('verdict'), byProtocol: rows('protocol'), bySize: rows('size'), perCpu };
  }
}

/** struct xdpeek_stats × CPUs. */
function decodeStats(clockNs: bigint, bytes: Uint8Array): Sample {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sum = emptyGroups();
  const cpus = Array.from({ length: Math.floor(bytes.byteLength / STATS_BYTES) }, (_, cpu) => {
    const own = emptyGroups();
    for (const group of ['verdict', 'protocol', 'size'] as const)
      for (let index = 0; index < GROUPS[group].length; index++) {
        const at = cpu * STATS_BYTES + (STATS_GROUPS[group] + index) * COUNTER_BYTES;
        own[group].packets[index] = readU64(view, at);
        own[group].bytes[index] = readU64(view, at + 8);
        sum[group].packets[index]! += own[group].packets[index]!;
        sum[group].bytes[index]! += own[group].bytes[index]!;
      }
    return own;
  });
  return { clockNs, cpus, sum };
}

function emptyGroups(): Record<Group, Totals> {
  return {
    verdict: totals(GROUPS.verdict.length),
    protocol: totals(GROUPS.protocol.length),
    size: totals(GROUPS.size.length),
  };
}

/** struct xdpeek_flow_record × n, with rates against the snapshot before; `periodNs` 0 = there is none. */
export function decodeFlows(bytes: Uint8Array, before: FlowColumns, periodNs: number): FlowColumns {
  const count = Math.floor(bytes.byteLength / FLOW_RECORD_BYTES);
  const aligned = new Uint8Array(bytes.subarray(0, count * FLOW_RECORD_BYTES)); // a Buffer's slice would share
  const words = new Uint32Array(aligned.buffer);
  const view = new DataView(aligned.buffer);
  const perSecond = periodNs > 0 ? 1e9 / periodNs : 0;
  const flows = new FlowColumns();
  for (let index = 0; index < count; index++) {
    const at = index * FLOW_RECORD_BYTES;
    const key = at / 4;
    const row = flows.upsert(words, key);
    const packets = readU64(view, at + FLOW.packets);
    const octets = readU64(view, at + FLOW.bytes);
    const old = before.find(words, key);
    flows.packets[row] = packets;
    flows.bytes[row] = octets;
    flows.firstMs[row] = readU64(view, at + FLOW.firstNs) / 1e6;
    flows.lastMs[row] = readU64(view, at + FLOW.lastNs) / 1e6;
    flows.tcpFlags[row] = view.getUint32(at + FLOW.tcpFlags, true);
    // A flow that the LRU had dropped starts over: no rate below zero.
    flows.pps[row] = Math.max(0, packets - (old < 0 ? 0 : before.packets[old]!)) * perSecond;
    flows.bitsPerSecond[row] = Math.max(0, octets - (old < 0 ? 0 : before.bytes[old]!)) * 8 * perSecond;
  }
  return flows;
}
