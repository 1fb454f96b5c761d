/** Regression cases of programs: a packet in, the verdict and the packet out that are expected. A JSON file each; `xdpeek prog test` runs a folder of them. */
import { array, type Check, integer, object, oneOf, optional, refuse, string } from './validate.ts';

export interface RunCase {
  /** As `prog run` takes it: a library program, or FILE:PROGRAM relative to the case. */
  program: string;
  /** Global variables: "NAME=VALUE". */
  set?: string[];
  /** Hexadecimal, or a packet of a capture file beside the case. */
  packet: string | { file: string; number: number };
  /** "XDP_TX", or a number. */
  verdict: string;
  /** What the packet is to be afterwards, hexadecimal; left out = not looked at. */
  out?: string;
  /** As long as `out`: bits that are 0 may be anything. */
  mask?: string;
  begin?: 'frame' | 'network';
}

const MAX_TEXT = 1 << 20;

const shape = object({
  program: string(4096),
  set: optional(array(string(4096), 0, 256)),
  packet: packet(),
  verdict: verdict(),
  out: optional(string(MAX_TEXT)),
  mask: optional(string(MAX_TEXT)),
  begin: optional(oneOf(['frame', 'network'])),
});

function packet(): Check<RunCase['packet']> {
  const inFile = object({ file: string(4096), number: integer(1, 2 ** 32) });
  return (value, where) => (typeof value === 'string' ? string(MAX_TEXT)(value, where) : inFile(value, where));
}

function verdict(): Check<string> {
  return (value, where) =>
    typeof value === 'number' ? String(integer(-1, 0xffffffff)(value, where)) : string(64)(value, where);
}

/** Throws USAGE, naming the member; SyntaxError is the caller's to tell. */
export function readCase(text: string): RunCase {
  const read = shape(JSON.parse(text), 'the case');
  if (read.program === '') refuse('the case.program', 'must name a program');
  return read;
}

export function caseText(one: RunCase): string {
  return `${JSON.stringify(one, undefined, 2)}\n`;
}
