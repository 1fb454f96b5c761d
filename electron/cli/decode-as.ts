/**
 * -d of the command line, as tshark takes it: `tcp.port==8000-8010,http`, the last one for a key counts; and --enable-heuristic.
 */
import { DecodeAs, decodeChoices } from '../packets/dissect/decode-as.ts';
import {
  DECODE_TABLE_NAMES,
  DECODE_TABLES,
  type DecodeRule,
  type DecodeTable,
  HEURISTIC_NAMES,
  type HeuristicName,
  MAX_DECODE_RULES,
  readDecodeKeys,
} from '../shared/decode.ts';
import { nearest } from './options/nearest.ts';
import { quoted, usageError } from './options/usage-error.ts';

const EXAMPLE = 'Write -d SELECTOR==KEY,PROTOCOL, as -d tcp.port==8888,http or -d tcp.port==8000-8010,http.';
/** Not ours to number: an interface's type in Wireshark's own numbers. */
const OTHER_NAMES: Record<string, DecodeTable> = { wtap_encap: 'linktype', 'ipv6.nxt': 'ip.proto' };

interface Given {
  'decode-as': readonly string[];
  'enable-heuristic': readonly string[];
}

/** Undefined when nothing is chosen. */
export function decodeAs({ 'decode-as': texts, 'enable-heuristic': heuristics }: Given): DecodeAs | undefined {
  if (texts.length + heuristics.length === 0) return undefined;
  if (texts.length > MAX_DECODE_RULES) throw usageError(`-d can be given ${MAX_DECODE_RULES} times at most`);
  return new DecodeAs(texts.map(decodeRule), heuristics.map(heuristicOf));
}

function heuristicOf(name: string): HeuristicName {
  const found = HEURISTIC_NAMES.find((known) => known === name);
  if (found) return found;
  const like = nearest(name, HEURISTIC_NAMES);
  throw usageError(
    `--enable-heuristic knows no ${quoted(name)}${like ? `: did you mean ${like}?` : ''}`,
    `Those that are off by default: ${HEURISTIC_NAMES.join(', ')}.`,
  );
}

function decodeRule(text: string): DecodeRule {
  const [, selector, keys, protocol] = /^([^=,]*)==([^,]*),(.*)$/.exec(text.trim()) ?? [];
  if (selector === undefined || keys === undefined || protocol === undefined)
    throw usageError(`-d ${quoted(text)} is no rule`, `${EXAMPLE} Selectors: ${DECODE_TABLE_NAMES.join(', ')}.`);
  const table = tableOf(selector.trim());
  const range = readDecodeKeys(table, keys);
  const { title, max } = DECODE_TABLES[table];
  if (!range)
    throw usageError(
      `-d ${quoted(text)}: ${quoted(keys)} is no ${title}`,
      `It takes one number or a range, 0 to ${max}: 8888, 0x88b5, 8000-8010, or 8000:11 for eleven of them.`,
    );
  return { table, ...range, protocol: protocolOf(table, protocol.trim()) };
}

function tableOf(selector: string): DecodeTable {
  const found = DECODE_TABLE_NAMES.find((name) => name === selector);
  if (found) return found;
  const like = OTHER_NAMES[selector] ?? nearest(selector, DECODE_TABLE_NAMES);
  throw usageError(
    `-d has no selector ${quoted(selector)}${like ? `: did you mean ${like}?` : ''}`,
    `Selectors: ${DECODE_TABLE_NAMES.join(', ')}.`,
  );
}

function protocolOf(table: DecodeTable, name: string): string {
  const known = [...decodeChoices(table).keys()];
  if (known.includes(name)) return name;
  const like = nearest(name, known);
  throw usageError(
    `${table} cannot be decoded as ${quoted(name)}${like ? `: did you mean ${like}?` : ''}`,
    `Protocols for ${table}: ${known.join(', ')}.`,
  );
}
