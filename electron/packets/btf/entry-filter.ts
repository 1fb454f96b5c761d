/**
 * Filters over the entries of a map: `value.packets > 100 && key.proto == TCP`, `comm contains "ssh"`, or just a word that stands in the entry.
 * Text → a predicate over bytes; numbers and names are compared without decoding. What cannot be understood is an error that points at its place.
 */
import { XdpeekError } from '../../shared/errors.ts';
import type { CType } from '../../shared/workbench-api.ts';
import { asRead, type Member, memberAt, type NumberReader, numberReader, type Root, summed } from './members.ts';

/** One entry: where its key and its value begin. The same object is moved from entry to entry. */
export interface EntryPlace {
  keys: Uint8Array;
  keyAt: number;
  values: Uint8Array;
  valueAt: number;
}
export type EntryTest = (entry: EntryPlace) => boolean;

/** What a filter needs to know of its map. */
export interface FilterSubject {
  types: Record<Root, CType>;
  /** Per-CPU maps: values an entry, and bytes from one to the next. */
  cpus: number;
  stride: number;
  /** All of an entry, or one member of it, as people read it. */
  text(entry: EntryPlace, member?: Member): string;
}

interface Token {
  kind: 'word' | 'text' | 'operator' | 'end';
  text: string;
  offset: number;
  length: number;
}

const TOKENS = /\s*(?:("(?:[^"\\]|\\.)*")|(&&|\|\||==|!=|<=|>=|[<>!()~=])|([^\s"&|=!<>()~]+))/y;
const COMPARISONS = ['==', '=', '!=', '<', '<=', '>', '>=', '~', 'contains'];
const MAX_DEPTH = 32;

export function compileEntryFilter(text: string, subject: FilterSubject): EntryTest {
  return new Parser(text, subject).whole();
}

class Parser {
  readonly #text: string;
  readonly #subject: FilterSubject;
  readonly #tokens: Token[] = [];
  #at = 0;
  #depth = 0;

  constructor(text: string, subject: FilterSubject) {
    this.#text = text;
    this.#subject = subject;
    let offset = 0;
    for (;;) {
      TOKENS.lastIndex = offset;
      const found = TOKENS.exec(text);
      if (!found) break;
      offset = TOKENS.lastIndex;
      const token = found[1] ?? found[2] ?? found[3]!;
      const kind = found[1] !== undefined ? 'text' : found[2] !== undefined ? 'operator' : 'word';
      this.#tokens.push({ kind, text: token, offset: offset - token.length, length: token.length });
    }
    const rest = text.slice(offset).search(/\S/);
    if (rest >= 0)
      throw this.#wrong('cannot be understood', { kind: 'end', text: '', offset: offset + rest, length: 1 });
    this.#tokens.push({ kind: 'end', text: '', offset: text.length, length: 0 });
  }

  whole(): EntryTest {
    const test = this.#any();
    if (this.#next.kind !== 'end') throw this.#wrong(`"${this.#next.text}" is not expected here`, this.#next);
    return test;
  }

  get #next(): Token {
    return this.#tokens[this.#at]!;
  }

