/**
 * eBPF assembly → instructions. Reads what ebpf-listing.ts writes (so that text goes round), with or without the slot and opcode in front, and what people
 * add: labels (`out:`, `goto out`), comments (`;`, `//`, `#` in front), helpers by name alone, numbers in any base, maps by name (`r1 = map[flows]`).
 */
import {
  ALU_OPERATORS,
  ATOMIC_FETCHES,
  ATOMIC_OPERATORS,
  INSTRUCTION_BYTES,
  JUMP_OPERATORS,
  OPCODE,
  PSEUDO,
  SIGNED_DIVISION,
  SIGNED_SIZES,
  SIZES,
} from './ebpf-words.ts';
import { helperNumber } from './helpers.ts';

export interface AssemblyError {
  /** Both from 1. */
  line: number;
  column: number;
  text: string;
}

export interface Assembly {
  code: Uint8Array;
  errors: AssemblyError[];
  /** Line (from 1) of each slot. */
  lines: number[];
  /** Names of maps: the code has MAP_NAMES_FROM + index for each. Numbers that the text has stay. */
  maps: string[];
}

/** Higher than any fd or id in text that came from a listing. */
export const MAP_NAMES_FROM = 0x4000_0000;
/** As the kernel's limit for programs of people with rights. */
const MAX_SLOTS = 1_000_000;

interface Slot {
  opcode: number;
  destination?: number;
  source?: number;
  offset?: number;
  immediate?: number;
  /** Where it jumps to: a label's name, for `offset` or for `immediate`. */
  label?: { name: string; into: 'offset' | 'immediate'; column: number };
}

class Wrong extends Error {}

const REG = '([rw])(\\d+)';
const NUM = '([+-]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|\\d+))';
const WAY = '(pc[+-]\\d+|[+-]\\d+|[A-Za-z_.$][\\w.$]*)';
const MEM = '\\(r(\\d+) ?([+-] ?\\d+)?\\)';

const rule = (pattern: string, make: (m: string[], s: Assembler) => Slot | Slot[]) => ({
  test: new RegExp(`^${pattern}$`),
  make,
});
const any = (table: object) =>
  Object.keys(table)
    .sort((a, b) => b.length - a.length)
    .map((word) => word.replace(/[|*+^&]/g, '\\$&'))
    .join('|');

