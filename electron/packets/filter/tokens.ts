/**
 * Display filter text → tokens. A word is everything that Wireshark takes for one: field names, numbers, addresses, byte strings
 * ("00:11:22"), so a minus or a colon inside a word belongs to it and arithmetic needs spaces around it.
 */
import { FilterError } from './error.ts';

export type TokenKind = 'word' | 'string' | 'char' | 'operator' | 'end';

export interface Token {
  kind: TokenKind;
  /** Operators in their one spelling ("and" → "&&"); strings without quotes, escapes resolved. */
  text: string;
  /** UTF-16 position in the filter. */
  at: number;
  length: number;
}

/** Longest first. */
const SIGNS = ['===', '!==', '==', '!=', '~=', '>=', '<=', '&&', '||', '^^', '..', '@', '>', '<', '!', '~'].concat([
  ...'()[]{},#&+-*/%:',
]);
const WORDS: Record<string, string> = {
  and: '&&',
  or: '||',
  xor: '^^',
  not: '!',
  eq: '==',
  any_eq: '==',
  ne: '!=',
  all_ne: '!=',
  any_ne: '!==',
  all_eq: '===',
  gt: '>',
  lt: '<',
  ge: '>=',
  le: '<=',
  bitand: '&',
  bitwise_and: '&',
  contains: 'contains',
  matches: 'matches',
  in: 'in',
  any: 'any',
  all: 'all',
};
const SAME: Record<string, string> = { '~=': '!==', '~': 'matches' };
const WORD = /[A-Za-z0-9_.:/-]/;

export function tokens(text: string): Token[] {
  const found: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const token = /\s/.test(text[at]!) ? undefined : tokenAt(text, at);
    if (token) found.push(token);
    at += token?.length ?? 1;
  }
  found.push({ kind: 'end', text: '', at: text.length, length: 0 });
  return found;
}

function tokenAt(text: string, at: number): Token {
  const c = text[at]!;
  if (c === '"') return quoted(text, at, at, '"', false);
  if (c === "'") return { ...quoted(text, at, at, "'", false), kind: 'char' };
  if ((c === 'r' || c === 'R') && text[at + 1] === '"') return quoted(text, at, at + 1, '"', true);
  if (WORD.test(c) && !/[-/]/.test(c) && (c !== ':' || text[at + 1] === ':') && !text.startsWith('..', at))
    return word(text, at);
  for (const sign of SIGNS)
    if (text.startsWith(sign, at)) return { kind: 'operator', text: SAME[sign] ?? sign, at, length: sign.length };
  if (c === '=') throw new FilterError('"=" is not an operator: equality is "=="', at, 1);
  throw new FilterError(`"${c}" has no meaning here`, at, 1);
}

function word(text: string, at: number): Token {
  let end = at;
  while (end < text.length && WORD.test(text[end]!)) {
    if (text.startsWith('..', end)) break; // a range
    // Inside an index: "[1:2]" and "[1-2]" are positions, not a word.
    end++;
  }
  while (end > at + 1 && /[-/]/.test(text[end - 1]!)) end--;
  const said = text.slice(at, end);
  const operator = WORDS[said.toLowerCase()];
  if (operator !== undefined && said === said.toLowerCase())
    return { kind: 'operator', text: operator, at, length: end - at };
  return { kind: 'word', text: said, at, length: end - at };
}

const ESCAPES: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** Text between quotes; the closing one may be missing, which is an error with the place of the opening one. */
function quoted(text: string, at: number, open: number, quote: string, raw: boolean): Token {
  let out = '';
  for (let i = open + 1; i < text.length; i++) {
    const c = text[i]!;
    if (c === quote) return { kind: 'string', text: out, at, length: i + 1 - at };
    if (c !== '\\' || raw) {
      out += c;
      continue;
    }
    const code = /^\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3}))/.exec(text.slice(i));
    if (code) {
      out += String.fromCharCode(
        code[1] === undefined ? Number.parseInt(code[2]!, 8) & 0xff : Number.parseInt(code[1], 16),
      );
      i += code[0].length - 1;
      continue;
    }
    // Unknown escapes stay as they are: regular expressions are full of them.
    const next = text[++i] ?? '';
    out += ESCAPES[next] ?? `\\${next}`;
  }
  throw new FilterError('the closing quote is missing', at, text.length - at);
}
