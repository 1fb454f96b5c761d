/** Who calls whom: functions of the program, programs behind its tail calls, and those that its devmaps and cpumaps run on what is redirected there. */
import { OPCODE, PSEUDO } from '../../packets/bpf/ebpf-words.ts';
import type { MapInfo, ProgramInfo } from '../../shared/workbench.ts';
import type { ProgramCall } from '../../shared/workbench-api.ts';
import type { CodeListing } from './programs-code.ts';
import type { Workbench } from './workbench.ts';

/** Entries looked at of one map. */
const MOST_ENTRIES = 1024;
const TAIL_CALL = 12;
/** How far before a tail call its map may be loaded. */
const LOOK_BACK = 16;
/** Where in the value the program's id is. */
const PROGRAM_AT: Record<string, number> = { prog_array: 0, devmap: 4, devmap_hash: 4, cpumap: 4 };

/** A program that a map holds, by its key. */
export interface HeldProgram {
  mapId: number;
  key: number;
  programId: number;
}

/** What the maps that can hold programs hold now. A map that is gone holds nothing. */
export async function heldPrograms(workbench: Workbench, maps: readonly MapInfo[]): Promise<HeldProgram[]> {
  const lists = await Promise.all(
    maps.map(async ({ id, type, valueBytes }): Promise<HeldProgram[]> => {
      const place = PROGRAM_AT[type];
      if (place === undefined || valueBytes < place + 4) return [];
      try {
        const { keys, values, count } = await workbench.request('mapRead', { id, cursor: '', count: MOST_ENTRIES });
        const [keyBytes, held] = [Buffer.from(keys, 'base64'), Buffer.from(values, 'base64')];
        return Array.from({ length: count }, (_, i) => ({
          mapId: id,
          key: keyBytes.readUInt32LE(4 * i),
          programId: held.readUInt32LE(valueBytes * i + place),
        })).filter(({ programId }) => programId > 0);
      } catch {
        return [];
      }
    }),
  );
  return lists.flat();
}

export function callsOf(
  { lines, functions, instructions }: CodeListing,
  maps: readonly MapInfo[],
  held: readonly HeldProgram[],
  programs: readonly ProgramInfo[],
): ProgramCall[] {
  const calls: ProgramCall[] = [];
  const functionAt = (slot: number) => functions.findLast(({ at }) => at <= slot)?.name ?? '';
  const programName = (id: number) => programs.find((each) => each.id === id)?.name ?? `program ${id}`;
  const through = (from: string, map: MapInfo, kind: 'tail-call' | 'map-program', at?: number) => {
    const found = held.filter(({ mapId }) => mapId === map.id);
    const shared = { from, kind, map: { id: map.id, name: map.name }, ...(at !== undefined && { at }) };
    for (const { key, programId } of found) calls.push({ ...shared, to: programName(programId), key, programId });
    if (found.length === 0 && kind === 'tail-call') calls.push({ ...shared, to: '' });
  };

  const seen = new Set<string>();
  lines.forEach(({ at, reference, target }, i) => {
    const { opcode, immediate, source } = instructions[i]!;
    if (opcode === OPCODE.call && source === 0 && immediate === TAIL_CALL) {
      for (const map of tailCallMaps(instructions, i, maps)) through(functionAt(at), map, 'tail-call', at);
    } else if (reference?.kind === 'function' && target !== undefined) {
      const edge = `${functionAt(at)} ${reference.name}`;
      if (!seen.has(edge)) calls.push({ from: functionAt(at), to: reference.name, kind: 'call', at });
      seen.add(edge);
    }
  });
  for (const map of maps) {
    if (map.type === 'prog_array' || PROGRAM_AT[map.type] === undefined) continue;
    const user = lines.find(({ reference }) => reference?.kind === 'map' && reference.id === map.id);
    through(functionAt(user?.at ?? 0), map, 'map-program', user?.at);
  }
  return calls;
}

/** The program array in r2; where that cannot be seen, any of the program's. */
function tailCallMaps(instructions: CodeListing['instructions'], at: number, maps: readonly MapInfo[]): MapInfo[] {
  const arrays = maps.filter(({ type }) => type === 'prog_array');
  for (let i = at - 1; i >= Math.max(0, at - LOOK_BACK); i--) {
    const { opcode, destination, source, immediate } = instructions[i]!;
    if (opcode !== OPCODE.loadWide || destination !== 2 || source !== PSEUDO.mapFd) continue;
    return arrays.filter(({ id }) => id === immediate >>> 0);
  }
  return arrays;
}
