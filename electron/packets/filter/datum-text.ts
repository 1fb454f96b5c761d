/** Values of a filter as string() gives them: what `-T fields` would print. */
import type { Field } from '../dissect/field.ts';
import { valueText } from '../dissect/field-text.ts';
import { hexText, ipv4Text, ipv6Text, macText } from '../dissect/text.ts';
import type { Datum, Kind } from './datum.ts';

export function datumText(value: Datum, kind: Kind, fields: readonly Field[]): string {
  if (kind === 'ipv4') {
    const address = Number(value);
    return ipv4Text(Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address), 0);
  }
  if (typeof value === 'object') {
    if (kind === 'ipv6' && value.length === 16) return ipv6Text(value, 0);
    return kind === 'ether' && value.length === 6 ? macText(value, 0) : hexText(value, 0, value.length);
  }
  return fields[0] && typeof value !== 'string' ? valueText(fields[0], value) : String(value);
}
