/** Fragments of IP datagrams: given to the capture's table, and what shows of a datagram that is whole again. */
import type { Fragment, Whole } from '../state/fragments.ts';
import { f } from './define.ts';
import type { DataSource, Dissection, FieldSink } from './dissection.ts';
import type { Field } from './field.ts';

/** @param identity what tells the datagram apart: addresses, identification, protocol */
export function addFragment(
  d: Dissection,
  identity: string,
  start: number,
  end: number,
  offset: number,
  more: boolean,
): { whole: Whole; source: DataSource } | undefined {
  const { context, bytes } = d;
  if (!context || d.quoting || end > bytes.length) return undefined;
  context.state.joinNamed(`fragments ${identity}`);
  const fragment: Fragment = { number: context.number, offset, bytes: bytes.subarray(start, end) };
  const whole = context.state.fragments.add(identity, fragment, more);
  if (!whole) return undefined;
  const joined = new Uint8Array(start + whole.bytes.length);
  joined.set(bytes.subarray(0, start));
  joined.set(whole.bytes, start);
  return { whole, source: { name: 'Reassembled IP', bytes: joined, prefix: start } };
}

export interface FragmentFields {
  fragments: Field;
  fragment: Field;
  overlap: Field;
  count: Field;
  length: Field;
}

export const fragmentFields = (prefix: string, version: string, type: 'none' | 'bytes'): FragmentFields => ({
  fragments:
    type === 'none'
      ? f.none(`${prefix}.fragments`, `${version} Fragments`)
      : f.bytes(`${prefix}.fragments`, `${version} Fragments`),
  fragment: f.u32(`${prefix}.fragment`, `${version} Fragment`),
  overlap: { ...f.flag(`${prefix}.fragment.overlap`, 'Fragment overlap'), bits: 0 },
  count: f.u32(`${prefix}.fragment.count`, 'Fragment count'),
  length: f.u32(`${prefix}.reassembled.length`, `Reassembled ${version} length`),
});

export function emitFragments(
  { bytes, fragments, overlap }: Whole,
  at: number,
  F: FragmentFields,
  title: string,
  out: FieldSink,
): void {
  const sorted = fragments.toSorted((a, b) => a.offset - b.offset);
  const list = sorted.map((part) => `#${part.number}(${part.bytes.length})`).join(', ');
  const label = `${sorted.length} ${title} Fragments (${bytes.length} bytes): ${list}`;
  out.open(F.fragments, at, 0, F.fragments.type === 'none' ? null : bytes, { label, generated: true });
  for (const part of sorted)
    out.value(F.fragment, at, 0, part.number, {
      label: `Frame: ${part.number}, payload: ${part.offset}-${part.offset + part.bytes.length - 1} (${part.bytes.length} bytes)`,
      generated: true,
    });
  if (overlap) out.value(F.overlap, at, 0, true, { generated: true });
  out.value(F.count, at, 0, sorted.length, { generated: true });
  out.value(F.length, at, 0, bytes.length, { generated: true });
  out.close();
}
