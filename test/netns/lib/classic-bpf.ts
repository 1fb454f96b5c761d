/**
 * Classic BPF for tests: an interpreter after bpf(4), independent of the translator, and a maker of random programs that are valid
 * (forward jumps, every operation) and that look at real packets.
 */

export interface Classic {
  code: number;
  jt: number;
  jf: number;
  k: number;
}

export const flat = (program: readonly Classic[]): number[] =>
  program.flatMap(({ code, jt, jf, k }) => [code, jt, jf, k]);
export const fromFlat = (numbers: readonly number[]): Classic[] =>
  Array.from({ length: numbers.length / 4 }, (_, i) => ({
    code: numbers[4 * i]!,
    jt: numbers[4 * i + 1]!,
    jf: numbers[4 * i + 2]!,
    k: numbers[4 * i + 3]!,
  }));

const WIDTH: Record<number, number> = { 0: 4, 8: 2, 16: 1 };

/** What the program returns for the packet: 0 = no match. */
export function interpret(program: readonly Classic[], packet: Uint8Array): number {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const memory = new Uint32Array(16);
  let a = 0;
  let x = 0;
  const read = (at: number, width: number): number | undefined =>
    at + width > packet.length
      ? undefined
      : width === 4
        ? view.getUint32(at)
        : width === 2
          ? view.getUint16(at)
          : view.getUint8(at);
  for (let pc = 0; ; pc++) {
    const { code, jt, jf, k } = program[pc]!;
    const operand = code & 8 ? x : k;
    switch (code & 7) {
      case 0:
      case 1: {
        const mode = code & 0xe0;
        const width = WIDTH[code & 0x18]!;
        const value =
          mode === 0x00
            ? k
            : mode === 0x60
              ? memory[k]!
              : mode === 0x80
                ? packet.length
                : mode === 0x40
                  ? read(x + k, width)
                  : mode === 0xa0
                    ? read(k, 1)
                    : read(k, width);
        if (value === undefined) return 0;
        if ((code & 7) === 0) a = value;
        else x = mode === 0xa0 ? (value & 15) * 4 : value;
        break;
      }
      case 2:
        memory[k] = a;
        break;
      case 3:
        memory[k] = x;
        break;
      case 4: {
        const op = code & 0xf0;
        if ((op === 0x30 || op === 0x90) && operand === 0) return 0;
        a = arithmetic(op, a, operand);
        break;
      }
      case 5:
        pc += (code & 0xf0) === 0 ? k : compare(code & 0xf0, a, operand) ? jt : jf;
        break;
      case 6:
        return code & 0x10 ? a : k;
      default:
        if (code & 0x80) a = x;
        else x = a;
    }
  }
}

function arithmetic(op: number, a: number, b: number): number {
  switch (op) {
    case 0x00:
      return (a + b) >>> 0;
    case 0x10:
      return (a - b) >>> 0;
    case 0x20:
      return Math.imul(a, b) >>> 0;
    case 0x30:
      return Math.floor(a / b);
    case 0x40:
      return (a | b) >>> 0;
    case 0x50:
      return (a & b) >>> 0;
    case 0x60:
      return b > 31 ? 0 : (a << b) >>> 0;
    case 0x70:
      return b > 31 ? 0 : a >>> b;
    case 0x80:
      return -a >>> 0;
    case 0x90:
      return a % b;
    default:
      return (a ^ b) >>> 0;
  }
}

function compare(op: number, a: number, b: number): boolean {
  return op === 0x10 ? a === b : op === 0x20 ? a > b : op === 0x30 ? a >= b : (a & b) !== 0;
}

/** mulberry32: the same programs for the same seed. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A valid program of 2 to `length` instructions. Values are those that matter: small, field offsets, edges of 32 bits. */
export function randomProgram(next: () => number, length = 40): Classic[] {
  const below = (n: number) => Math.floor(next() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const value = () =>
    pick([
      0,
      1,
      2,
      4,
      6,
      8,
      15,
      17,
      31,
      32,
      33,
      64,
      0x0800,
      0x86dd,
      0xffff,
      0x7fffffff,
      0x80000000,
      0xffffffff,
      below(256),
      below(0x100000000),
    ]);
  const offset = () =>
    pick([
      0,
      6,
      9,
      10,
      11,
      12,
      13,
      14,
      15,
      16,
      17,
      20,
      23,
      26,
      30,
      34,
      36,
      46,
      53,
      58,
      59,
      60,
      61,
      100,
      126,
      127,
      128,
      1500,
      65533,
      65535,
      below(80),
      below(70_000),
    ]);
  const count = 2 + below(length - 1);
  const program: Classic[] = [];
  for (let at = 0; at < count - 1; at++) {
    const left = count - at - 2; // furthest that a jump may go
    const plain = (code: number, k: number): Classic => ({ code, jt: 0, jf: 0, k });
    const kind = below(12);
    if (kind <= 2) program.push(plain(pick([0x20, 0x28, 0x30]), offset()));
    else if (kind === 3) program.push(plain(pick([0x40, 0x48, 0x50]), pick([offset(), value()])));
    else if (kind === 4) program.push(plain(pick([0x00, 0x01]), value()));
    else if (kind === 5) program.push(plain(pick([0x60, 0x61, 0x02, 0x03]), below(16)));
    else if (kind === 6) program.push(plain(pick([0x80, 0x81]), 0));
    else if (kind === 7) program.push(plain(0xb1, offset()));
    else if (kind === 8) program.push(plain(pick([0x07, 0x87]), 0));
    else if (kind <= 10) {
      const op = below(11) * 16;
      const register = below(2) * 8;
      const k =
        op === 0x80 ? 0 : op === 0x60 || op === 0x70 ? below(32) : op === 0x30 || op === 0x90 ? value() || 1 : value();
      program.push(plain(0x04 | op | (op === 0x80 ? 0 : register), k));
    } else if (below(8) === 0) program.push(plain(0x05, below(left + 1)));
    else
      program.push({
        code: 0x05 | (pick([1, 2, 3, 4]) * 16) | (below(2) * 8),
        jt: below(Math.min(left, 255) + 1),
        jf: below(Math.min(left, 255) + 1),
        k: value(),
      });
  }
  program.push(
    pick([
      { code: 0x06, jt: 0, jf: 0, k: 262144 },
      { code: 0x16, jt: 0, jf: 0, k: 0 },
    ]),
  );
  return program;
}
