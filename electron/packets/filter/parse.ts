/**
 * Wireshark 4's display filter grammar (wireshark-filter(4)): `not` binds tighter than `and`, that tighter than `xor` and `or`; relations may be
 * chained ("1 < tcp.len < 9"); braces group arithmetic.
 */
import { saidHere } from './capture-words.ts';
import { FilterError } from './error.ts';
import type { Quantifier, Relation, SetItem, Slice, Test, Value } from './syntax.ts';
import { type Token, tokens } from './tokens.ts';

const RELATIONS = new Set(['==', '!=', '===', '!==', '>', '<', '>=', '<=', 'contains', 'matches']);
/** Each step of nesting costs stack: more than anybody writes. */
const MAX_DEPTH = 200;
const MAX_LENGTH = 1 << 20;
const FIELD = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Throws FilterError. `isField` decides whether a word is a field or a literal. */
export function parse(text: string, isField: (name: string) => boolean): Test {
  try {
    return new Parser(text, isField).whole();
  } catch (error) {
    const here = error instanceof FilterError ? saidHere(text) : undefined;
    if (here === undefined) throw error;
    const { message, at, length } = error as FilterError;
    throw new FilterError(`${message}; this is how capture filters are written, here it is ${here}`, at, length);
  }
}

class Parser {
  readonly #text: string;
  readonly #tokens: Token[];
  readonly #isField: (name: string) => boolean;
  #next = 0;
  #depth = 0;

  constructor(text: string, isField: (name: string) => boolean) {
    if (text.length > MAX_LENGTH)
      throw new FilterError(
        `the filter is too long (at most ${MAX_LENGTH} characters)`,
        MAX_LENGTH,
        text.length - MAX_LENGTH,
      );
    this.#text = text;
    this.#tokens = tokens(text);
    this.#isField = isField;
  }

