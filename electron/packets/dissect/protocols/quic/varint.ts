/** Variable-length integers (RFC 9000 §16). */
import { u16, u32 } from '../../bytes.ts';
import type { Cursor } from '../../cursor.ts';
import type { Extra } from '../../dissection.ts';
import type { Field } from '../../field.ts';

/** Undefined when it is not wholly there. Values beyond 2^53 are rounded: no length or number that can be right is that large. */
export function varint(
  bytes: Uint8Array,
  at: number,
  end: number,
): { value: number; length: 1 | 2 | 4 | 8 } | undefined {
  if (at >= end) return undefined;
  const first = bytes[at]!;
  const length = (1 << (first >> 6)) as 1 | 2 | 4 | 8;
  if (at + length > end) return undefined;
  if (length === 1) return { value: first & 0x3f, length };
  if (length === 2) return { value: u16(bytes, at) & 0x3fff, length };
  if (length === 4) return { value: u32(bytes, at) & 0x3fffffff, length };
  return { value: (u32(bytes, at) & 0x3fffffff) * 2 ** 32 + u32(bytes, at + 4), length };
}

/** Shows the integer at the cursor and moves past it; 0 when it is cut. */
export function showVarint(c: Cursor, field: Field, extra?: Extra): number {
  const found = varint(c.bytes, c.at, c.end);
  if (!found) {
    c.at = c.end;
    return 0;
  }
  c.out.value(field, c.at, found.length, BigInt(found.value), extra);
  c.at += found.length;
  return found.value;
}
