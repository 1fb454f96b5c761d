/** The text of a regular expression → its tree. PCRE's syntax as far as it can be matched in linear time; everything else is refused by name. */
import { encodeUtf8 } from '../../text/utf8.ts';
import { escapedClass, posixClass } from './classes.ts';
import { type ByteSet, caseless, emptySet, inverted, type Node, RegexError, setOf } from './syntax.ts';

/** Each group costs stack. */
const MAX_DEPTH = 100;
/** Largest count in braces; PCRE's limit is 65535, but nothing that long can be compiled anyway. */
const MAX_COUNT = 10_000;
const CONTROLS: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 };

interface Flags {
  /** Case does not count: Wireshark's default. */
  i: boolean;
  /** The dot is a line feed too. */
  s: boolean;
  /** ^ and $ are the ends of lines. */
  m: boolean;
}

/** Throws RegexError. */
export function parseRegex(text: string): Node {
  return new Parser(text).whole();
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #flags: Flags = { i: true, s: false, m: false };

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Node {
    const node = this.#choice();
    if (this.#at < this.#text.length) throw new RegexError('a closing parenthesis has no opening one');
    return node;
  }

  get #next(): string {
    return this.#text[this.#at] ?? '';
  }
  #accept(wanted: string): boolean {
    if (!this.#text.startsWith(wanted, this.#at)) return false;
    this.#at += wanted.length;
    return true;
  }
  #match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text);
    if (!found) return undefined;
    this.#at += found[0].length;
    return found;
  }

  #choice(): Node {
    const parts = [this.#sequence()];
    while (this.#accept('|')) parts.push(this.#sequence());
    return parts.length === 1 ? parts[0]! : { kind: 'choice', parts };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#at < this.#text.length && this.#next !== '|' && this.#next !== ')') parts.push(this.#repeated());
    return { kind: 'sequence', parts };
  }

  #repeated(): Node {
    let node = this.#atom();
    for (;;) {
      const count = this.#count();
      if (!count) return node;
      if (node.kind === 'repeat' && this.#text[this.#at - 1] === '+')
        throw new RegexError('possessive repetition ("++") is not supported');
      node = { kind: 'repeat', of: node, ...count };
      this.#accept('?'); // as few as possible: finds the same
      if (this.#next === '+') throw new RegexError('possessive repetition is not supported');
      if (/[*?]/.test(this.#next)) throw new RegexError(`"${this.#next}" has nothing to repeat`);
    }
  }

  #count(): { min: number; max: number } | undefined {
    if (this.#accept('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#accept('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#accept('?')) return { min: 0, max: 1 };
    const braces = this.#match(/\{(\d+)(,(\d*))?\}/y);
    if (!braces) return undefined;
    const min = Number(braces[1]);
    const max = braces[2] === undefined ? min : braces[3] ? Number(braces[3]) : Number.POSITIVE_INFINITY;
    if (max < min) throw new RegexError(`in ${braces[0]} the numbers are in the wrong order`);
    if (min > MAX_COUNT || (max > MAX_COUNT && max !== Number.POSITIVE_INFINITY))
      throw new RegexError(`${braces[0]} repeats too often (at most ${MAX_COUNT} times)`);
    return { min, max };
  }

  #atom(): Node {
    const c = String.fromCodePoint(this.#text.codePointAt(this.#at)!);
    this.#at += c.length;
    switch (c) {
      case '(':
        return this.#group();
      case '[':
        return this.#set(this.#bracket());
      case '.':
        return { kind: 'set', bytes: setOf(this.#flags.s ? () => true : (byte) => byte !== 10) };
      case '^':
        return { kind: 'assert', what: this.#flags.m ? 'line-start' : 'start' };
      case '$':
        return this.#flags.m ? { kind: 'assert', what: 'line-end' } : LAST_LINE_END;
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        throw new RegexError(`"${c}" has nothing to repeat`);
      default:
        return this.#text_(c);
    }
  }

  /** A character; beyond ASCII it is several bytes. */
  #text_(c: string): Node {
    const parts = [...encodeUtf8(c)].map((byte): Node => this.#byte(byte));
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts };
  }
  #byte(byte: number): Node {
    return this.#set(setOf((other) => other === byte));
  }
  #set(bytes: ByteSet): Node {
    return { kind: 'set', bytes: this.#flags.i ? caseless(bytes) : bytes };
  }

  #group(): Node {
    if (++this.#depth > MAX_DEPTH) throw new RegexError('it is nested too deeply');
    const before = { ...this.#flags };
    const flags = this.#match(/\?([a-z]*)(?:-([a-z]+))?([:)])/y);
    if (flags) {
      this.#setFlags(flags[1]!, flags[2] ?? '');
      if (flags[3] === ')') {
        this.#depth--;
        return { kind: 'empty' }; // holds to the end of the group around it
      }
    } else if (this.#accept('?#')) {
      if (!this.#match(/[^)]*\)/y)) throw new RegexError('a closing parenthesis is missing');
      this.#depth--;
      return { kind: 'empty' };
    } else if (this.#next === '?' && !this.#match(/\?(?:P?<[A-Za-z_]\w*>|'[A-Za-z_]\w*')/y))
      throw new RegexError(
        /^\?<?[=!]/.test(this.#text.slice(this.#at))
          ? `looking around ${CANNOT}`
          : `a group "(${this.#text.slice(this.#at, this.#at + 2)}" ${CANNOT}`,
      );
    const node = this.#choice();
    if (!this.#accept(')')) throw new RegexError('a closing parenthesis is missing');
    this.#flags = before;
    this.#depth--;
    return node;
  }

  #setFlags(on: string, off: string): void {
    const flags = { ...this.#flags };
    for (const [letters, value] of [
      [on, true],
      [off, false],
    ] as const)
      for (const letter of letters) {
        if (letter !== 'i' && letter !== 's' && letter !== 'm')
          throw new RegexError(`the flag "${letter}" is not known (i, m and s are)`);
        flags[letter] = value;
      }
    this.#flags = flags;
  }

  #escape(): Node {
    const letter = this.#next;
    if (letter === '') throw new RegexError('a backslash is the last character');
    const assertion = ASSERTIONS[letter];
    if (assertion) {
      this.#at++;
      return assertion;
    }
    if (/[1-9]/.test(letter)) throw new RegexError(`a reference to a group (\\${letter}) ${CANNOT}`);
    const set = this.#escapedSet();
    return typeof set === 'number'
      ? set > 0xff
        ? this.#text_(String.fromCodePoint(set))
        : this.#byte(set)
      : this.#set(set);
  }

  /** After a backslash, in brackets or not: a byte (or the number of a character beyond) or a class. */
  #escapedSet(): ByteSet | number {
    const code = this.#match(/x\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{0,2})|(0[0-7]{0,2})|o\{([0-7]{1,7})\}/y);
    if (code) {
      const value = code[3] ?? code[4];
      const number = value === undefined ? Number.parseInt(code[1] ?? (code[2] || '0'), 16) : Number.parseInt(value, 8);
      if (number > 0x10ffff) throw new RegexError(`\\${code[0]} is no character`);
      return number;
    }
    const c = String.fromCodePoint(this.#text.codePointAt(this.#at)!);
    this.#at += c.length;
    const known = escapedClass(c) ?? CONTROLS[c];
    if (known !== undefined) return known;
    if (/[A-Za-z]/.test(c)) throw new RegexError(`"\\${c}" ${CANNOT}`);
    return c.codePointAt(0)!;
  }

  #bracket(): ByteSet {
    const negated = this.#accept('^');
    const set = emptySet();
    for (let first = true; first || this.#next !== ']'; first = false) {
      if (this.#next === '') throw new RegexError('a closing bracket is missing');
      const low = this.#member();
      if (typeof low !== 'number') {
        for (const [byte, on] of low.entries()) set[byte]! |= on;
        continue;
      }
      const ranged = this.#next === '-' && this.#text[this.#at + 1] !== ']' && this.#text[this.#at + 1] !== undefined;
      if (ranged) this.#at++;
      const high = ranged ? this.#member() : low;
      if (typeof high !== 'number') throw new RegexError('a range in brackets ends with a class');
      if (high < low) throw new RegexError('a range in brackets is in the wrong order');
      if (high > 0x7f && (low !== high || low > 0xff)) this.#wide(low, high, set);
      else for (let byte = low; byte <= high; byte++) set[byte] = 1;
    }
    this.#at++;
    return negated ? inverted(this.#flags.i ? caseless(set) : set) : set;
  }

  /** Bytes beyond ASCII are bytes; a character there is several, which brackets cannot tell apart. */
  #wide(low: number, high: number, set: ByteSet): void {
    if (high > 0xff) throw new RegexError('characters beyond ASCII cannot be in brackets: write (ä|ö)');
    for (let byte = low; byte <= high; byte++) set[byte] = 1;
  }

  #member(): ByteSet | number {
    const named = this.#match(/\[:(\^?)([a-z]+):\]/y);
    if (named) {
      const known = posixClass(named[2]!);
      if (!known) throw new RegexError(`there is no class ${named[0]}`);
      return named[1] ? inverted(known) : known;
    }
    if (this.#accept('\\')) {
      if (this.#accept('b')) return 8;
      return this.#escapedSet();
    }
    const c = this.#text.codePointAt(this.#at)!;
    this.#at += c > 0xffff ? 2 : 1;
    if (c > 0x7f) throw new RegexError('characters beyond ASCII cannot be in brackets: write (ä|ö)');
    return c;
  }
}

const CANNOT = 'is not supported: expressions are matched without going back, in linear time';

/** The end, or before a line feed that ends the text. */
const LAST_LINE_END: Node = {
  kind: 'sequence',
  parts: [
    { kind: 'repeat', of: { kind: 'set', bytes: setOf((byte) => byte === 10) }, min: 0, max: 1 },
    { kind: 'assert', what: 'end' },
  ],
};

const ASSERTIONS: Readonly<Record<string, Node>> = {
  b: { kind: 'assert', what: 'word-edge' },
  B: { kind: 'assert', what: 'no-word-edge' },
  A: { kind: 'assert', what: 'start' },
  z: { kind: 'assert', what: 'end' },
  Z: LAST_LINE_END,
};
