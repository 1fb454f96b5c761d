/**
 * x86-64 machine code as text, Intel syntax, as objdump -M intel writes it: the instructions that the kernel's eBPF compiler makes, and their neighbours.
 * What it does not know is undefined, never a guess; nothing is read outside of the bytes.
 */
import { ARITHMETIC, CONDITIONS, POINTER, registerName, SHIFTS, UNARY, type Width } from './x86-words.ts';

export interface MachineInstruction {
  length: number;
  text: string;
  /** Offset that it jumps to or calls; may lie outside. */
  target?: number;
}

/** No instruction is longer. */
const LONGEST = 15;
const VEX_SHIFTS = [undefined, 'shlx', 'sarx', 'shrx'] as const;

export function machineInstruction(code: Uint8Array, at: number): MachineInstruction | undefined {
  const decoder = new Decoder(code, at);
  try {
    const words = decoder.decode();
    const length = decoder.at - at;
    if (words === undefined || length > LONGEST) return undefined;
    return { length, text: words, ...(decoder.target !== undefined && { target: decoder.target }) };
  } catch (error) {
    // The code ends in the middle.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

class Decoder {
  at: number;
  target: number | undefined;
  readonly #view: DataView;
  #rex = 0;
  #short = false;
  #repeat = 0;
  #lock = false;
  #segment = '';
  /** Of the last modrm. */
  #mod = 0;
  #reg = 0;
  #rm = 0;

  constructor(code: Uint8Array, at: number) {
    this.#view = new DataView(code.buffer, code.byteOffset, code.byteLength);
    this.at = at;
  }

  decode(): string | undefined {
    const opcode = this.#prefixes();
    const words = opcode === 0x0f ? this.#two() : opcode === 0xc4 ? this.#vex() : this.#one(opcode);
    return words !== undefined && this.#lock ? `lock ${words}` : words;
  }

  #prefixes(): number {
    for (;;) {
      const byte = this.#u8();
      if (byte === 0x66) this.#short = true;
      else if (byte === 0xf0) this.#lock = true;
      else if (byte === 0xf2 || byte === 0xf3) this.#repeat = byte;
      else if (byte === 0x64 || byte === 0x65) this.#segment = byte === 0x64 ? 'fs:' : 'gs:';
      else if (byte >= 0x40 && byte <= 0x4f) {
        this.#rex = byte;
        return this.#u8();
      } else return byte;
    }
  }

  get #wide(): boolean {
    return (this.#rex & 8) !== 0;
  }
  get #width(): Width {
    return this.#wide ? 64 : this.#short ? 16 : 32;
  }

  #one(opcode: number): string | undefined {
    if (this.#repeat !== 0) return this.#repeat === 0xf3 && opcode === 0x90 ? 'pause' : undefined;
    const width = opcode & 1 ? this.#width : 8;
    if (opcode < 0x40) return this.#arithmetic(opcode, width);
    const low = (opcode & 7) | ((this.#rex & 1) << 3);
    switch (opcode & 0xf8) {
      case 0x50:
        return `push ${this.#name(low, 64)}`;
      case 0x58:
        return `pop ${this.#name(low, 64)}`;
      case 0x70:
      case 0x78:
        return `j${CONDITIONS[opcode & 15]} ${this.#jump(this.#s8())}`;
      case 0xb0:
        return `mov ${this.#name(low, 8)},${hex(this.#u8())}`;
      case 0xb8:
        return this.#wide
          ? `movabs ${this.#name(low, 64)},0x${this.#u64().toString(16)}`
          : `mov ${this.#name(low, this.#width)},${hex(this.#short ? this.#u16() : this.#u32())}`;
    }
    switch (opcode) {
      case 0x63:
        this.#modrm();
        return `movsxd ${this.#register(this.#width)},${this.#place(32)}`;
      case 0x68:
        return `push ${this.#immediate(64)}`;
      case 0x6a:
        return `push ${this.#signed(this.#s8(), 64)}`;
      case 0x69:
      case 0x6b: {
        this.#modrm();
        const place = `${this.#register(this.#width)},${this.#place(this.#width)}`;
        const factor = opcode === 0x6b ? this.#signed(this.#s8(), this.#width) : this.#immediate(this.#width);
        return `imul ${place},${factor}`;
      }
      case 0x80:
      case 0x81:
      case 0x83: {
        this.#modrm();
        const place = this.#place(width);
        const right = opcode === 0x81 ? this.#immediate(width) : this.#signed(this.#s8(), width);
        return `${ARITHMETIC[this.#reg & 7]} ${place},${right}`;
      }
      case 0x84:
      case 0x85:
      case 0x86:
      case 0x87:
      case 0x88:
      case 0x89:
        this.#modrm();
        return `${opcode < 0x86 ? 'test' : opcode < 0x88 ? 'xchg' : 'mov'} ${this.#place(width)},${this.#register(width)}`;
      case 0x8a:
      case 0x8b:
        this.#modrm();
        return `mov ${this.#register(width)},${this.#place(width)}`;
      case 0x8d:
        this.#modrm();
        return this.#mod === 3 ? undefined : `lea ${this.#register(this.#width)},${this.#memory()}`;
      case 0x90:
        return this.#rex & 1 ? undefined : this.#short ? 'xchg ax,ax' : 'nop';
      case 0x98:
        return this.#wide ? 'cdqe' : this.#short ? 'cbw' : 'cwde';
      case 0x99:
        return this.#wide ? 'cqo' : this.#short ? 'cwd' : 'cdq';
      case 0xa8:
        return `test al,${hex(this.#u8())}`;
      case 0xa9:
        return `test ${this.#name(0, this.#width)},${this.#immediate(this.#width)}`;
      case 0xc0:
      case 0xc1:
      case 0xd0:
      case 0xd1:
      case 0xd2:
      case 0xd3: {
        this.#modrm();
        const place = this.#place(width);
        return `${SHIFTS[this.#reg & 7]} ${place},${opcode < 0xd0 ? hex(this.#u8()) : opcode < 0xd2 ? '1' : 'cl'}`;
      }
      case 0xc3:
        return 'ret';
      case 0xc6:
      case 0xc7: {
        this.#modrm();
        const place = this.#place(width);
        return this.#reg & 7 ? undefined : `mov ${place},${this.#immediate(width)}`;
      }
      case 0xc9:
        return 'leave';
      case 0xcc:
        return 'int3';
      case 0xe8:
        return `call ${this.#jump(this.#s32())}`;
      case 0xe9:
        return `jmp ${this.#jump(this.#s32())}`;
      case 0xeb:
        return `jmp ${this.#jump(this.#s8())}`;
      case 0xf6:
      case 0xf7: {
        this.#modrm();
        const place = this.#place(width);
        const word = UNARY[this.#reg & 7]!;
        return word === 'test' ? `test ${place},${this.#immediate(width)}` : `${word} ${place}`;
      }
      case 0xfe:
      case 0xff:
        return this.#last(opcode, width);
    }
    return undefined;
  }

  #last(opcode: number, width: Width): string | undefined {
    this.#modrm();
    switch (this.#reg & 7) {
      case 0:
      case 1:
        return `${this.#reg & 7 ? 'dec' : 'inc'} ${this.#place(width)}`;
      case 2:
      case 4:
        return opcode === 0xff ? `${(this.#reg & 7) === 2 ? 'call' : 'jmp'} ${this.#place(64)}` : undefined;
      case 6:
        return opcode === 0xff ? `push ${this.#place(64)}` : undefined;
    }
    return undefined;
  }

  #arithmetic(opcode: number, width: Width): string | undefined {
    const word = ARITHMETIC[opcode >> 3]!;
    switch (opcode & 7) {
      case 0:
      case 1:
        this.#modrm();
        return `${word} ${this.#place(width)},${this.#register(width)}`;
      case 2:
      case 3:
        this.#modrm();
        return `${word} ${this.#register(width)},${this.#place(width)}`;
      case 4:
        return `${word} al,${this.#signed(this.#s8(), 8)}`;
      case 5:
        return `${word} ${this.#name(0, width)},${this.#immediate(width)}`;
    }
    return undefined;
  }

  #two(): string | undefined {
    const opcode = this.#u8();
    if (this.#repeat !== 0)
      return this.#repeat === 0xf3 && opcode === 0x1e && this.#u8() === 0xfa ? 'endbr64' : undefined;
    const width = this.#width;
    const odd = opcode & 1 ? width : 8;
    switch (opcode & 0xf0) {
      case 0x40:
        this.#modrm();
        return `cmov${CONDITIONS[opcode & 15]} ${this.#register(width)},${this.#place(width)}`;
      case 0x80:
        return `j${CONDITIONS[opcode & 15]} ${this.#jump(this.#s32())}`;
      case 0x90:
        this.#modrm();
        return `set${CONDITIONS[opcode & 15]} ${this.#place(8)}`;
    }
    if ((opcode & 0xf8) === 0xc8) return `bswap ${this.#name((opcode & 7) | ((this.#rex & 1) << 3), width)}`;
    switch (opcode) {
      case 0x0b:
        return 'ud2';
      case 0x1f:
        this.#modrm();
        return this.#reg & 7 ? undefined : `nop ${this.#place(width)}`;
      case 0x31:
        return 'rdtsc';
      case 0xae:
        this.#modrm();
        return this.#mod === 3 ? { 5: 'lfence', 6: 'mfence', 7: 'sfence' }[this.#reg & 7] : undefined;
      case 0xaf:
        this.#modrm();
        return `imul ${this.#register(width)},${this.#place(width)}`;
      case 0xb0:
      case 0xb1:
      case 0xc0:
      case 0xc1:
        this.#modrm();
        return `${opcode < 0xc0 ? 'cmpxchg' : 'xadd'} ${this.#place(odd)},${this.#register(odd)}`;
      case 0xb6:
      case 0xb7:
      case 0xbe:
      case 0xbf:
        this.#modrm();
        return `${opcode < 0xb8 ? 'movzx' : 'movsx'} ${this.#register(width)},${this.#place(opcode & 1 ? 16 : 8)}`;
      case 0xba: {
        this.#modrm();
        const word = { 4: 'bt', 5: 'bts', 6: 'btr', 7: 'btc' }[this.#reg & 7];
        const place = this.#place(width);
        return word && `${word} ${place},${hex(this.#u8())}`;
      }
    }
    return undefined;
  }

  /** BMI2 shifts by a register: VEX with three bytes, map 2. */
  #vex(): string | undefined {
    const first = this.#u8();
    const second = this.#u8();
    const word = VEX_SHIFTS[second & 3];
    if ((first & 0x1f) !== 2 || (second & 4) !== 0 || this.#u8() !== 0xf7 || !word) return undefined;
    // The three extension bits stand inverted.
    this.#rex = 0x40 | (second & 0x80 ? 8 : 0) | ((~first >> 5) & 7);
    this.#modrm();
    const place = this.#place(this.#width);
    return `${word} ${this.#register(this.#width)},${place},${this.#name((~second >> 3) & 15, this.#width)}`;
  }

  #modrm(): void {
    const byte = this.#u8();
    this.#mod = byte >> 6;
    this.#reg = ((byte >> 3) & 7) | ((this.#rex & 4) << 1);
    this.#rm = byte & 7;
  }

  #register(width: Width): string {
    return this.#name(this.#reg, width);
  }

  #name(number: number, width: Width): string {
    return registerName(number, width, this.#rex !== 0);
  }

  /** What mod and rm name: a register, or memory of this width. */
  #place(width: Width): string {
    if (this.#mod === 3) return this.#name(this.#rm | ((this.#rex & 1) << 3), width);
    return `${POINTER[width]} PTR ${this.#memory()}`;
  }

  #memory(): string {
    const parts: string[] = [];
    let base = this.#rm;
    if (base === 4) {
      const sib = this.#u8();
      const index = ((sib >> 3) & 7) | ((this.#rex & 2) << 2);
      base = sib & 7;
      const alone = base === 5 && this.#mod === 0;
      if (!alone) parts.push(registerName(base | ((this.#rex & 1) << 3), 64, true));
      if (index !== 4) parts.push(`${registerName(index, 64, true)}*${1 << (sib >> 6)}`);
      if (alone && parts.length === 0) {
        const address = BigInt.asUintN(64, BigInt(this.#s32()));
        return `${this.#segment === '' ? 'ds:' : this.#segment}0x${address.toString(16)}`;
      }
      if (alone) return this.#bracketed(parts, this.#s32());
    } else if (base === 5 && this.#mod === 0) parts.push('rip');
    else parts.push(registerName(base | ((this.#rex & 1) << 3), 64, true));
    if (parts[0] === 'rip') return this.#bracketed(parts, this.#s32());
    if (this.#mod === 0) return this.#bracketed(parts, undefined);
    return this.#bracketed(parts, this.#mod === 1 ? this.#s8() : this.#s32());
  }

  #bracketed(parts: readonly string[], displacement: number | undefined): string {
    const rest = displacement === undefined ? '' : `${displacement < 0 ? '-' : '+'}${hex(Math.abs(displacement))}`;
    return `${this.#segment}[${parts.join('+')}${rest}]`;
  }

  #jump(distance: number): string {
    this.target = this.at + distance;
    return `0x${BigInt.asUintN(64, BigInt(this.target)).toString(16)}`;
  }

  /** As wide as the operand, at most 32 bits, extended with its sign. */
  #immediate(width: Width): string {
    if (width === 8) return hex(this.#u8());
    if (width === 16) return hex(this.#u16());
    return this.#signed(this.#s32(), width);
  }

  #signed(value: number, width: Width): string {
    return `0x${BigInt.asUintN(width, BigInt(value)).toString(16)}`;
  }

  #u8(): number {
    return this.#view.getUint8(this.at++);
  }
  #s8(): number {
    return this.#view.getInt8(this.at++);
  }
  #u16(): number {
    this.at += 2;
    return this.#view.getUint16(this.at - 2, true);
  }
  #u32(): number {
    this.at += 4;
    return this.#view.getUint32(this.at - 4, true);
  }
  #s32(): number {
    this.at += 4;
    return this.#view.getInt32(this.at - 4, true);
  }
  #u64(): bigint {
    this.at += 8;
    return this.#view.getBigUint64(this.at - 8, true);
  }
}

const hex = (value: number) => `0x${value.toString(16)}`;
