/**
 * Verdicts that a program counts itself, in the way that has become usual: an array of five, one an xdp_action, with packets (and bytes) in each. Ours
 * and those of xdp-tools do. Pure.
 */
import type { Verdict } from '../../../electron/shared/capture.ts';
import type { MapDetail, MapEntry } from '../../../electron/shared/map-api.ts';
import type { CType, CValue } from '../../../electron/shared/workbench-api.ts';

/** Packets by enum xdp_action. */
export type VerdictCounts = readonly [number, number, number, number, number];
export const ACTIONS: readonly Verdict[] = ['aborted', 'drop', 'pass', 'tx', 'redirect'];

export function countsVerdicts({ map, valueType }: Pick<MapDetail, 'map' | 'valueType'>): boolean {
  if (map.type !== 'percpu_array' && map.type !== 'array') return false;
  if (map.maxEntries !== ACTIONS.length || !/verdict|stat|action|xdp/i.test(map.name)) return false;
  const { kind, bytes } = valueType;
  return kind === 'struct' || (kind === 'int' && bytes === 8) || (kind === 'bytes' && (bytes === 8 || bytes === 16));
}

export function verdictKey({ keyType }: Pick<MapDetail, 'keyType'>, action: number): CValue {
  // Bytes of this machine's order, where the key has no type.
  return keyType.kind === 'bytes' ? `0${action}000000` : String(action);
}

/** Without types there is no sum over CPUs: it is made here, of the first eight bytes of each one's value. */
export function packetsIn({ value, valueValue }: Pick<MapEntry, 'value' | 'valueValue'>, valueType: CType): number {
  if (valueType.kind !== 'bytes') return packetsOf(valueValue);
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  let packets = 0;
  for (let at = 0; at + 8 <= value.length; at += valueType.bytes) packets += Number(view.getBigUint64(at, true));
  return packets;
}

export function packetsOf(value: CValue): number {
  if (typeof value === 'string') return Number(value) || 0;
  if (Array.isArray(value)) return 0;
  const named = value['packets'] ?? value['rx_packets'] ?? Object.values(value)[0];
  return typeof named === 'string' ? Number(named) || 0 : 0;
}
