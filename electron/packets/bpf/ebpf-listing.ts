/**
 * eBPF as text, a line an instruction, in the words of the kernel's verifier log and of `bpftool prog dump xlated` (RFC 9669,
 * kernel/bpf/disasm.c's conventions). Instructions are named by their slot, so jumps (`pc+N`) can be followed.
 */

const SIZE: Record<number, string> = { 0: 'u32', 8: 'u16', 16: 'u8', 24: 'u64' };
const SIGNED: Record<number, string> = { 0: 's32', 8: 's16', 16: 's8' };
const ALU: Record<number, string> = {
  0: '+=',
  16: '-=',
  32: '*=',
  48: '/=',
  64: '|=',
  80: '&=',
  96: '<<=',
  112: '>>=',
  144: '%=',
  160: '^=',
  176: '=',
  192: 's>>=',
};
const JUMP: Record<number, string> = {
  16: '==',
  32: '>',
  48: '>=',
  64: '&',
  80: '!=',
  96: 's>',
  112: 's>=',
  160: '<',
  176: '<=',
  192: 's<',
  208: 's<=',
};
const ATOMIC: Record<number, string> = { 0: '+=', 64: '|=', 80: '&=', 160: '^=' };
/** Those that our programs call (enum bpf_func_id); others go by their number. */
const HELPER: Record<number, string> = {
  1: 'bpf_map_lookup_elem',
  2: 'bpf_map_update_elem',
  12: 'bpf_tail_call',
  25: 'bpf_perf_event_output',
  26: 'bpf_skb_load_bytes',
  51: 'bpf_redirect_map',
  113: 'bpf_probe_read_kernel',
  189: 'bpf_xdp_load_bytes',
};

interface Instruction {
  opcode: number;
  destination: number;
  source: number;
  offset: number;
  immediate: number;
}

/** `program`: struct bpf_insn × n (little-endian), as native translateFilter gives it. */
export function ebpfListing(program: Uint8Array): string[] {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const lines: string[] = [];
  for (let at = 0; at + 8 <= program.byteLength; at += 8) {
    const registers = view.getUint8(at + 1);
    const one: Instruction = {
      opcode: view.getUint8(at),
      destination: registers & 15,
      source: registers >> 4,
      offset: view.getInt16(at + 2, true),
      immediate: view.getInt32(at + 4, true),
    };
    const slot = at / 8;
    let text: string;
    if (one.opcode === 0x18 && at + 16 <= program.byteLength) {
      at += 8; // two slots hold its 64 bits
      text = wide(one, view.getUint32(at + 4, true));
    } else text = words(one);
    lines.push(`${String(slot).padStart(4)}: (${one.opcode.toString(16).padStart(2, '0')}) ${text}`);
  }
  return lines;
}

function wide({ destination, source, immediate }: Instruction, high: number): string {
  const low = immediate >>> 0;
  if (source === 1) return `r${destination} = map[fd:${low}]`;
  if (source === 2) return `r${destination} = map[fd:${low}][0]+${high}`;
  return `r${destination} = 0x${((BigInt(high) << 32n) | BigInt(low)).toString(16)}`;
}

function words(one: Instruction): string {
  const { opcode, destination, source, offset, immediate } = one;
  const at = (register: number): string => `(r${register} ${offset < 0 ? '-' : '+'}${Math.abs(offset)})`;
  const size = SIZE[opcode & 0x18]!;
  switch (opcode & 7) {
    case 0:
      return (opcode & 0xe0) === 0x40
        ? `r0 = *(${size} *)skb[r${source} + ${immediate}]`
        : `r0 = *(${size} *)skb[${immediate}]`;
    case 1:
      return `r${destination} = *(${(opcode & 0xe0) === 0x80 ? SIGNED[opcode & 0x18] : size} *)${at(source)}`;
    case 2:
      return `*(${size} *)${at(destination)} = ${immediate}`;
    case 3:
      return (opcode & 0xe0) === 0xc0
        ? atomic(one, `*(${size} *)${at(destination)}`)
        : `*(${size} *)${at(destination)} = r${source}`;
    case 5:
    case 6:
      return jump(one);
    default:
      return arithmetic(one);
  }
}

function atomic({ source, immediate }: Instruction, target: string): string {
  const operator = ATOMIC[immediate & 0xf0];
  return operator === undefined
    ? `atomic(0x${immediate.toString(16)}) ${target} r${source}`
    : `lock ${target} ${operator} r${source}`;
}

function jump({ opcode, destination, source, offset, immediate }: Instruction): string {
  const way = `pc${offset < 0 ? '' : '+'}${offset}`;
  const register = (opcode & 7) === 5 ? 'r' : 'w';
  switch (opcode & 0xf0) {
    case 0x00:
      return `goto ${way}`;
    case 0x80:
      return source === 1
        ? `call pc${immediate < 0 ? '' : '+'}${immediate}`
        : `call ${HELPER[immediate] ?? 'helper'}#${immediate}`;
    case 0x90:
      return 'exit';
    default: {
      const right = opcode & 8 ? `${register}${source}` : `0x${(immediate >>> 0).toString(16)}`;
      return `if ${register}${destination} ${JUMP[opcode & 0xf0] ?? '?'} ${right} goto ${way}`;
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
  const operator = ALU[opcode & 0xf0] ?? '?';
  if (!(opcode & 8)) return `${left} ${operator} ${immediate}`;
  const extended = operator === '=' && offset !== 0 ? `(s${offset})` : '';
  return `${left} ${operator} ${extended}${register}${source}`;
}
