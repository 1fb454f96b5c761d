/**
 * The machine code of a program: functions one behind the other, cut where source lines begin (jited_line_info). Lines are at most a few bytes long, as in
 * any hex view, unless something reads the code better.
 */
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

/** `functions`: their names, in the order of the code. */
export function machineListing(raw: RawMachineCode, functions: readonly string[], btf: Btf | undefined): ListingLine[] {
  const { jited } = raw;
  const starts = functionStarts(raw, functions);
  const sources = sourcePlaces(raw, btf);
  const cuts = [...new Set([...starts.keys(), ...sources.keys()])]
    .filter((at) => at < jited.length)
    .sort((a, b) => a - b);
  if (cuts[0] !== 0) cuts.unshift(0);
  const lines: ListingLine[] = [];
  cuts.forEach((cut, i) => {
    const end = cuts[i + 1] ?? jited.length;
    for (let at = cut; at < end; at += BYTES_A_LINE) {
      const name = at === cut ? starts.get(cut) : undefined;
      const source = at === cut ? sources.get(cut) : undefined;
      lines.push({
        at,
        text: hex(jited.subarray(at, Math.min(end, at + BYTES_A_LINE))),
        ...(name !== undefined && { function: name }),
        ...(source && { source }),
      });
    }
  });
  return lines;
}

function functionStarts({ jited, jitedLengths }: RawMachineCode, names: readonly string[]): Map<number, string> {
  const starts = new Map<number, string>();
  let at = 0;
  jitedLengths.forEach((length, i) => {
    if (at < jited.length) starts.set(at, names[i] ?? `function ${i}`);
    at += length;
  });
  return starts;
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
