/**
 * A program's code as the kernel runs it, as lines to read: instructions with the source lines they come from, names of functions, maps and helpers,
 * and where jumps go. The kernel's own rewriting shows: inlined helpers, maps by id, calls by distance.
 */
import { disassemble, type ListedInstruction } from '../../packets/bpf/ebpf-listing.ts';
import { INSTRUCTION_BYTES, OPCODE, PSEUDO } from '../../packets/bpf/ebpf-words.ts';
import type { Btf } from '../../packets/btf/btf.ts';
import type { ListingLine, SourceLine } from '../../shared/workbench-api.ts';

const LINE_INFO_BYTES = 16;
const FUNC_INFO_BYTES = 8;
const CALL_PSEUDO = 1;

export interface RawCode {
  xlated: Uint8Array;
  lineInfo: Uint8Array;
  funcInfo: Uint8Array;
  symbols: readonly { immediate: number; name: string }[];
}

export interface Names {
  program: string;
  btf: Btf | undefined;
  map(id: number): string | undefined;
}

export interface CodeFunction {
  name: string;
  at: number;
  instructions: number;
}

export interface CodeListing {
  lines: ListingLine[];
  functions: CodeFunction[];
  instructions: ListedInstruction[];
}

/** struct bpf_line_info × n, in order: slot of the first instruction of each source line. */
export function sourceLines(lineInfo: Uint8Array, btf: Btf | undefined): { slot: number; source: SourceLine }[] {
  if (!btf) return [];
  const view = new DataView(lineInfo.buffer, lineInfo.byteOffset, lineInfo.byteLength);
  return Array.from({ length: Math.floor(lineInfo.length / LINE_INFO_BYTES) }, (_, i) => {
    const at = i * LINE_INFO_BYTES;
    const place = view.getUint32(at + 12, true);
    return {
      slot: view.getUint32(at, true),
      source: {
        file: btf.string(view.getUint32(at + 4, true)),
        line: place >>> 10,
        column: place & 0x3ff,
        text: btf.string(view.getUint32(at + 8, true)).trim(),
      },
    };
  });
}

export function codeListing(raw: RawCode, names: Names): CodeListing {
  const instructions = disassemble(withCallDistances(raw.xlated));
  const functions = functionsOf(raw, names, instructions);
  const starts = new Map(functions.map(({ at, name }) => [at, name]));
  const sources = new Map(sourceLines(raw.lineInfo, names.btf).map(({ slot, source }) => [slot, source]));
  const symbols = new Map(raw.symbols.map(({ immediate, name }) => [immediate, name]));
  const lines = instructions.map((one): ListingLine => {
    const { text, reference } = wordsOf(one, names, starts, symbols);
    const name = starts.get(one.slot);
    const source = sources.get(one.slot);
    const target = targetOf(one);
    return {
      at: one.slot,
      text: `(${one.opcode.toString(16).padStart(2, '0')}) ${text}`,
      ...(name !== undefined && { function: name }),
      ...(source && { source }),
      ...(target !== undefined && { target }),
      ...(reference && { reference }),
    };
  });
  return { lines, functions, instructions };
}

/** A call as it is loaded has its distance in `imm`; the kernel keeps it in `off`, and in `imm` the number of the function. */
export function withCallDistances(xlated: Uint8Array): Uint8Array {
  const code = xlated.slice();
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  for (let at = 0; at + INSTRUCTION_BYTES <= code.length; at += INSTRUCTION_BYTES) {
    const offset = view.getInt16(at + 2, true);
    if (view.getUint8(at) !== OPCODE.call || view.getUint8(at + 1) >> 4 !== CALL_PSEUDO || offset === 0) continue;
    view.setInt32(at + 4, offset, true);
    view.setInt16(at + 2, 0, true);
  }
  return code;
}

function targetOf(one: ListedInstruction): number | undefined {
  if (one.opcode === OPCODE.loadWide && one.source === PSEUDO.function) return one.slot + 1 + one.immediate;
  return one.target;
}

/** Of func_info; without it, the program and whatever is called. */
function functionsOf(
  { funcInfo }: RawCode,
  { program, btf }: Names,
  instructions: ListedInstruction[],
): CodeFunction[] {
  const starts = new Map<number, string>();
  const view = new DataView(funcInfo.buffer, funcInfo.byteOffset, funcInfo.byteLength);
  if (btf)
    for (let at = 0; at + FUNC_INFO_BYTES <= funcInfo.length; at += FUNC_INFO_BYTES)
      starts.set(view.getUint32(at, true), btf.type(view.getUint32(at + 4, true)).name);
  if (!starts.get(0)) starts.set(0, program);
  const end = instructions.length === 0 ? 0 : instructions.at(-1)!.slot + 1;
  for (const one of instructions) {
    const called = one.opcode === OPCODE.call || one.opcode === OPCODE.loadWide ? targetOf(one) : undefined;
    if (called !== undefined && called >= 0 && called < end && !starts.get(called))
      starts.set(called, `function at ${called}`);
  }
  const sorted = [...starts].sort(([a], [b]) => a - b);
  return sorted.map(([at, name], i) => ({ name, at, instructions: (sorted[i + 1]?.[0] ?? end) - at }));
}

function wordsOf(
  one: ListedInstruction,
  names: Names,
  starts: ReadonlyMap<number, string>,
  symbols: ReadonlyMap<number, string>,
): { text: string; reference?: NonNullable<ListingLine['reference']> } {
  const { opcode, source, immediate, text } = one;
  if (opcode === OPCODE.loadWide && (source === PSEUDO.mapFd || source === PSEUDO.mapValue)) {
    const id = immediate >>> 0;
    const name = names.map(id) ?? '';
    return { text: text.replace('map[fd:', 'map[id:'), reference: { kind: 'map', name, id } };
  }
  const called = starts.get(targetOf(one) ?? -1);
  if (called !== undefined && (opcode === OPCODE.call || opcode === OPCODE.loadWide))
    return { text, reference: { kind: 'function', name: called } };
  if (opcode !== OPCODE.call) return { text };
  const symbol = symbols.get(immediate);
  if (symbol !== undefined) return { text: `call ${symbol}#${immediate}`, reference: { kind: 'helper', name: symbol } };
  const known = /^call (\w+)#/.exec(text)?.[1];
  return known && known !== 'helper' ? { text, reference: { kind: 'helper', name: known } } : { text };
}