  #take(): Token {
    const token = this.#next;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  #isNext(...words: string[]): boolean {
    return this.#next.kind !== 'text' && words.includes(this.#next.text);
  }

  #wrong(why: string, { offset, length }: Token): XdpeekError {
    return new XdpeekError({
      code: 'FILTER',
      message: `the filter ${why}`,
      tried: this.#text,
      hint: 'For example: value.packets > 100 && key.port == 443, or a word to look for.',
      place: { offset, length },
    });
  }

  #any(): EntryTest {
    let left = this.#all();
    while (this.#isNext('||', 'or')) {
      this.#take();
      const [a, b] = [left, this.#all()];
      left = (entry) => a(entry) || b(entry);
    }
    return left;
  }

  #all(): EntryTest {
    let left = this.#one();
    while (this.#isNext('&&', 'and')) {
      this.#take();
      const [a, b] = [left, this.#one()];
      left = (entry) => a(entry) && b(entry);
    }
    return left;
  }

  #one(): EntryTest {
    if (++this.#depth > MAX_DEPTH) throw this.#wrong('is nested too deeply', this.#next);
    try {
      if (this.#isNext('!', 'not')) {
        this.#take();
        const inner = this.#one();
        return (entry) => !inner(entry);
      }
      if (this.#isNext('(')) {
        this.#take();
        const inner = this.#any();
        if (!this.#isNext(')')) throw this.#wrong('lacks a closing parenthesis', this.#next);
        this.#take();
        return inner;
      }
      return this.#term();
    } finally {
      this.#depth--;
    }
  }

  #term(): EntryTest {
    const first = this.#take();
    if (first.kind === 'end') throw this.#wrong('ends too early', first);
    if (first.kind === 'operator') throw this.#wrong(`has "${first.text}" where a member or a word belongs`, first);
    if (!this.#isNext(...COMPARISONS)) return containing(this.#subject, plain(first));
    const operator = this.#take();
    const literal = this.#take();
    if (literal.kind !== 'word' && literal.kind !== 'text')
      throw this.#wrong(`lacks a value behind "${operator.text}"`, literal);
    const member = memberAt(this.#subject.types, first.text);
    if (!member) throw this.#wrong(`names "${first.text}", which this map has not`, first);
    if (operator.text === '~' || operator.text === 'contains') return containing(this.#subject, plain(literal), member);
    return this.#compare(member, operator.text, literal);
  }

  #compare(member: Member, operator: string, literal: Token): EntryTest {
    const reader = numberReader(member);
    if (!reader) return this.#compareText(member, operator, literal);
    const { cpus, stride } = this.#subject;
    const read =
      member.root === 'value' && cpus > 1 && member.type.kind !== 'enum' ? summed(reader, cpus, stride) : reader;
    const place = (entry: EntryPlace): [Uint8Array, number] =>
      member.root === 'key' ? [entry.keys, entry.keyAt] : [entry.values, entry.valueAt];
    const constant = this.#constant(member, read, literal);
    const difference = (entry: EntryPlace): number => {
      const [bytes, at] = place(entry);
      const high = read.high(bytes, at) - constant.high;
      return high !== 0 ? high : read.low(bytes, at) - constant.low;
    };
    return ordered(operator, difference);
  }

  #constant(member: Member, read: NumberReader, literal: Token): { high: number; low: number } {
    const { type } = member;
    const text = plain(literal);
    if (type.kind === 'float' && text.trim() !== '' && !Number.isNaN(Number(text)))
      return { high: 0, low: Number(text) };
    const named = type.kind === 'enum' ? type.values.find(({ name }) => name === text)?.value : undefined;
    const word = named ?? ({ true: '1', false: '0' } as Record<string, string>)[text] ?? text;
    const quad = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(word);
    // An address in a 32-bit number: its bytes as they lie in memory.
    if (quad && member.bits === 32) {
      const [a, b, c, d] = quad.slice(1).map(Number) as [number, number, number, number];
      return { high: 0, low: (a | (b << 8) | (c << 16) | (d << 24)) >>> 0 };
    }
    if (!/^-?(0x[0-9a-fA-F]{1,32}|\d{1,40})$/.test(word)) {
      const expected = type.kind === 'enum' ? `a name of ${type.name} or a number` : 'a number';
      throw this.#wrong(`compares ${member.path} with "${text}", which is not ${expected}`, literal);
    }
    return asRead(read, word.startsWith('-') ? -BigInt(word.slice(1)) : BigInt(word));
  }

  #compareText(member: Member, operator: string, literal: Token): EntryTest {
    const wanted = plain(literal);
    const bytes = wanted.replace(/^0x/, '').replace(/:/g, '').toLowerCase();
    const { text } = this.#subject;
    const of = (entry: EntryPlace) => unquoted(text(entry, member));
    return ordered(operator, (entry) => {
      const found = of(entry);
      return found === wanted || found === bytes ? 0 : found < wanted ? -1 : 1;
    });
  }
}

const plain = ({ kind, text }: Token): string => (kind === 'text' ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text);
const unquoted = (text: string) => (/^".*"$/s.test(text) ? text.slice(1, -1) : text);

function containing({ text }: FilterSubject, wanted: string, member?: Member): EntryTest {
  const lower = wanted.toLowerCase();
  return (entry) => text(entry, member).toLowerCase().includes(lower);
}

function ordered(operator: string, difference: (entry: EntryPlace) => number): EntryTest {
  switch (operator) {
    case '!=':
      return (entry) => difference(entry) !== 0;
    case '<':
      return (entry) => difference(entry) < 0;
    case '<=':
      return (entry) => difference(entry) <= 0;
    case '>':
      return (entry) => difference(entry) > 0;
    case '>=':
      return (entry) => difference(entry) >= 0;
    default:
      return (entry) => difference(entry) === 0;
  }
}