  whole(): Test {
    const test = this.#or();
    if (this.#peek.kind !== 'end') throw this.#unexpected();
    return test;
  }

  get #peek(): Token {
    return this.#tokens[this.#next]!;
  }
  #take(): Token {
    return this.#tokens[this.#next++]!;
  }
  #is(...operators: string[]): boolean {
    const { kind, text } = this.#peek;
    return kind === 'operator' && operators.includes(text);
  }
  #accept(operator: string): boolean {
    if (!this.#is(operator)) return false;
    this.#next++;
    return true;
  }
  #expect(operator: string, what: string): void {
    if (!this.#accept(operator)) throw this.#unexpected(what);
  }
  #unexpected(wanted?: string): FilterError {
    const { kind, text, at, length } = this.#peek;
    const found =
      kind === 'end'
        ? 'the filter ends too early'
        : `"${this.#text.slice(at, at + length) || text}" was not expected here`;
    return new FilterError(wanted ? `${found}: ${wanted} is missing` : found, at, length);
  }
  /** From the start of `at` to the last token taken. */
  #span(at: number): { at: number; length: number } {
    const last = this.#tokens[this.#next - 1]!;
    return { at, length: last.at + last.length - at };
  }
  /** Values that are built on each other cost stack too. */
  #shorter(count: number): true {
    if (count > MAX_DEPTH) throw new FilterError('too many steps in one value', this.#peek.at, this.#peek.length);
    return true;
  }
  #deeper<T>(inner: () => T): T {
    if (++this.#depth > MAX_DEPTH)
      throw new FilterError('the filter is nested too deeply', this.#peek.at, this.#peek.length);
    const result = inner();
    this.#depth--;
    return result;
  }

  #or(): Test {
    return this.#chain('or', '||', () => this.#xor());
  }
  #xor(): Test {
    return this.#chain('xor', '^^', () => this.#and());
  }
  #and(): Test {
    return this.#chain('and', '&&', () => this.#not());
  }
  /** As a tree of little depth: programs write filters with thousands of terms. */
  #chain(kind: 'or' | 'xor' | 'and', operator: string, term: () => Test): Test {
    const terms = [term()];
    while (this.#accept(operator)) terms.push(term());
    const join = (from: number, to: number): Test => {
      if (to - from === 1) return terms[from]!;
      const middle = (from + to + 1) >> 1;
      const left = join(from, middle);
      const right = join(middle, to);
      return { kind, left, right, at: left.at, length: right.at + right.length - left.at };
    };
    return join(0, terms.length);
  }
  #not(): Test {
    const { at } = this.#peek;
    if (this.#accept('!')) return this.#deeper(() => ({ kind: 'not', test: this.#not(), ...this.#span(at) }));
    if (!this.#is('(')) return this.#relation();
    return this.#deeper(() => {
      this.#next++;
      const test = this.#or();
      this.#expect(')', 'a closing parenthesis');
      return test;
    });
  }

  #relation(): Test {
    const { at } = this.#peek;
    let quantifier: Quantifier;
    if (this.#accept('any')) quantifier = 'any';
    else if (this.#accept('all')) quantifier = 'all';
    const left = this.#value();
    const negated =
      this.#is('!') && this.#tokens[this.#next + 1]?.text === 'in' && this.#tokens[this.#next + 1]?.kind === 'operator';
    if (negated) this.#next++;
    if (this.#accept('in'))
      return { kind: 'in', quantifier, value: left, set: this.#set(), negated, ...this.#span(at) };
    if (!this.#isRelation()) {
      if (quantifier) throw this.#unexpected('a comparison');
      return { kind: 'exists', value: left, ...this.#span(at) };
    }
    let test: Test | undefined;
    let low = left;
    for (let count = 1; this.#isRelation(); count++) {
      this.#shorter(count);
      const relation = this.#take().text as Relation;
      const high = this.#value();
      const step: Test = { kind: 'compare', relation, quantifier, left: low, right: high, ...this.#span(at) };
      test = test ? { kind: 'and', left: test, right: step, ...this.#span(at) } : step;
      low = high;
    }
    return test!;
  }

  #isRelation(): boolean {
    return this.#peek.kind === 'operator' && RELATIONS.has(this.#peek.text);
  }

  #set(): SetItem[] {
    this.#expect('{', 'a set in braces');
    const items: SetItem[] = [];
    do {
      // Spaces may stand for commas, as they did in older versions.
      const low = this.#value();
      items.push(this.#accept('..') ? { low, high: this.#value() } : { low });
      this.#accept(',');
    } while (!this.#is('}') && this.#peek.kind !== 'end');
    this.#expect('}', 'a closing brace');
    return items;
  }

  #value(): Value {
    let left = this.#sum();
    for (let count = 1; this.#accept('&') && this.#shorter(count); count++)
      left = { kind: 'arithmetic', operator: '&', left, right: this.#sum(), ...this.#span(left.at) };
    return left;
  }
  #sum(): Value {
    let left = this.#product();
    for (let count = 1; this.#is('+', '-'); count++) {
      this.#shorter(count);
      const operator = this.#take().text as '+' | '-';
      left = { kind: 'arithmetic', operator, left, right: this.#product(), ...this.#span(left.at) };
    }
    return left;
  }
  #product(): Value {
    let left = this.#unary();
    for (let count = 1; this.#is('*', '/', '%'); count++) {
      this.#shorter(count);
      const operator = this.#take().text as '*' | '/' | '%';
      left = { kind: 'arithmetic', operator, left, right: this.#unary(), ...this.#span(left.at) };
    }
    return left;
  }
  #unary(): Value {
    const { at } = this.#peek;
    if (this.#accept('-')) return this.#deeper(() => ({ kind: 'negative', of: this.#unary(), ...this.#span(at) }));
    if (this.#accept('+')) return this.#deeper(() => this.#unary());
    if (this.#accept('{'))
      return this.#deeper(() => {
        const value = this.#value();
        this.#expect('}', 'a closing brace');
        return value;
      });
    return this.#sliced(this.#atom());
  }

  #atom(): Value {
    const raw = this.#accept('@');
    const token = this.#take();
    const { kind, text, at, length } = token;
    if (kind === 'string' || kind === 'char') return { kind, text, at, length };
    if (kind !== 'word') {
      this.#next--;
      throw this.#unexpected('a field or a value');
    }
    if (this.#is('(') && FIELD.test(text)) return this.#call(token);
    const known = this.#isField(text);
    if (!known && !raw) return { kind: 'word', text, at, length };
    if (!known) throw new FilterError(`"${text}" is not a field`, at, length);
    if (!this.#accept('#')) return { kind: 'field', name: text, raw, at, length };
    const layers = this.#is('[') ? this.#slices() : [this.#layer()];
    return { kind: 'field', name: text, layers, raw, ...this.#span(at) };
  }

  #layer(): Slice {
    const { text, at, length } = this.#take();
    const number = /^-?\d+$/.test(text) ? Number(text) : 0;
    if (number === 0) throw new FilterError('a layer is a number from 1 up, or from −1 down', at, length);
    return { start: number, end: number + 1 };
  }

  #call({ text, at }: Token): Value {
    this.#next++;
    const args: Value[] = [];
    if (!this.#is(')'))
      do args.push(this.#deeper(() => this.#value()));
      while (this.#accept(','));
    this.#expect(')', 'a closing parenthesis');
    return { kind: 'call', name: text, args, ...this.#span(at) };
  }

  #sliced(value: Value): Value {
    let of = value;
    for (let count = 1; this.#is('[') && this.#shorter(count); count++)
      of = { kind: 'slice', of, parts: this.#slices(), ...this.#span(of.at) };
    return of;
  }

  /** "[1:2,-1,4-5,:3,3:]": the text between the brackets is read by itself, since its colons and minuses mean something else. */
  #slices(): Slice[] {
    const open = this.#take();
    const close = this.#text.indexOf(']', open.at);
    if (close < 0) throw new FilterError('the closing bracket is missing', open.at, this.#text.length - open.at);
    while (this.#peek.kind !== 'end' && this.#peek.at < close) this.#next++;
    this.#expect(']', 'a closing bracket');
    let at = open.at + 1;
    return this.#text
      .slice(at, close)
      .split(',')
      .map((part) => {
        const found = slice(part.trim());
        if (!found)
          throw new FilterError(
            'a slice is [offset], [offset:length], [first-last], [:length] or [offset:]',
            at,
            part.length || 1,
          );
        at += part.length + 1;
        return found;
      });
  }
}

function slice(part: string): Slice | undefined {
  const pair = /^(-?\d+)\s*:\s*(\d+)$/.exec(part);
  if (pair) {
    const start = Number(pair[1]);
    const end = start + Number(pair[2]);
    return { start, end: start < 0 && end >= 0 ? undefined : end };
  }
  const range = /^(-?\d+)\s*-\s*(-?\d+)$/.exec(part);
  if (range) {
    const last = Number(range[2]);
    return { start: Number(range[1]), end: last === -1 ? undefined : last + 1 };
  }
  const one = /^(-?\d+)$/.exec(part);
  if (one) return { start: Number(one[1]), end: Number(one[1]) === -1 ? undefined : Number(one[1]) + 1 };
  const head = /^:\s*(\d+)$/.exec(part);
  if (head) return { start: 0, end: Number(head[1]) };
  const tail = /^(-?\d+)\s*:$/.exec(part);
  return tail ? { start: Number(tail[1]), end: undefined } : undefined;
}
