/**
 * Names for interface indexes of tracepoints, which do not say of which network namespace they are: both ends of a pair are looked for in one
 * namespace first, then anywhere. What fits several is told as several.
 */
import type { InterfaceInfo } from '../../shared/capture.ts';
import type { DeviceName } from '../../shared/monitor-api.ts';

type Known = Pick<InterfaceInfo, 'ifindex' | 'ifname' | 'netns'>;
/** More than this are not worth reading. */
const TOLD = 3;

export function devicePair(from: number, to: number, interfaces: readonly Known[]): [DeviceName, DeviceName] {
  const space = (info: Known) => info.netns ?? '';
  const starts = interfaces.filter(({ ifindex }) => ifindex === from);
  const ends = interfaces.filter(({ ifindex }) => ifindex === to);
  const shared = new Set(starts.map(space).filter((name) => ends.some((end) => space(end) === name)));
  const near = (found: Known[]) => (shared.size > 0 ? found.filter((info) => shared.has(space(info))) : found);
  return [device(from, near(starts)), device(to, near(ends))];
}

function device(ifindex: number, found: readonly Known[]): DeviceName {
  if (ifindex === 0) return { ifindex, text: 'none' };
  if (found.length === 0) return { ifindex, text: `#${ifindex} (namespace unknown)` };
  const names = found.slice(0, TOLD).map(({ ifname, netns }) => (netns ? `${ifname} (netns ${netns})` : ifname));
  if (found.length > TOLD) names.push(`${found.length - TOLD} more`);
  return { ifindex, text: names.join(' or ') };
}
