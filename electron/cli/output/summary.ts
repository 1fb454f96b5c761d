/**
 * What a capture ends with: packets and bytes told apart, what was lost at each hop, how long it took; by interface when there are
 * several, by CPU when one lost something. For stderr.
 */
import type { AttachmentInfo, CaptureCounters } from '../../shared/capture.ts';
import { textTable } from './table.ts';
import { byteCount, durationNs, grouped, plural } from './units.ts';

export interface Captured {
  durationMs: number;
  attachments?: readonly AttachmentInfo[];
}

/** "1,000 packets (98 kB) captured in 2.500 s", what the kernel saw, and the hops that lost some. */
export function summaryLines(counters: CaptureCounters, { durationMs, attachments = [] }: Captured): string {
  const { capturedPackets, capturedBytes, lostInterface } = counters;
  const captured = `${plural(capturedPackets, 'packet')} (${byteCount(capturedBytes)}) captured`;
  const dropped =
    lostInterface > 0
      ? `${plural(lostInterface, 'packet')} dropped by the interface itself, before they were seen\n`
      : '';
  const lines = `${captured} in ${durationNs(durationMs * 1e6)}\n${seenLine(counters)}\n${lostLine(counters)}\n${dropped}`;
  return `${lines}${interfaceTable(counters, attachments)}${cpuTable(counters)}`;
}

/** When the process that counts was killed: what is here is certain, and nothing else. */
export function uncountedLines(packets: number, durationMs: number): string {
  const captured = `${plural(packets, 'packet')} captured in ${durationNs(durationMs * 1e6)}`;
  return `${captured}\nwhat was seen and lost is not known: the counters went with the privileged process\n`;
}

function seenLine({ matchedPackets, matchedBytes, filteredPackets, skippedPackets }: CaptureCounters): string {
  const matched = `${plural(matchedPackets, 'packet')} (${byteCount(matchedBytes)})`;
  const skipped = skippedPackets > 0 ? `; ${plural(skippedPackets, 'packet')} left out by sampling` : '';
  if (filteredPackets === 0) return `${matched} seen by the kernel program${skipped}`;
  return `${plural(matchedPackets + filteredPackets, 'packet')} seen, ${matched} matched the filter${skipped}`;
}

function interfaceTable({ interfaces = [] }: CaptureCounters, attachments: readonly AttachmentInfo[]): string {
  if (interfaces.length < 2) return '';
  const rows = interfaces.map((each) => {
    const at = attachments.find(({ interfaceId }) => interfaceId === each.interfaceId);
    const side = at?.observed ? ` ${at.observed.side} ${at.observed.name}` : '';
    const numbers = [
      each.matchedPackets + each.filteredPackets,
      each.matchedPackets,
      each.skippedPackets,
      each.lostKernel,
    ];
    return [
      `${at?.ifname ?? '?'}${at?.netns ? `@${at.netns}` : ''}`,
      `${at?.hook ?? ''}${side}`,
      ...numbers.map(grouped),
    ];
  });
  const counts = ['SEEN', 'MATCHED', 'SKIPPED', 'LOST'].map((title) => ({ title, right: true }));
  return textTable([{ title: 'INTERFACE' }, { title: 'HOOK' }, ...counts], rows);
}

function cpuTable({ cpus = [] }: CaptureCounters): string {
  if (cpus.every(({ lostKernel }) => lostKernel === 0)) return '';
  const rows = cpus.map(({ cpu, matchedPackets, lostKernel }) => [
    `${cpu}`,
    grouped(matchedPackets),
    grouped(lostKernel),
  ]);
  const right = (title: string) => ({ title, right: true });
  return textTable([right('CPU'), right('MATCHED'), right('LOST')], rows);
}

export function lostTotal({ lostKernel, lostPipe, lostStore }: CaptureCounters): number {
  return lostKernel + lostPipe + lostStore;
}

function lostLine({ lostKernel, lostPipe, lostStore }: CaptureCounters): string {
  const hops: [number, string][] = [
    [lostKernel, 'kernel buffer full'],
    [lostPipe, 'reader too slow'],
    [lostStore, 'file could not take them'],
  ];
  const lost = hops.filter(([count]) => count > 0).map(([count, where]) => `${plural(count, 'packet')} (${where})`);
  return lost.length === 0 ? '0 packets lost' : `lost: ${lost.join(', ')}`;
}
