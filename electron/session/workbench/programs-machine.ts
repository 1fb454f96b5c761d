/**
 * The machine code of a program: functions one behind the other, cut where source lines begin (jited_line_info). On x86-64 a line is an instruction; what is
 * not understood, and the code of other machines, stands as bytes.
 */
import { machineInstruction } from '../../packets/bpf/x86-listing.ts';
import type { Btf } from '../../packets/btf/btf.ts';
import type { ListingLine, SourceLine } from '../../shared/workbench-api.ts';
import { sourceLines } from './programs-code.ts';

const BYTES_A_LINE = 16;

export interface RawMachineCode {
  jited: Uint8Array;
  lineInfo: Uint8Array;
  jitedKsyms: readonly string[];
  jitedLengths: readonly number[];
  jitedLineInfo: readonly string[];
}

/** @param functions their names, in the order of the code; `machine`: process.arch of where it runs */
export function machineListing(
  raw: RawMachineCode,
  functions: readonly string[],
  btf: Btf | undefined,
  machine: string,
): ListingLine[] {
  const { jited } = raw;
  const parts = placedFunctions(raw, functions);
  const starts = new Map(parts.map(({ start, name }) => [start, name]));
  const sources = sourcePlaces(raw, btf);
  const cuts = [...new Set([...starts.keys(), ...sources.keys()])]
    .filter((at) => at < jited.length)
    .sort((a, b) => a - b);
  if (cuts[0] !== 0) cuts.unshift(0);
  const lines: ListingLine[] = [];
  cuts.forEach((cut, i) => {
    const end = cuts[i + 1] ?? jited.length;
    for (let at = cut; at < end; ) {
      const name = at === cut ? starts.get(cut) : undefined;
      const source = at === cut ? sources.get(cut) : undefined;
      const understood = machine === 'x64' ? instructionAt(jited, at, end, parts) : undefined;
      const length = understood?.length ?? Math.min(BYTES_A_LINE, end - at);
      lines.push({
        at,
        text: understood?.text ?? hex(jited.subarray(at, at + length)),
        ...(name !== undefined && { function: name }),
        ...(source && { source }),
        ...(understood?.target !== undefined && { target: understood.target }),
        ...(understood?.reference && { reference: understood.reference }),
      });
      at += length;
    }
  });
  return lines;
}

interface PlacedFunction {
  name: string;
  /** In the code as it is handed out, where functions follow each other. */
  start: number;
  length: number;
  /** In the kernel. */
  address: bigint;
}

function instructionAt(
  code: Uint8Array,
  at: number,
  end: number,
  functions: readonly PlacedFunction[],
): { length: number; text: string; target?: number; reference?: ListingLine['reference'] } | undefined {
  const found = machineInstruction(code.subarray(0, end), at);
  if (!found || found.target === undefined) return found;
  const { length, text, target } = found;
  const own = functions.find(({ start, length: size }) => at >= start && at < start + size);
  if (!own || (target >= own.start && target < own.start + own.length)) return found;
  // Functions lie apart in the kernel: distances are those of addresses there.
  const address = BigInt.asUintN(64, own.address + BigInt(target - own.start));
  const word = text.slice(0, text.lastIndexOf(' '));
  const other = functions.find(({ address: from, length: size }) => address >= from && address < from + BigInt(size));
  if (!other) return { length, text: `${word} 0x${address.toString(16)}` };
  const place = other.start + Number(address - other.address);
  const reference = place === other.start ? ({ kind: 'function', name: other.name } as const) : undefined;
  return { length, text: `${word} 0x${place.toString(16)}`, target: place, ...(reference && { reference }) };
}

function placedFunctions(raw: RawMachineCode, names: readonly string[]): PlacedFunction[] {
  let start = 0;
  return raw.jitedLengths
    .map((length, i) => {
      const placed = { name: names[i] ?? `function ${i}`, start, length, address: BigInt(raw.jitedKsyms[i] ?? 0) };
      start += length;
      return placed;
    })
    .filter((each) => each.start < raw.jited.length);
}

/** Offset in the code → its source line. Addresses are the kernel's: the function they fall into says where that is. */
function sourcePlaces(raw: RawMachineCode, btf: Btf | undefined): Map<number, SourceLine> {
  const places = new Map<number, SourceLine>();
  const lines = sourceLines(raw.lineInfo, btf);
  const bases = raw.jitedKsyms.map((address) => BigInt(address));
  raw.jitedLineInfo.forEach((text, i) => {
    const source = lines[i]?.source;
    const address = BigInt(text);
    let start = 0;
    for (let f = 0; source && f < bases.length; f++) {
      const length = raw.jitedLengths[f] ?? 0;
      const inside = address - bases[f]!;
      if (inside >= 0n && inside < BigInt(length)) {
        places.set(start + Number(inside), source);
        return;
      }
      start += length;
    }
  });
  return places;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
