/**
 * A program as a list of instructions in JSON, for generators and for hand-made tests:
 *   {"type": "xdp", "license": "GPL", "maps": [{"name", "type", "key", "value", "entries", "flags"}],
 *    "instructions": [{"code": 183, "dst": 0, "src": 0, "off": 0, "imm": 2}, …]}
 * Fields of struct bpf_insn, 0 where left out; code may be "0xb7". {"code": 24, "dst": 1, "map": NAME} loads a map and fills both of its slots.
 */
import { MAP_NAMES_FROM } from './assemble.ts';
import type { MapDeclaration } from './assembly-file.ts';
import { INSTRUCTION_BYTES, OPCODE, PSEUDO } from './ebpf-words.ts';

export interface InstructionList {
  code: Uint8Array;
  /** Names of maps: the code has MAP_NAMES_FROM + index for each. */
  maps: string[];
  declared: MapDeclaration[];
  type?: string;
  license?: string;
}

export class InstructionListError extends Error {}

type Fields = Record<string, unknown>;
const MAX_SLOTS = 1_000_000;

/** Throws InstructionListError, naming the place. */
export function readInstructionList(text: string): InstructionList {
  const file = record(parse(text), 'the file', ['type', 'license', 'maps', 'instructions', 'name']);
  const declared = list(file['maps'] ?? [], 'maps').map(declaration);
  const maps: string[] = [];
  const slots: Uint8Array[] = [];
  for (const [i, each] of list(file['instructions'], 'instructions').entries()) {
    if (slots.length >= MAX_SLOTS) throw new InstructionListError(`there are more than ${MAX_SLOTS} instructions`);
    slots.push(...instruction(each, `instructions[${i}]`, maps));
  }
  if (slots.length === 0) throw new InstructionListError('there is no instruction');
  const code = new Uint8Array(slots.length * INSTRUCTION_BYTES);
  for (const [i, slot] of slots.entries()) code.set(slot, i * INSTRUCTION_BYTES);
  const type = file['type'] === undefined ? {} : { type: word(file['type'], 'type') };
  const license = file['license'] === undefined ? {} : { license: word(file['license'], 'license') };
  return { code, maps, declared, ...type, ...license };
}

function parse(text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown;
    return Array.isArray(value) ? { instructions: value } : value;
  } catch (error) {
    throw new InstructionListError(`it is not JSON: ${(error as Error).message}`);
  }
}

function instruction(value: unknown, where: string, maps: string[]): Uint8Array[] {
  const fields = record(value, where, ['code', 'dst', 'src', 'off', 'imm', 'map']);
  const code = integer(fields['code'], `${where}.code`, 0, 0xff);
  const dst = integer(fields['dst'] ?? 0, `${where}.dst`, 0, 10);
  const src = integer(fields['src'] ?? 0, `${where}.src`, 0, 10);
  const off = integer(fields['off'] ?? 0, `${where}.off`, -0x8000, 0x7fff);
  const imm = integer(fields['imm'] ?? 0, `${where}.imm`, -0x80000000, 0xffffffff);
  if (fields['map'] === undefined) return [slot(code, dst, src, off, imm)];
  if (code !== OPCODE.loadWide) throw new InstructionListError(`${where}: only code 24 (a wide load) names a map`);
  const name = word(fields['map'], `${where}.map`);
  const known = maps.indexOf(name);
  const index = known < 0 ? maps.push(name) - 1 : known;
  return [slot(code, dst, src || PSEUDO.mapFd, off, MAP_NAMES_FROM + index), slot(0, 0, 0, 0, imm)];
}

function slot(code: number, dst: number, src: number, off: number, imm: number): Uint8Array {
  const bytes = new Uint8Array(INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, code);
  view.setUint8(1, dst | (src << 4));
  view.setInt16(2, off, true);
  view.setInt32(4, imm, true);
  return bytes;
}

function declaration(value: unknown, i: number): MapDeclaration {
  const where = `maps[${i}]`;
  const fields = record(value, where, ['name', 'type', 'key', 'value', 'entries', 'flags']);
  const size = (name: string) => integer(fields[name] ?? 0, `${where}.${name}`, 0, 0xffffffff);
  return {
    name: word(fields['name'], `${where}.name`),
    type: word(fields['type'], `${where}.type`),
    keyBytes: size('key'),
    valueBytes: size('value'),
    maxEntries: size('entries'),
    flags: size('flags'),
  };
}

function record(value: unknown, where: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InstructionListError(`${where} must be an object`);
  const strange = Object.keys(value).find((name) => !known.includes(name));
  if (strange !== undefined)
    throw new InstructionListError(`${where} has the unknown member ${JSON.stringify(strange.slice(0, 40))}`);
  return value as Fields;
}

function list(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) throw new InstructionListError(`${where} must be a list`);
  return value;
}

function integer(value: unknown, where: string, min: number, max: number): number {
  const number = typeof value === 'string' && /^0x[0-9a-f]+$/i.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < min || number > max)
    throw new InstructionListError(`${where} must be a whole number from ${min} to ${max}`);
  return number;
}

function word(value: unknown, where: string): string {
  if (typeof value !== 'string' || !/^[\w ./$-]{1,64}$/.test(value))
    throw new InstructionListError(`${where} must be a name`);
  return value;
}
