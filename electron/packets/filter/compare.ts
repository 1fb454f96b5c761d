/** Relations between the values of two sides: which pairs must hold, and how one pair is compared. */
import { contains, type Datum, order, orderBytes, same } from './datum.ts';
import type { Constant } from './literal.ts';
import type { RegexMatcher } from './regex/matcher.ts';
import type { Quantifier, Relation } from './syntax.ts';

export type Pair = (left: Datum, right: Datum) => boolean;

const PAIRS: Record<Exclude<Relation, 'matches'>, Pair> = {
  '==': same,
  '===': same,
  '!=': (a, b) => !same(a, b),
  '!==': (a, b) => !same(a, b),
  '>': (a, b) => order(a, b) > 0,
  '<': (a, b) => order(a, b) < 0,
  '>=': (a, b) => order(a, b) >= 0,
  '<=': (a, b) => order(a, b) <= 0,
  contains,
};

/** Wireshark's defaults: "==" is true for any value, "!=" only if it is for all of them, "===" and "!==" the other way round. */
export function needsAll(relation: Relation, quantifier: Quantifier): boolean {
  if (quantifier !== undefined) return quantifier === 'all';
  return relation === '!=' || relation === '===';
}

export function pairOf(relation: Exclude<Relation, 'matches'>): Pair {
  return PAIRS[relation];
}

/** With an address prefix only its bits count, on both sides. */
export function pairWith(relation: Exclude<Relation, 'matches'>, { prefix, value }: Constant): Pair {
  const plain = PAIRS[relation];
  if (prefix === undefined) return plain;
  if (typeof value === 'number') {
    const size = 2 ** (32 - prefix);
    return (a, b) => plain(Math.floor((a as number) / size), Math.floor((b as number) / size));
  }
  return (a, b) => {
    const found = orderBytes(masked(a as Uint8Array, prefix), masked(b as Uint8Array, prefix));
    return plain(found, 0);
  };
}

function masked(bytes: Uint8Array, prefix: number): Uint8Array {
  return bytes.map((byte, i) => byte & (0xff00 >> Math.max(0, Math.min(8, prefix - 8 * i))));
}

export function matcher(expression: RegexMatcher): (value: Datum) => boolean {
  return (value) => (typeof value === 'object' ? expression.test(value) : expression.testText(String(value)));
}

/** True if `test` holds for one pair, or with `all` for every pair; never without values on both sides. */
export function relate(left: readonly Datum[], right: readonly Datum[], pair: Pair, all: boolean): boolean {
  if (left.length === 0 || right.length === 0) return false;
  for (const a of left) for (const b of right) if (pair(a, b) !== all) return !all;
  return all;
}
