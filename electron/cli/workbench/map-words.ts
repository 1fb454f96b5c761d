/** Keys and values as people type them: `7`, `packets=5 bytes=600`, `{"port": 443}`, `10.0.0.0/8`, `hex 0a 00`. */
import { fromJson, type Json, parseExactly } from '../../packets/btf/c-json.ts';
import { ValueError } from '../../packets/btf/c-value.ts';
import type { MapShape } from '../../session/workbench/maps/map-shape.ts';
import { isPrefix } from '../../session/workbench/maps/prefix.ts';
import type { XdpeekError } from '../../shared/errors.ts';
import type { CType, CValue } from '../../shared/workbench-api.ts';
import { quoted, usageError } from '../options/usage-error.ts';

const HINT = "Write a number, member=value words, JSON, or hex and its bytes; 'xdpeek map show' lists the members.";
type Records = { [name: string]: Json };

/** `KEY… value VALUE…`; the word may be left out between two. */
export function splitWords(words: readonly string[]): { key: string[]; value: string[] } {
  const plain = words[0] === 'key' ? words.slice(1) : [...words];
  const at = plain.indexOf('value');
  if (at < 0 && plain.length === 2 && plain[0] !== 'hex') return { key: [plain[0]!], value: [plain[1]!] };
  if (at < 0 || at === plain.length - 1)
    throw usageError(
      "the word 'value' and a value are missing behind the key",
      'For example: xdpeek map set 12 7 value 42',
    );
  return { key: plain.slice(0, at), value: plain.slice(at + 1) };
}

/** Prefixes of LPM tries stay as they are; queues have no key. */
export function keyWords({ map, keyType, valueType }: MapShape, words: readonly string[]): CValue {
  const plain = words[0] === 'key' ? words.slice(1) : words;
  if (map.type === 'bloom_filter' && plain.length > 0) return typedWords(valueType, plain, 'value');
  if (map.keyBytes === 0 && plain.length === 0) return '';
  if (plain.length === 0) throw wrong('the key is missing');
  const [first = ''] = plain;
  return map.type === 'lpm_trie' && plain.length === 1 && isPrefix(first) ? first : typedWords(keyType, plain, 'key');
}

export function typedWords(type: CType, words: readonly string[], what: 'key' | 'value'): CValue {
  const [first = '', ...rest] = words[0] === what ? words.slice(1) : words;
  if (first === 'hex') return hexWords(rest, what);
  try {
    if (rest.length === 0 && /^[[{"]/.test(first)) return fromJson(type, parseExactly(first));
    const all = [first, ...rest];
    if (all.every((word) => /^[A-Za-z_(][\w.[\]()]*=/.test(word))) return fromJson(type, members(all, what));
    if (rest.length === 0) return fromJson(type, first);
  } catch (error) {
    if (error instanceof SyntaxError) throw wrong(`the ${what} ${quoted(first)} is not JSON`);
    if (error instanceof ValueError) throw wrong(`${what}: ${error.message}`);
    throw error;
  }
  throw wrong(`the ${what} ${quoted(words.join(' '))} cannot be understood`);
}

const wrong = (message: string): XdpeekError => usageError(message, HINT);

/** Bytes as they lie in memory; what takes them checks their number. */
function hexWords(words: readonly string[], what: string): string {
  const bytes = words.flatMap((word) => (/^([0-9a-fA-F]{2})+$/.test(word) ? word.match(/../g)! : [word]));
  const bad = bytes.find((byte) => !/^[0-9a-fA-F]{1,2}$/.test(byte));
  if (bad !== undefined || bytes.length === 0) throw wrong(`${what}: ${quoted(bad ?? 'hex')} is no byte`);
  return `hex ${bytes.join(' ')}`;
}

/** "a.b=1", "list[2]=5": records of records. */
function members(words: readonly string[], what: string): Json {
  const root: Records = {};
  for (const word of words) {
    const at = word.indexOf('=');
    const path = word.slice(0, at).replace(new RegExp(`^${what}\\.`), '');
    const steps = path.match(/[^.[\]]+/g) ?? [];
    const text = word.slice(at + 1);
    let place = root;
    for (const step of steps.slice(0, -1)) {
      if (typeof place[step] !== 'object') place[step] = {};
      place = place[step] as Records;
    }
    place[steps.at(-1)!] = /^[[{"]/.test(text) ? parseExactly(text) : text;
  }
  return lists(root);
}

/** Records whose names are all numbers are lists; gaps are zero. */
function lists(json: Json): Json {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  const names = Object.keys(json);
  const inner = Object.fromEntries(names.map((name) => [name, lists(json[name]!)]));
  if (names.length === 0 || !names.every((name) => /^\d{1,5}$/.test(name))) return inner;
  const [given] = Object.values(inner);
  const gap: Json = typeof given !== 'object' ? '0' : Array.isArray(given) ? [] : {};
  return Array.from({ length: Math.max(...names.map(Number)) + 1 }, (_, i) => inner[i] ?? gap);
}
