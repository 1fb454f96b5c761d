/** Words of eBPF assembly as the kernel prints it (kernel/bpf/disasm.c), for reading and for writing. Codes are RFC 9669's. */
export const SIZES = { u32: 0x00, u16: 0x08, u8: 0x10, u64: 0x18 } as const;
export const SIGNED_SIZES = { s32: 0x00, s16: 0x08, s8: 0x10 } as const;

export const ALU_OPERATORS = {
  '+=': 0x00,
  '-=': 0x10,
  '*=': 0x20,
  '/=': 0x30,
  '|=': 0x40,
  '&=': 0x50,
  '<<=': 0x60,
  '>>=': 0x70,
  '%=': 0x90,
  '^=': 0xa0,
  '=': 0xb0,
  's>>=': 0xc0,
} as const;
/** Division with a sign is the plain one with offset 1. */
export const SIGNED_DIVISION = { 's/=': 0x30, 's%=': 0x90 } as const;

export const JUMP_OPERATORS = {
  '==': 0x10,
  '>': 0x20,
  '>=': 0x30,
  '&': 0x40,
  '!=': 0x50,
  's>': 0x60,
  's>=': 0x70,
  '<': 0xa0,
  '<=': 0xb0,
  's<': 0xc0,
  's<=': 0xd0,
} as const;

/** Immediates of atomic operations without fetching. */
export const ATOMIC_OPERATORS = { '+=': 0x00, '|=': 0x40, '&=': 0x50, '^=': 0xa0 } as const;
/** With it: the register gets what was there. */
export const ATOMIC_FETCHES = { add: 0x01, or: 0x41, and: 0x51, xor: 0xa1, xchg: 0xe1, cmpxchg: 0xf1 } as const;

export const OPCODE = {
  loadWide: 0x18,
  loadAbsolute: 0x20,
  loadIndirect: 0x40,
  call: 0x85,
  exit: 0x95,
  goto: 0x05,
  gotoLong: 0x06,
  mayGoto: 0xe5,
  negate64: 0x87,
  negate32: 0x84,
  little: 0xd4,
  big: 0xdc,
  swap: 0xd7,
} as const;

/** src of a wide load: what its number stands for. */
export const PSEUDO = { mapFd: 1, mapValue: 2, btfId: 3, function: 4, mapIndex: 5, mapIndexValue: 6 } as const;

export function wordOf(table: Readonly<Record<string, number>>, code: number): string | undefined {
  return Object.keys(table).find((word) => table[word] === code);
}

export interface Instruction {
  opcode: number;
  destination: number;
  source: number;
  offset: number;
  immediate: number;
}

export const INSTRUCTION_BYTES = 8;

export function instructionAt(view: DataView, slot: number): Instruction {
  const at = slot * INSTRUCTION_BYTES;
  const registers = view.getUint8(at + 1);
  return {
    opcode: view.getUint8(at),
    destination: registers & 15,
    source: registers >> 4,
    offset: view.getInt16(at + 2, true),
    immediate: view.getInt32(at + 4, true),
  };
}
