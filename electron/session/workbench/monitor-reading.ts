/** A metered reading in words: errno names and what they mean, interface names, protocols. */
import { ETHERTYPES } from '../../packets/dissect/names/ethertypes.ts';
import type { InterfaceInfo } from '../../shared/capture.ts';
import type { MonitorReading } from '../../shared/monitor-api.ts';
import { devicePair } from './monitor-devices.ts';
import type { Metered } from './monitor-meter.ts';
import { errorName, exceptionWords, redirectWords } from './monitor-words.ts';

export function readingOf(metered: Metered, startedMs: number, interfaces: readonly InterfaceInfo[]): MonitorReading {
  const { readMs, periodNs, execs } = metered;
  return {
    startedMs,
    readMs,
    periodNs,
    execs,
    redirects: metered.redirect.filter(({ row }) => row.error === 0).map(({ row: _, ...counted }) => counted),
    redirectErrors: metered.redirect
      .filter(({ row }) => row.error !== 0)
      .map(({ row, ...counted }) => {
        const error = errorName(row.error);
        return { ...counted, error, ...redirectWords(error) };
      }),
    exceptions: metered.exceptions.map(({ row, ...counted }) => ({ ...counted, ...exceptionWords(row.action) })),
    cpumapEnqueue: metered.cpumapEnqueue.map(({ row, ...counted }) => ({ ...counted, toCpu: row.toCpu })),
    cpumapKthread: metered.cpumapKthread.map(({ row: _, ...counted }) => counted),
    devmap: metered.devmap.map(({ row, lastError, ...counted }) => {
      const [from, to] = devicePair(row.from, row.to, interfaces);
      const name = errorName(lastError);
      return { ...counted, from, to, ...(lastError !== 0 && { error: { name, ...redirectWords(name) } }) };
    }),
    drops: metered.drops.map(({ row, key, figures }) => ({
      key,
      reason: row.reasonName,
      place: row.place,
      protocol: protocolName(row.protocol),
      figure: figures.count,
    })),
  };
}

/** 0: the packet had none yet, as when it is dropped on its way out. */
function protocolName(etherType: number): string {
  if (etherType === 0) return '';
  return ETHERTYPES[etherType] ?? `0x${etherType.toString(16).padStart(4, '0')}`;
}
