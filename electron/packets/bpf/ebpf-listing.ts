/**
 * eBPF as text, a line an instruction, in the words of the kernel's verifier log and of `bpftool prog dump xlated` (RFC 9669,
 * kernel/bpf/disasm.c's conventions). Instructions are named by their slot, so jumps (`pc+N`) can be followed.
 */
import {
  ALU_OPERATORS,
  ATOMIC_FETCHES,
  ATOMIC_OPERATORS,
  INSTRUCTION_BYTES,
  type Instruction,
  instructionAt,
  JUMP_OPERATORS,
  OPCODE,
  PSEUDO,
  SIGNED_DIVISION,
  SIGNED_SIZES,
  SIZES,
  wordOf,
} from './ebpf-words.ts';
import { helperName } from './helpers.ts';

export interface ListedInstruction extends Instruction {
  slot: number;
  /** Upper 32 bits of a wide load. */
  high: number;
  text: string;
  /** Slot that it jumps to or calls. */
  target?: number;
}

/** `program`: struct bpf_insn × n (little-endian), as native translateFilter gives it. */
export function ebpfListing(program: Uint8Array): string[] {
  return disassemble(program).map(
    ({ slot, opcode, text }) => `${String(slot).padStart(4)}: (${opcode.toString(16).padStart(2, '0')}) ${text}`,
  );
}

/** Wide loads take two slots and are one entry. */
export function disassemble(program: Uint8Array): ListedInstruction[] {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const slots = Math.floor(program.byteLength / INSTRUCTION_BYTES);
  const listed: ListedInstruction[] = [];
  for (let slot = 0; slot < slots; slot++) {
    const one = instructionAt(view, slot);
    if (one.opcode === OPCODE.loadWide && slot + 1 < slots) {
      const high = view.getUint32((slot + 1) * INSTRUCTION_BYTES + 4, true);
      listed.push({ ...one, slot, high, text: wide(one, high) });
      slot++;
      continue;
    }
    const distance = jumpDistance(one);
    const target = distance === undefined ? {} : { target: slot + 1 + distance };
    listed.push({ ...one, slot, high: 0, text: words(one), ...target });
  }
  return listed;
}

/** Slots from the next instruction on; undefined for what does not jump. */
function jumpDistance({ opcode, source, offset, immediate }: Instruction): number | undefined {
  const family = opcode & 7;
  if (family !== 5 && family !== 6) return undefined;
  if (opcode === OPCODE.call) return source === 1 ? immediate : undefined;
  if (opcode === OPCODE.exit) return undefined;
  return opcode === OPCODE.gotoLong ? immediate : offset;
}

function wide({ destination, source, immediate }: Instruction, high: number): string {
  const low = immediate >>> 0;
  const to = `r${destination}`;
  switch (source) {
    case PSEUDO.mapFd:
      return `${to} = map[fd:${low}]`;
    case PSEUDO.mapValue:
      return `${to} = map[fd:${low}][0]+${high}`;
    case PSEUDO.function:
      return `${to} = subprog[${immediate < 0 ? '' : '+'}${immediate}]`;
    default:
      return `${to} = 0x${((BigInt(high) << 32n) | BigInt(low)).toString(16)}`;
  }
}

function words(one: Instruction): string {
  const { opcode, destination, source, offset, immediate } = one;
  const at = (register: number): string => `(r${register} ${offset < 0 ? '-' : '+'}${Math.abs(offset)})`;
  const size = wordOf(SIZES, opcode & 0x18)!;
  switch (opcode & 7) {
    case 0:
      return (opcode & 0xe0) === OPCODE.loadIndirect
        ? `r0 = *(${size} *)skb[r${source} + ${immediate}]`
        : `r0 = *(${size} *)skb[${immediate}]`;
    case 1: {
      const read = (opcode & 0xe0) === 0x80 ? (wordOf(SIGNED_SIZES, opcode & 0x18) ?? size) : size;
      return `r${destination} = *(${read} *)${at(source)}`;
    }
    case 2:
      return `*(${size} *)${at(destination)} = ${immediate}`;
    case 3:
      return (opcode & 0xe0) === 0xc0
        ? atomic(one, size, at(destination))
        : `*(${size} *)${at(destination)} = r${source}`;
    case 5:
    case 6:
      return jump(one);
    default:
      return arithmetic(one);
  }
}

function atomic({ source, immediate }: Instruction, size: string, at: string): string {
  const target = `(${size} *)${at}`;
  const name = `atomic${size === 'u64' ? '64' : ''}`;
  const operator = wordOf(ATOMIC_OPERATORS, immediate);
  if (operator !== undefined) return `lock *${target} ${operator} r${source}`;
  const fetch = wordOf(ATOMIC_FETCHES, immediate);
  if (fetch === 'cmpxchg') return `r0 = ${name}_cmpxchg(${target}, r0, r${source})`;
  if (fetch === 'xchg') return `r${source} = ${name}_xchg(${target}, r${source})`;
  if (fetch !== undefined) return `r${source} = ${name}_fetch_${fetch}(${target}, r${source})`;
  return `atomic(0x${immediate.toString(16)}) *${target} r${source}`;
}

/** `off` of a move that makes a per-CPU address of this CPU. */
const PERCPU = -1;

const way = (distance: number) => `pc${distance < 0 ? '' : '+'}${distance}`;

function jump({ opcode, destination, source, offset, immediate }: Instruction): string {
  const register = (opcode & 7) === 5 ? 'r' : 'w';
  switch (opcode & 0xf0) {
    case 0x00:
      return opcode === OPCODE.gotoLong ? `gotol ${way(immediate)}` : `goto ${way(offset)}`;
    case 0x80:
      if (source === 1) return `call ${way(immediate)}`;
      if (source === 2) return `call kernel-function#${immediate}`;
      return `call ${helperName(immediate) ?? 'helper'}#${immediate}`;
    case 0x90:
      return 'exit';
    case 0xe0:
      return `may_goto ${way(offset)}`;
    default: {
      const right = opcode & 8 ? `${register}${source}` : `0x${(immediate >>> 0).toString(16)}`;
      return `if ${register}${destination} ${wordOf(JUMP_OPERATORS, opcode & 0xf0) ?? '?'} ${right} goto ${way(offset)}`;
    }
  }
}

function arithmetic({ opcode, destination, source, offset, immediate }: Instruction): string {
  const register = (opcode & 7) === 7 ? 'r' : 'w';
  const left = `${register}${destination}`;
  if ((opcode & 0xf0) === 0x80) return `${left} = -${left}`;
  if ((opcode & 0xf0) === 0xd0) {
    const order = (opcode & 7) === 7 ? 'bswap' : opcode & 8 ? 'be' : 'le';
    return `r${destination} = ${order}${immediate} r${destination}`;
  }
  const signed = offset === 1 ? wordOf(SIGNED_DIVISION, opcode & 0xf0) : undefined;
  const operator = signed ?? wordOf(ALU_OPERATORS, opcode & 0xf0) ?? '?';
  if (!(opcode & 8)) return `${left} ${operator} ${immediate}`;
  // Only the verifier makes these, for per-CPU maps.
  if (operator === '=' && register === 'r' && offset === PERCPU) return `${left} = &(void __percpu *)(r${source})`;
  const extended = operator === '=' && offset !== 0 ? `(s${offset})` : '';
  return `${left} ${operator} ${extended}${register}${source}`;
}
