/** Short forms for fields, and the parts of a protocol that most have alike. */
import type { Dissection, Layer, Protocol } from './dissection.ts';
import { type Field, type FieldType, SET } from './field.ts';

type More = Omit<Partial<Field>, 'name' | 'title' | 'type'>;
const of =
  (type: FieldType, also: More = {}) =>
  (name: string, title: string, more: More = {}): Field => ({ name, title, type, ...also, ...more });

/** One letter or two a type: tables of fields are long. `x…` print as hexadecimal. */
export const f = {
  u8: of('uint8'),
  u16: of('uint16'),
  u24: of('uint24'),
  u32: of('uint32'),
  u64: of('uint64'),
  i32: of('int32'),
  i64: of('int64'),
  x8: of('uint8', { base: 'hex' }),
  x16: of('uint16', { base: 'hex' }),
  x24: of('uint24', { base: 'hex' }),
  x32: of('uint32', { base: 'hex' }),
  x64: of('uint64', { base: 'hex' }),
  ip4: of('ipv4'),
  ip6: of('ipv6'),
  mac: of('ether'),
  bytes: of('bytes'),
  text: of('string'),
  span: of('relative-time'),
  time: of('absolute-time'),
  flag: of('boolean', { bits: 8 }),
  none: of('none'),
};

/** A bit of a container of `bits` bits. */
export const bit = (
  name: string,
  title: string,
  mask: number,
  bits = 8,
  truth: readonly [string, string] = SET,
): Field => ({ name, title, type: 'boolean', mask, bits, truth });

type Given = Pick<Protocol, 'name' | 'column' | 'title' | 'emit'> & Partial<Protocol>;

/** A protocol that takes all that its carrier has, unless `walk` says otherwise. */
export function protocol(given: Given): Protocol {
  return { tint: 'other', minLength: 0, binds: {}, fields: {}, walk: takeAll, ...given };
}

export function takeAll(d: Dissection, layer: Layer): undefined {
  layer.headerLength = Math.max(0, d.capturedEnd(layer) - layer.start);
  return undefined;
}
