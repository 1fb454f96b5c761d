/** What a capture ends with: packets and bytes told apart, what was lost at each hop, how long it took. For stderr. */
import type { CaptureCounters } from '../../shared/capture.ts';
import { byteCount, durationNs, plural } from './units.ts';

/** "1,000 packets (98 kB) captured in 2.500 s; none lost", or the hops that lost some. */
export function summaryLines(counters: CaptureCounters, durationOfNs: number): string {
  const { matchedPackets, matchedBytes, capturedPackets, capturedBytes } = counters;
  const seen = `${plural(matchedPackets, 'packet')} (${byteCount(matchedBytes)}) seen by the kernel program`;
  const captured = `${plural(capturedPackets, 'packet')} (${byteCount(capturedBytes)}) captured`;
  return `${captured} in ${durationNs(durationOfNs)}\n${seen}\n${lostLine(counters)}\n`;
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
