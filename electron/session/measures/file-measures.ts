/**
 * A capture file's measures, counted by one pass over its packets in slices between other work. Same classes as the kernel's
 * for a live capture. Rates are a flow's own average, and for statistics the average over the file.
 */

import { dissect, type Layer } from '../../packets/dissect/index.ts';
import type { PacketStore } from '../../packets/store/packet-store.ts';
import { SIZE_LIMITS } from '../../shared/abi.ts';
import { inSlices } from '../slices.ts';
import { FlowColumns, KEY, KEY_WORDS, kindWord, portsWord } from './flow-columns.ts';
import { FlowTable } from './flow-table.ts';
import { GROUPS, type Measures, type Statistics, statRows, type Totals, totals } from './measures.ts';
import { type Chart, Timeline } from './timeline.ts';
import { hasPorts, IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from './words.ts';

/** Verdicts that a file can hold for a packet, and none. */
const VERDICT_KEYS = [...GROUPS.verdict, 'none'];
const NO_VERDICT = GROUPS.verdict.length;
const BINS = 3000;
const ROWS_A_STEP = 64;
const RANGE_ROWS_A_STEP = 8192;
const PROTOCOL = { arp: 4, otherIpv4: 5, otherIpv6: 6, other: 7 } as const;

export interface FileInterface {
  name: string;
  linkType: number;
}

export class FileMeasures implements Measures {
  flows: FlowTable;
  readonly #store: PacketStore;
  readonly #interfaces: readonly FileInterface[];
  readonly #columns = new FlowColumns();
  readonly #verdict = totals(VERDICT_KEYS.length);
  readonly #protocol = totals(GROUPS.protocol.length);
  readonly #size = totals(GROUPS.size.length);
  #startNs = 0;
  #spanNs = 0;
  #binNs = 1e6;
  #bins: { verdict: Totals; protocol: Totals } = { verdict: totals(0), protocol: totals(0) };
  #timelines: Record<'verdict' | 'protocol', Timeline> | undefined;
  readonly #key = new Uint32Array(KEY_WORDS);

  /** `store` is complete: what is appended later is not counted. */
  constructor(store: PacketStore, interfaces: readonly FileInterface[]) {
    this.#store = store;
    this.#interfaces = interfaces;
    this.flows = new FlowTable(this.#columns, (id) => interfaces[id]?.name ?? '');
  }

  /** The pass. Calls `onProgress` now and then, and at the end, with flows and statistics up to there. */
  async count(signal: AbortSignal, onProgress: () => void): Promise<void> {
    await this.#findRange(signal);
    let row = 0;
    let toldMs = performance.now();
    await inSlices(() => {
      const end = Math.min(row + ROWS_A_STEP, this.#store.count);
      for (; row < end; row++) this.#packet(row);
      if (performance.now() - toldMs > 500) {
        toldMs = performance.now();
        this.#publish();
        onProgress();
      }
      return row < this.#store.count;
    }, signal);
    if (signal.aborted) return;
    this.#publish();
    this.#drawTimelines();
    onProgress();
  }

  chart(by: 'verdict' | 'protocol', seconds: number, points: number): Chart {
    if (this.#timelines) return this.#timelines[by].chart(seconds, points, true);
    return { timeMs: [], stepMs: this.#binNs / 1e6, keys: [], pps: [], bitsPerSecond: [] };
  }

  statistics(): Statistics {
    const rows = (keys: readonly string[], sum: Totals) => statRows(keys, sum, totals(keys.length), this.#spanNs);
    return {
      periodNs: this.#spanNs,
      byVerdict: rows(VERDICT_KEYS, this.#verdict),
      byProtocol: rows(GROUPS.protocol, this.#protocol),
      bySize: rows(GROUPS.size, this.#size),
      perCpu: [],
    };
  }

  /** Packets need not be in order: the first and last are looked for. NaN (no time) is neither. */
  async #findRange(signal: AbortSignal): Promise<void> {
    const store = this.#store;
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    let row = 0;
    await inSlices(() => {
      const end = Math.min(row + RANGE_ROWS_A_STEP, store.count);
      for (; row < end; row++) {
        const time = store.timeNs(row);
        if (time < first) first = time;
        if (time > last) last = time;
      }
      return row < store.count;
    }, signal);
    if (first > last) first = last = 0;
    this.#startNs = first;
    this.#spanNs = last - first;
    this.#binNs = Math.max(1e6, Math.ceil(this.#spanNs / BINS / 1e6) * 1e6);
    const bins = Math.floor(this.#spanNs / this.#binNs) + 1;
    this.#bins = { verdict: totals(bins * VERDICT_KEYS.length), protocol: totals(bins * GROUPS.protocol.length) };
  }

  #packet(row: number): void {
    const store = this.#store;
    const interfaceId = store.interfaceId(row);
    const wireLen = store.wireLen(row);
    const timeNs = Number.isNaN(store.timeNs(row)) ? this.#startNs : store.timeNs(row);
    const bytes = store.packetBytes(row);
    const { layers } = dissect(bytes, this.#interfaces[interfaceId]?.linkType ?? 0, wireLen);
    const protocol = this.#flow(bytes, layers, interfaceId, store.direction(row), wireLen, timeNs);
    const verdict = Math.min(store.verdict(row), NO_VERDICT);
    const bin = Math.floor((timeNs - this.#startNs) / this.#binNs);
    add(this.#verdict, verdict, wireLen);
    add(this.#protocol, protocol, wireLen);
    add(
      this.#size,
      SIZE_LIMITS.findIndex((limit) => wireLen <= limit),
      wireLen,
    );
    add(this.#bins.verdict, bin * VERDICT_KEYS.length + verdict, wireLen);
    add(this.#bins.protocol, bin * GROUPS.protocol.length + protocol, wireLen);
  }

  /** Counts the packet to its flow, if it has one; returns its protocol class. */
  #flow(
    bytes: Uint8Array,
    layers: readonly Layer[],
    interfaceId: number,
    direction: number,
    wireLen: number,
    timeNs: number,
  ): number {
    const network = layers.find(
      ({ protocol, short }) => !short && (protocol.name === 'ip' || protocol.name === 'ipv6'),
    );
    if (!network) return layers.some(({ protocol }) => protocol.name === 'arp') ? PROTOCOL.arp : PROTOCOL.other;
    const isV6 = network.protocol.name === 'ipv6';
    const transport = layers.find(({ protocol, quotedBy }) => !quotedBy && protocol.name in TRANSPORTS);
    const number = transport ? TRANSPORTS[transport.protocol.name]! : (bytes[network.start + (isV6 ? 6 : 9)] ?? 0);
    const key = this.#key.fill(0);
    const memory = new Uint8Array(key.buffer);
    const at = network.start + (isV6 ? 8 : 12);
    const length = isV6 ? 16 : 4;
    memory.set(bytes.subarray(at, at + length), KEY.source * 4);
    memory.set(bytes.subarray(at + length, at + 2 * length), KEY.destination * 4);
    key[KEY.kind] = kindWord(isV6 ? 6 : 4, number, interfaceId & 255, direction === 2 ? 2 : 1);
    const head = transport && !transport.short ? transport.start : undefined;
    if (head !== undefined && hasPorts(number)) key[KEY.ports] = portsWord(u16(bytes, head), u16(bytes, head + 2));
    else if (head !== undefined) key[KEY.ports] = portsWord(bytes[head]!, bytes[head + 1]!);
    this.#countFlow(key, wireLen, timeNs, number === IPPROTO_TCP && head !== undefined ? (bytes[head + 13] ?? 0) : 0);
    const known = CLASS_OF[number];
    return known ?? (isV6 ? PROTOCOL.otherIpv6 : PROTOCOL.otherIpv4);
  }

  #countFlow(key: Uint32Array, wireLen: number, timeNs: number, tcpFlags: number): void {
    const flows = this.#columns;
    const before = flows.count;
    const row = flows.upsert(key);
    const timeMs = (Number((this.#store.baseNs ?? 0n) / 1000n) + timeNs / 1000) / 1000;
    if (row === before) flows.firstMs[row] = timeMs;
    flows.lastMs[row] = Math.max(flows.lastMs[row]!, timeMs);
    flows.packets[row]! += 1;
    flows.bytes[row]! += wireLen;
    flows.tcpFlags[row]! |= tcpFlags;
  }

  #publish(): void {
    const flows = this.#columns;
    for (let row = 0; row < flows.count; row++) {
      const seconds = (flows.lastMs[row]! - flows.firstMs[row]!) / 1000;
      flows.pps[row] = seconds > 0 ? flows.packets[row]! / seconds : 0;
      flows.bitsPerSecond[row] = seconds > 0 ? (flows.bytes[row]! * 8) / seconds : 0;
    }
    this.flows = new FlowTable(flows, (id) => this.#interfaces[id]?.name ?? '');
  }

  #drawTimelines(): void {
    const startMs = (Number((this.#store.baseNs ?? 0n) / 1000n) + this.#startNs / 1000) / 1000;
    const draw = (keys: readonly string[], bins: Totals): Timeline => {
      const count = bins.packets.length / keys.length;
      const timeline = new Timeline(keys, count + 1, this.#binNs / 1e6);
      const sum = totals(keys.length);
      timeline.push(startMs, sum.packets, sum.bytes);
      for (let bin = 0; bin < count; bin++) {
        for (let key = 0; key < keys.length; key++) {
          sum.packets[key]! += bins.packets[bin * keys.length + key]!;
          sum.bytes[key]! += bins.bytes[bin * keys.length + key]!;
        }
        timeline.push(startMs + ((bin + 1) * this.#binNs) / 1e6, sum.packets, sum.bytes);
      }
      return timeline;
    };
    this.#timelines = {
      verdict: draw(VERDICT_KEYS, this.#bins.verdict),
      protocol: draw(GROUPS.protocol, this.#bins.protocol),
    };
  }
}

const TRANSPORTS: Record<string, number> = {
  tcp: IPPROTO_TCP,
  udp: IPPROTO_UDP,
  icmp: IPPROTO_ICMP,
  icmpv6: IPPROTO_ICMPV6,
};
const CLASS_OF: Record<number, number> = { [IPPROTO_TCP]: 0, [IPPROTO_UDP]: 1, [IPPROTO_ICMP]: 2, [IPPROTO_ICMPV6]: 3 };

function add(sum: Totals, index: number, wireLen: number): void {
  sum.packets[index]! += 1;
  sum.bytes[index]! += wireLen;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
