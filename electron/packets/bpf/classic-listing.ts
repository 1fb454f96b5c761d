/** Classic BPF as text, a line an instruction, as `tcpdump -d` writes it: people compare the two. Instructions after bpf(4). */

const WIDTH: Record<number, string> = { 0: '', 8: 'h', 16: 'b' };
const OPERATION: Record<number, string> = {
  0: 'add',
  16: 'sub',
  32: 'mul',
  48: 'div',
  64: 'or',
  80: 'and',
  96: 'lsh',
  112: 'rsh',
  144: 'mod',
  160: 'xor',
};
const IN_HEX = new Set(['or', 'and', 'xor']);
const JUMP: Record<number, string> = { 16: 'jeq', 32: 'jgt', 48: 'jge', 64: 'jset' };
const X = 0x08;

/** `code`: CompiledFilter.programs[].code, four numbers an instruction. */
export function classicListing(code: readonly number[]): string[] {
  return Array.from({ length: code.length / 4 }, (_, at) => {
    const [opcode, jt, jf, k] = code.slice(4 * at, 4 * at + 4) as [number, number, number, number];
    const [name, operand] = instruction(opcode, k, at);
    const head = `(${String(at).padStart(3, '0')}) ${name.padEnd(8)}`;
    if ((opcode & 7) === 5 && opcode !== 5) return `${head} ${operand.padEnd(16)} jt ${at + 1 + jt}\tjf ${at + 1 + jf}`;
    return `${head} ${operand}`;
  });
}

function instruction(opcode: number, k: number, at: number): [name: string, operand: string] {
  switch (opcode & 7) {
    case 0:
      return load('ld', opcode, k);
    case 1:
      return opcode === 0xb1 ? ['ldxb', `4*([${k}]&0xf)`] : load('ldx', opcode, k);
    case 2:
      return ['st', `M[${k}]`];
    case 3:
      return ['stx', `M[${k}]`];
    case 4: {
      const name = OPERATION[opcode & 0xf0];
      if (name === undefined) return ['neg', ''];
      return [name, opcode & X ? 'x' : IN_HEX.has(name) ? `#0x${k.toString(16)}` : `#${k}`];
    }
    case 5:
      if (opcode === 5) return ['ja', `${at + 1 + k}`];
      return [JUMP[opcode & 0xf0] ?? 'unimp', opcode & X ? 'x' : `#0x${k.toString(16)}`];
    case 6:
      return ['ret', opcode & 0x10 ? '' : `#${k}`];
    default:
      return [opcode & 0x80 ? 'txa' : 'tax', ''];
  }
}

function load(name: string, opcode: number, k: number): [name: string, operand: string] {
  const sized = name + WIDTH[opcode & 0x18]!;
  switch (opcode & 0xe0) {
    case 0x00:
      return [name, `#0x${k.toString(16)}`];
    case 0x20:
      return [sized, `[${k}]`];
    case 0x40:
      return [sized, `[x + ${k}]`];
    case 0x60:
      return [name, `M[${k}]`];
    default:
      return [name, '#pktlen'];
  }
}
