/** Words of x86-64 (Intel's manual, volume 2; Intel syntax), as far as compilers of eBPF write them. */
export type Width = 8 | 16 | 32 | 64;

const LEGACY = ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di'];
const LOW_BYTES = ['al', 'cl', 'dl', 'bl', 'spl', 'bpl', 'sil', 'dil'];
const HIGH_BYTES = ['ah', 'ch', 'dh', 'bh'];
const SUFFIX: Record<Width, string> = { 8: 'b', 16: 'w', 32: 'd', 64: '' };

/** `rex`: with that prefix, 4 to 7 are the low bytes of other registers. */
export function registerName(number: number, width: Width, rex: boolean): string {
  if (number >= 8) return `r${number}${SUFFIX[width]}`;
  if (width === 8) return !rex && number >= 4 ? HIGH_BYTES[number - 4]! : LOW_BYTES[number]!;
  const name = LEGACY[number]!;
  return width === 16 ? name : width === 32 ? `e${name}` : `r${name}`;
}

export const POINTER: Record<Width, string> = { 8: 'BYTE', 16: 'WORD', 32: 'DWORD', 64: 'QWORD' };
export const ARITHMETIC = ['add', 'or', 'adc', 'sbb', 'and', 'sub', 'xor', 'cmp'] as const;
export const SHIFTS = ['rol', 'ror', 'rcl', 'rcr', 'shl', 'shr', 'shl', 'sar'] as const;
export const UNARY = ['test', 'test', 'not', 'neg', 'mul', 'imul', 'div', 'idiv'] as const;
export const CONDITIONS = 'o no b ae e ne be a s ns p np l ge le g'.split(' ');