const RULES = [
  rule('exit', () => ({ opcode: OPCODE.exit })),
  rule(`goto ${WAY}`, ([, to], s) => s.jump({ opcode: OPCODE.goto }, to!, 'offset')),
  rule(`gotol ${WAY}`, ([, to], s) => s.jump({ opcode: OPCODE.gotoLong }, to!, 'immediate')),
  rule(`may_goto ${WAY}`, ([, to], s) => s.jump({ opcode: OPCODE.mayGoto }, to!, 'offset')),
  rule('call (?:(?:helper|unknown|bpf_\\w+)?#)(\\d+)', ([, n], s) => ({ opcode: OPCODE.call, immediate: s.int32(n!) })),
  rule('call kernel-function#(-?\\d+)', ([, n], s) => ({ opcode: OPCODE.call, source: 2, immediate: s.int32(n!) })),
  rule('call (bpf_\\w+)', ([, name]) => {
    const immediate = helperNumber(name!);
    if (immediate === undefined) throw new Wrong(`there is no helper ${name}`);
    return { opcode: OPCODE.call, immediate };
  }),
  rule(`call ${WAY}`, ([, to], s) => s.jump({ opcode: OPCODE.call, source: 1 }, to!, 'immediate')),
  rule(`if ${REG} (${any(JUMP_OPERATORS)}) (?:${REG}|${NUM}) goto ${WAY}`, (m, s) => {
    const [, left, register, operator, right, other, number, to] = m;
    if (right && right !== left) throw new Wrong('both registers must have one width: r and r, or w and w');
    const base = JUMP_OPERATORS[operator as keyof typeof JUMP_OPERATORS] | (left === 'r' ? 5 : 6);
    const slot = right
      ? { opcode: base | 8, destination: s.register(register!), source: s.register(other!) }
      : { opcode: base, destination: s.register(register!), immediate: s.int32(number!) };
    return s.jump(slot, to!, 'offset');
  }),
  rule(`r(\\d+) = map\\[(?:fd:)?(\\w+)\\](?:\\[0\\]\\+(\\d+))?`, ([, to, map, offset], s) =>
    s.wide(to!, offset === undefined ? PSEUDO.mapFd : PSEUDO.mapValue, BigInt(s.map(map!)), BigInt(offset ?? 0)),
  ),
  rule(`r(\\d+) = map\\[id:(\\d+)\\](?:\\[0\\]\\+(\\d+))?`, ([, to, map, offset], s) =>
    s.wide(to!, offset === undefined ? PSEUDO.mapFd : PSEUDO.mapValue, BigInt(map!), BigInt(offset ?? 0)),
  ),
  rule(`r(\\d+) = subprog\\[${WAY}\\]`, ([, to, way], s) => {
    const [low, high] = s.wide(to!, PSEUDO.function, 0n, 0n);
    return [s.jump(low!, way!, 'immediate'), high!];
  }),
  rule(`r(\\d+) = ${NUM} ll`, ([, to, number], s) => s.wideNumber(to!, number!)),
  rule(`r(\\d+) = (0[xX][0-9a-fA-F]+)`, ([, to, number], s) => s.wideNumber(to!, number!)),
  rule(`r0 = \\*\\((u8|u16|u32) \\*\\)skb\\[r(\\d+) ?\\+ ?(\\d+)\\]`, ([, size, register, number], s) => ({
    opcode: OPCODE.loadIndirect | SIZES[size as keyof typeof SIZES],
    source: s.register(register!),
    immediate: s.int32(number!),
  })),
  rule(`r0 = \\*\\((u8|u16|u32) \\*\\)skb\\[(\\d+)\\]`, ([, size, number], s) => ({
    opcode: OPCODE.loadAbsolute | SIZES[size as keyof typeof SIZES],
    immediate: s.int32(number!),
  })),
  rule(`r(\\d+) = \\*\\((u8|u16|u32|u64|s8|s16|s32) ?\\*\\) ?${MEM}`, ([, to, size, from, offset], s) => ({
    opcode: size!.startsWith('s')
      ? 0x81 | SIGNED_SIZES[size as keyof typeof SIGNED_SIZES]
      : 0x61 | SIZES[size as keyof typeof SIZES],
    destination: s.register(to!),
    source: s.register(from!),
    offset: s.int16(offset),
  })),
  rule(`\\*\\((u8|u16|u32|u64) ?\\*\\) ?${MEM} = (?:r(\\d+)|${NUM})`, ([, size, to, offset, from, number], s) => ({
    opcode: (from === undefined ? 0x62 : 0x63) | SIZES[size as keyof typeof SIZES],
    destination: s.register(to!),
    offset: s.int16(offset),
    ...(from === undefined ? { immediate: s.int32(number!) } : { source: s.register(from) }),
  })),
  rule(
    `lock \\*\\((u32|u64) ?\\*\\) ?${MEM} (${any(ATOMIC_OPERATORS)}) r(\\d+)`,
    ([, size, to, offset, operator, from], s) =>
      s.atomic(size!, to!, offset, from!, ATOMIC_OPERATORS[operator as keyof typeof ATOMIC_OPERATORS]),
  ),
  rule(
    `r(\\d+) = atomic(64)?_(?:fetch_)?(add|or|and|xor|xchg)\\(\\((u32|u64) ?\\*\\) ?${MEM}, r(\\d+)\\)`,
    ([, result, wide, name, size, to, offset, from], s) => {
      if (result !== from || (size === 'u64') !== (wide === '64'))
        throw new Wrong('the register that is given gets the old value, in the width that the name says');
      return s.atomic(size!, to!, offset, from!, ATOMIC_FETCHES[name as keyof typeof ATOMIC_FETCHES]);
    },
  ),
  rule(`r0 = atomic(64)?_cmpxchg\\(\\((u32|u64) ?\\*\\) ?${MEM}, r0, r(\\d+)\\)`, ([, , size, to, offset, from], s) =>
    s.atomic(size!, to!, offset, from!, ATOMIC_FETCHES.cmpxchg),
  ),
  rule(`r(\\d+) = (be|le|bswap)(16|32|64) r(\\d+)`, ([, to, order, bits, from], s) => {
    if (to !== from) throw new Wrong('bytes are swapped within one register');
    const opcode = order === 'be' ? OPCODE.big : order === 'le' ? OPCODE.little : OPCODE.swap;
    return { opcode, destination: s.register(to!), immediate: Number(bits) };
  }),
  rule(`${REG} = -${REG}`, ([, width, to, otherWidth, from], s) => {
    if (width !== otherWidth || to !== from) throw new Wrong('a register is negated in place: r1 = -r1');
    return { opcode: width === 'r' ? OPCODE.negate64 : OPCODE.negate32, destination: s.register(to!) };
  }),
  rule(`${REG} = \\(s(8|16|32)\\) ?${REG}`, ([, width, to, bits, otherWidth, from], s) => {
    if (width !== otherWidth) throw new Wrong('both registers must have one width: r and r, or w and w');
    return {
      opcode: 0xb8 | (width === 'r' ? 7 : 4),
      destination: s.register(to!),
      source: s.register(from!),
      offset: Number(bits),
    };
  }),
  rule(`${REG} (${any({ ...ALU_OPERATORS, ...SIGNED_DIVISION })}) (?:${REG}|${NUM})`, (m, s) => {
    const [, width, to, operator, otherWidth, from, number] = m;
    if (otherWidth && otherWidth !== width) throw new Wrong('both registers must have one width: r and r, or w and w');
    const signed = Object.hasOwn(SIGNED_DIVISION, operator!);
    const code = signed
      ? SIGNED_DIVISION[operator as keyof typeof SIGNED_DIVISION]
      : ALU_OPERATORS[operator as keyof typeof ALU_OPERATORS];
    const opcode = code | (width === 'r' ? 7 : 4) | (from === undefined ? 0 : 8);
    const operand = from === undefined ? { immediate: s.int32(number!) } : { source: s.register(from) };
    return { opcode, destination: s.register(to!), ...(signed && { offset: 1 }), ...operand };
  }),
];

