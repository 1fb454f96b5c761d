/**
 * The interface list, live while something shows it: the topic is subscribed once for all watchers and dropped with the last, as
 * it costs the root process a netlink dump a second. Packet rates of the last minute are kept beside the list, out of React.
 */
import { useEffect } from 'react';
import type { InspectorApi } from '../../electron/shared/api.ts';
import type { InterfaceInfo } from '../../electron/shared/capture.ts';
import { useApi } from '../api/backend-context.ts';
import { useSession } from './session.ts';

export interface RateSample {
  rxPps: number;
  txPps: number;
  rxBps: number;
  txBps: number;
}

export const RATE_POINTS = 60;
/** Samples closer than this are one tick told twice. */
const MIN_TICK_MS = 300;

interface Track {
  atMs: number;
  last: InterfaceInfo;
  samples: RateSample[];
}

const tracks = new Map<string, Track>();

export function interfaceKey({ ifname, netns }: { ifname: string; netns?: string | undefined }): string {
  return `${netns ?? ''}/${ifname}`;
}

/** Rates of the last minute, oldest first; empty until two counts came. */
export function ratesOf(info: InterfaceInfo): readonly RateSample[] {
  return tracks.get(interfaceKey(info))?.samples ?? [];
}

/** Exported for tests: takes one list at a time of the monotonic clock, ms. */
export function track(list: readonly InterfaceInfo[], nowMs: number): void {
  const seen = new Set<string>();
  for (const info of list) {
    const key = interfaceKey(info);
    seen.add(key);
    const before = tracks.get(key);
    // Another device took the name, or its counters were reset.
    if (!before || before.last.ifindex !== info.ifindex || info.rxPackets < before.last.rxPackets) {
      tracks.set(key, { atMs: nowMs, last: info, samples: [] });
      continue;
    }
    const seconds = (nowMs - before.atMs) / 1000;
    if (seconds * 1000 < MIN_TICK_MS) continue;
    before.samples.push({
      rxPps: (info.rxPackets - before.last.rxPackets) / seconds,
      txPps: (info.txPackets - before.last.txPackets) / seconds,
      rxBps: ((info.rxBytes - before.last.rxBytes) * 8) / seconds,
      txBps: ((info.txBytes - before.last.txBytes) * 8) / seconds,
    });
    if (before.samples.length > RATE_POINTS) before.samples.shift();
    before.atMs = nowMs;
    before.last = info;
  }
  for (const key of tracks.keys()) if (!seen.has(key)) tracks.delete(key);
}

let watchers = 0;
let stop: (() => void) | undefined;
let watched: InspectorApi | undefined;

function watch(api: InspectorApi): () => void {
  if (watched !== api) {
    stop?.();
    watched = api;
    stop = api.subscribe('interfaces', (interfaces) => {
      track(interfaces, performance.now());
      useSession.setState({ interfaces, interfacesKnown: true });
    });
  }
  watchers++;
  return () => {
    watchers--;
    if (watchers > 0) return;
    stop?.();
    stop = undefined;
    watched = undefined;
  };
}

/** Keeps the interface list fresh while the component is mounted. */
export function useInterfaceWatch(): void {
  const api = useApi();
  useEffect(() => watch(api), [api]);
}

/** This namespace first, then the others by name; inside: up before down, loopback last, then by index. */
export function groupByNetns(list: readonly InterfaceInfo[]): { netns: string; interfaces: InterfaceInfo[] }[] {
  const groups = new Map<string, InterfaceInfo[]>();
  for (const info of list) {
    const netns = info.netns ?? '';
    groups.set(netns, [...(groups.get(netns) ?? []), info]);
  }
  const weight = (info: InterfaceInfo) => (info.loopback ? 2 : 0) + (info.up ? 0 : 1);
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([netns, interfaces]) => ({
      netns,
      interfaces: interfaces.sort((a, b) => weight(a) - weight(b) || a.ifindex - b.ifindex),
    }));
}
