/**
 * Verdicts that a program counts itself, in the way that has become usual: an array of five, one an xdp_action, with packets (and bytes) in each. Ours
 * and those of xdp-tools do. Pure.
 */
import type { Verdict } from '../../../electron/shared/capture.ts';
import type { MapDetail } from '../../../electron/shared/map-api.ts';
import type { CValue } from '../../../electron/shared/workbench-api.ts';

/** Packets by enum xdp_action. */
export type VerdictCounts = readonly [number, number, number, number, number];
export const ACTIONS: readonly Verdict[] = ['aborted', 'drop', 'pass', 'tx', 'redirect'];

export function countsVerdicts({ map, valueType }: Pick<MapDetail, 'map' | 'valueType'>): boolean {
  if (map.type !== 'percpu_array' && map.type !== 'array') return false;
  if (map.maxEntries !== ACTIONS.length || !/verdict|stat|action|xdp/i.test(map.name)) return false;
  return valueType.kind === 'struct' || (valueType.kind === 'int' && valueType.bytes === 8);
}

export function verdictKey({ keyType }: Pick<MapDetail, 'keyType'>, action: number): CValue {
  // Bytes of this machine's order, where the key has no type.
  return keyType.kind === 'bytes' ? `0${action}000000` : String(action);
}

export function packetsOf(value: CValue): number {
  if (typeof value === 'string') return Number(value) || 0;
  if (Array.isArray(value)) return 0;
  const named = value['packets'] ?? value['rx_packets'] ?? Object.values(value)[0];
  return typeof named === 'string' ? Number(named) || 0 : 0;
}
