/**
 * Display filters: Wireshark 4's language over the field registry. Compiled once, then asked of one packet after the other; the rules are those of
 * wireshark-filter(4). Differences: macros are not known, names are not resolved, and regular expressions cannot look around or refer to groups.
 */
import type { Dissection } from '../dissect/dissection.ts';
import { FIELDS, fieldName } from '../dissect/fields.ts';
import type { FrameInfo } from '../dissect/frame.ts';
import { matcher, needsAll, type Pair, pairOf, pairWith, relate } from './compare.ts';
import { type Datum, KIND_WORDS, order } from './datum.ts';
import { FilterError } from './error.ts';
import { Facts } from './facts.ts';
import { type Constant, constant, isLiteral, type Literal } from './literal.ts';
import { parse } from './parse.ts';
import { RegexMatcher } from './regex/matcher.ts';
import { RegexError } from './regex/syntax.ts';
import { similarFields } from './similar.ts';
import type { SetItem, Test, Value } from './syntax.ts';
import { type Source, source } from './values.ts';

export { FilterError } from './error.ts';

export class DisplayFilter {
  readonly text: string;
  /** What the text says. */
  readonly syntax: Test;
  /** Names of the fields and protocols in it. */
  readonly fields: ReadonlySet<string>;
  readonly #facts = new Facts();
  readonly #test: () => boolean;

  /** Throws FilterError. */
  constructor(text: string) {
    this.text = text;
    this.syntax = parse(text, (name) => fieldName(name) !== undefined);
    this.#test = compile(this.syntax, this.#facts);
    this.fields = this.#facts.names;
  }

  test(d: Dissection, frame: FrameInfo): boolean {
    this.#facts.gather(d, frame);
    return this.#test();
  }
}

export type Check = () => boolean;

export function compile(test: Test, facts: Facts): Check {
  switch (test.kind) {
    case 'and': {
      const [a, b] = [compile(test.left, facts), compile(test.right, facts)];
      return () => a() && b();
    }
    case 'or': {
      const [a, b] = [compile(test.left, facts), compile(test.right, facts)];
      return () => a() || b();
    }
    case 'xor': {
      const [a, b] = [compile(test.left, facts), compile(test.right, facts)];
      return () => a() !== b();
    }
    case 'not': {
      const inner = compile(test.test, facts);
      return () => !inner();
    }
    case 'exists':
      return exists(test.value, facts);
    case 'in':
      return membership(test, facts);
    default:
      return comparison(test, facts);
  }
}

function exists(value: Value, facts: Facts): Check {
  const found = fromPacket(value, facts);
  if (value.kind === 'arithmetic') return () => found.get().some(notZero);
  return () => found.get().length > 0;
}

const notZero = (value: Datum) => (typeof value === 'object' ? value.some((byte) => byte !== 0) : Number(value) !== 0);

/** A value that must come from the packet. */
function fromPacket(value: Value, facts: Facts): Source {
  if (!isLiteral(value)) return source(value, facts);
  const { text, at, length } = value;
  if (value.kind !== 'word') throw new FilterError('a text alone is no test: compare a field with it', at, length);
  const like = similarFields(text, FIELDS.keys());
  const guess = like ? `; did you mean ${like}?` : '';
  throw new FilterError(`there is no field or protocol "${text}"${guess}`, at, length);
}

function comparison(test: Extract<Test, { kind: 'compare' }>, facts: Facts): Check {
  const { relation, quantifier, left, right } = test;
  const all = needsAll(relation, quantifier);
  if (isLiteral(left) && isLiteral(right)) fromPacket(left, facts); // says what is wrong
  if (relation === 'matches') return regular(test, facts, all);
  if (isLiteral(left)) {
    const of = source(right, facts);
    const value = [constant(left, of.kind, of.fields).value];
    const pair = pairOf(relation);
    return () => relate(value, of.get(), pair, all);
  }
  const from = source(left, facts);
  mayBe(relation, from, left);
  if (isLiteral(right)) return withConstant(from, right, relation, all, left);
  const to = source(right, facts);
  if (!comparable(from, to))
    throw new FilterError(
      `${KIND_WORDS[from.kind]} cannot be compared with ${KIND_WORDS[to.kind]}`,
      right.at,
      right.length,
    );
  const pair = pairOf(relation);
  return () => relate(from.get(), to.get(), pair, all);
}