class Assembler {
  readonly slots: Slot[] = [];
  readonly lines: number[] = [];
  readonly errors: AssemblyError[] = [];
  readonly maps: string[] = [];
  readonly #labels = new Map<string, number>();
  #line = 0;
  #column = 1;

  take(text: string, line: number): void {
    this.#line = line;
    const code = text.replace(/(\/\/|;|(?<=\s)#|^\s*#).*$/, '');
    let rest = code.trim();
    this.#column = Math.max(1, code.indexOf(rest) + 1);
    // "  12: (bf) " of a listing.
    rest = rest.replace(/^\d+: \([0-9a-f]{2}\) ?/, '');
    const label = /^([A-Za-z_.$][\w.$]*):\s*/.exec(rest);
    if (label) {
      if (this.#labels.has(label[1]!)) this.#wrong(`the label ${label[1]} is there twice`);
      this.#labels.set(label[1]!, this.slots.length);
      rest = rest.slice(label[0].length);
    }
    if (rest !== '') this.#instruction(rest.replace(/\s+/g, ' '));
  }

  finish(): Assembly {
    const code = new Uint8Array(this.slots.length * INSTRUCTION_BYTES);
    const view = new DataView(code.buffer);
    for (const [at, slot] of this.slots.entries()) {
      const place = at * INSTRUCTION_BYTES;
      const jump = slot.label === undefined ? undefined : this.#distance(slot.label, at);
      view.setUint8(place, slot.opcode);
      view.setUint8(place + 1, (slot.destination ?? 0) | ((slot.source ?? 0) << 4));
      view.setInt16(place + 2, (slot.label?.into === 'offset' ? jump : slot.offset) ?? 0, true);
      view.setInt32(place + 4, (slot.label?.into === 'immediate' ? jump : slot.immediate) ?? 0, true);
    }
    if (this.slots.length === 0 && this.errors.length === 0)
      this.errors.push({ line: 1, column: 1, text: 'there is no instruction' });
    return { code, errors: this.errors, lines: this.lines, maps: this.maps };
  }

  #distance({ name, into, column }: NonNullable<Slot['label']>, at: number): number {
    const target = this.#labels.get(name);
    const line = this.lines[at]!;
    const helper = this.slots[at]!.opcode === OPCODE.call ? 'helper and no ' : '';
    if (target === undefined) this.errors.push({ line, column, text: `there is no ${helper}label ${name}` });
    const distance = (target ?? 0) - at - 1;
    if (into === 'offset' && (distance < -0x8000 || distance > 0x7fff))
      this.errors.push({ line, column, text: `${name} is too far away for this jump: use gotol` });
    return distance;
  }

  #instruction(text: string): void {
    if (this.slots.length >= MAX_SLOTS) return;
    try {
      for (const { test, make } of RULES) {
        const found = test.exec(text);
        if (!found) continue;
        const made = make(found as unknown as string[], this);
        for (const slot of Array.isArray(made) ? made : [made]) {
          this.slots.push(slot);
          this.lines.push(this.#line);
        }
        return;
      }
      throw new Wrong(`this is no instruction: ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`);
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      this.#wrong(error.message);
    }
  }

  #wrong(text: string): void {
    this.errors.push({ line: this.#line, column: this.#column, text });
  }

  register(text: string): number {
    const number = Number(text);
    if (number > 10) throw new Wrong(`there is no register r${text}: they are r0 to r10`);
    return number;
  }
  int16(text: string | undefined): number {
    const number = Number((text ?? '0').replace(/ /g, ''));
    if (number < -0x8000 || number > 0x7fff) throw new Wrong(`${text} is not an offset of 16 bits`);
    return number;
  }
  int32(text: string): number {
    const number = big(text);
    if (number < -(1n << 31n) || number >= 1n << 32n)
      throw new Wrong(`${text} does not fit into 32 bits: load it first, with r1 = ${text} ll`);
    return Number(BigInt.asIntN(32, number));
  }
  map(text: string): number {
    if (/^\d+$/.test(text)) return Number(text);
    const at = this.maps.indexOf(text);
    return MAP_NAMES_FROM + (at < 0 ? this.maps.push(text) - 1 : at);
  }
  jump(slot: Slot, to: string, into: 'offset' | 'immediate'): Slot {
    const distance = /^(?:pc)?([+-]\d+)$/.exec(to)?.[1];
    if (distance === undefined) return { ...slot, label: { name: to, into, column: this.#column } };
    return { ...slot, [into]: into === 'offset' ? this.int16(distance) : this.int32(distance) };
  }
  wide(to: string, source: number, low: bigint, high: bigint): Slot[] {
    const half = (value: bigint) => Number(BigInt.asIntN(32, value));
    return [
      { opcode: OPCODE.loadWide, destination: this.register(to), source, immediate: half(low) },
      { opcode: 0, immediate: half(high) },
    ];
  }
  wideNumber(to: string, text: string): Slot[] {
    const number = big(text);
    if (number < -(1n << 63n) || number >= 1n << 64n) throw new Wrong(`${text} does not fit into 64 bits`);
    return this.wide(to, 0, number, BigInt.asUintN(64, number) >> 32n);
  }
  atomic(size: string, to: string, offset: string | undefined, from: string, immediate: number): Slot {
    const opcode = size === 'u64' ? 0xdb : 0xc3;
    return {
      opcode,
      destination: this.register(to),
      source: this.register(from),
      offset: this.int16(offset),
      immediate,
    };
  }
}

function big(text: string): bigint {
  const sign = text.startsWith('-') ? -1n : 1n;
  return sign * BigInt(text.replace(/^[+-]/, ''));
}

/** Errors are data; the code is of use only without any. */
export function assemble(text: string): Assembly {
  const assembler = new Assembler();
  for (const [i, line] of text.split(/\r?\n/).entries()) assembler.take(line, i + 1);
  return assembler.finish();
}
