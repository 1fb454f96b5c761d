/** Bytes that no dissector claims. */
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';

const FIELDS = {
  data: { name: 'data.data', title: 'Data', type: 'bytes' },
  len: { name: 'data.len', title: 'Length', type: 'int32' },
} satisfies Record<string, Field>;

function size(d: Dissection, layer: Layer): number {
  return Math.max(0, d.capturedEnd(layer) - layer.start);
}

export const data: Protocol = {
  name: 'data',
  column: 'Data',
  title: 'Data',
  tint: 'other',
  minLength: 0,
  binds: {},
  fields: FIELDS,

  walk(d, layer) {
    layer.headerLength = size(d, layer);
    return undefined;
  },

  label(d, layer) {
    const length = size(d, layer);
    return `Data (${length} byte${length === 1 ? '' : 's'})`;
  },

  emit(d, layer, out) {
    const length = size(d, layer);
    out.item(FIELDS.data, layer.start, length);
    out.value(FIELDS.len, layer.start, 0, length, { generated: true });
  },
};

/** `data` for the captured bytes from `start` to `end`, or nothing when there are none. */
export function rest(d: Dissection, start: number, end: number, within?: Layer): Protocol | undefined {
  if (start >= Math.min(end, d.bytes.length)) return undefined;
  d.follow(start, end, within);
  return data;
}