const BYTES = ['bytes', 'ether', 'ipv6'];
function comparable(a: Source, b: Source): boolean {
  if (a.kind === b.kind) return true;
  if (BYTES.includes(a.kind) && BYTES.includes(b.kind)) return a.kind === 'bytes' || b.kind === 'bytes';
  return ['number', 'boolean'].includes(a.kind) && ['number', 'boolean'].includes(b.kind);
}

function mayBe(relation: string, from: Source, { at, length }: Value): void {
  if (from.kind === 'none') throw new FilterError('this field has no value: it is there or not', at, length);
  if (relation === 'contains' && !['string', ...BYTES].includes(from.kind))
    throw new FilterError(`"contains" looks into text or bytes, and this is ${KIND_WORDS[from.kind]}`, at, length);
}

function withConstant(
  from: Source,
  literal: Literal,
  relation: Extract<Test, { kind: 'compare' }>['relation'],
  all: boolean,
  left: Value,
): Check {
  if (relation === 'matches') throw new FilterError('a regular expression belongs in quotes', left.at, left.length);
  if (relation === 'contains') {
    const kind = from.kind === 'string' ? 'string' : 'bytes';
    const value = [constant(literal, kind, from.fields).value];
    return () => relate(from.get(), value, pairOf('contains'), all);
  }
  const found = constant(literal, from.kind, from.fields);
  const pair = pairWith(relation, found);
  const value = found.value;
  if (all) return () => relate(from.get(), [value], pair, true);
  return () => anyOf(from.get(), value, pair);
}

/** The common case without an array for the constant. */
function anyOf(values: readonly Datum[], value: Datum, pair: Pair): boolean {
  for (const found of values) if (pair(found, value)) return true;
  return false;
}

function regular({ left, right }: Extract<Test, { kind: 'compare' }>, facts: Facts, all: boolean): Check {
  const from = fromPacket(left, facts);
  if (!['string', 'bytes'].includes(from.kind))
    throw new FilterError(
      `"matches" looks into text or bytes, and this is ${KIND_WORDS[from.kind]}`,
      left.at,
      left.length,
    );
  if (right.kind !== 'string' && right.kind !== 'word')
    throw new FilterError('"matches" needs a regular expression in quotes', right.at, right.length);
  const matches = matcher(expression(right));
  return () => relate(from.get(), [1], matches, all);
}

/** Case does not count, as in Wireshark. */
function expression({ text, at, length }: Literal): RegexMatcher {
  try {
    return new RegexMatcher(text);
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    throw new FilterError(`not a regular expression that can be used: ${error.message}`, at, length);
  }
}

function membership({ value, set, negated, quantifier }: Extract<Test, { kind: 'in' }>, facts: Facts): Check {
  const from = fromPacket(value, facts);
  mayBe('in', from, value);
  const tests = set.map((item) => setTest(item, from));
  const one = (found: Datum) => tests.some((test) => test(found));
  const all = quantifier === 'all';
  const inSet = () => {
    const values = from.get();
    return values.length > 0 && (all ? values.every(one) : values.some(one));
  };
  return negated ? () => !inSet() : inSet;
}

function setTest({ low, high }: SetItem, from: Source): (value: Datum) => boolean {
  const literal = (item: Value): Constant => {
    if (isLiteral(item)) return constant(item, from.kind, from.fields);
    if (item.kind === 'negative' && isLiteral(item.of))
      return constant({ ...item.of, text: `-${item.of.text}` }, from.kind, from.fields);
    throw new FilterError('a set holds values, not fields', item.at, item.length);
  };
  const first = literal(low);
  if (!high) {
    const pair = pairWith('==', first);
    return (value) => pair(value, first.value);
  }
  const last = literal(high);
  if (order(first.value, last.value) > 0)
    throw new FilterError('the range is empty: its end is before its start', low.at, high.at + high.length - low.at);
  return (value) => order(value, first.value) >= 0 && order(value, last.value) <= 0;
}
