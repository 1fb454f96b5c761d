/** `-E key=value`: how `-T fields` lays its values out. Keys, letters and defaults are tshark's. */
import { nearest } from './options/nearest.ts';
import { quoted, usageError } from './options/usage-error.ts';

export interface FieldsFormat {
  header: boolean;
  separator: string;
  quote: string;
  /** Which of repeated values. */
  occurrence: 'f' | 'l' | 'a';
  aggregator: string;
}

const KEYS = ['header', 'separator', 'quote', 'occurrence', 'aggregator'];

export function fieldsFormat(settings: readonly string[]): FieldsFormat {
  const format: FieldsFormat = { header: false, separator: '\t', quote: '', occurrence: 'a', aggregator: ',' };
  for (const setting of settings) {
    const equals = setting.indexOf('=');
    const key = equals < 0 ? setting : setting.slice(0, equals);
    apply(format, key, equals < 0 ? '' : setting.slice(equals + 1));
  }
  return format;
}

function apply(format: FieldsFormat, key: string, value: string): void {
  if (key === 'header') format.header = one(key, value, { y: true, n: false });
  else if (key === 'separator') format.separator = character(key, value);
  else if (key === 'aggregator') format.aggregator = character(key, value);
  else if (key === 'quote') format.quote = one(key, value, { d: '"', s: "'", n: '' });
  else if (key === 'occurrence') format.occurrence = one(key, value, { f: 'f', l: 'l', a: 'a' });
  else {
    const guess = nearest(key, KEYS);
    throw usageError(`-E knows no ${quoted(key)}`, guess ? `Did you mean ${guess}=?` : `It knows ${KEYS.join(', ')}.`);
  }
}

function one<T>(key: string, value: string, known: Readonly<Record<string, T>>): T {
  if (!Object.hasOwn(known, value))
    throw usageError(`-E ${key} takes ${Object.keys(known).join(', ')}, not ${quoted(value)}`);
  return known[value]!;
}

function character(key: string, value: string): string {
  if (value === '/t') return '\t';
  if (value === '/s') return ' ';
  if (value.length !== 1) throw usageError(`-E ${key} takes one character, /t or /s, not ${quoted(value)}`);
  return value;
}
