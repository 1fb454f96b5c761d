/**
 * Seeded mutations that know a little of structure: bits, boundary values in 8-, 16- and 32-bit fields of both orders, cuts, repeats,
 * splices of two samples. The seed is printed by whoever fails, so that a run can be repeated.
 */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const EDGES = [0, 1, 2, 3, 4, 7, 8, 15, 16, 63, 64, 0x7f, 0x80, 0xc0, 0xfe, 0xff];

export function mutate(bytes: Uint8Array, other: Uint8Array, next: (below: number) => number): Uint8Array {
  let out = bytes.slice();
  for (let rounds = 1 + next(4); rounds > 0; rounds--) {
    const at = next(out.length || 1);
    switch (next(8)) {
      case 0:
        out[at]! ^= 1 << next(8);
        break;
      case 1:
      case 2:
        out[at] = EDGES[next(EDGES.length)]!;
        break;
      case 3: {
        const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
        const value = [0, 1, out.length, out.length - at, 0xffff, 0x8000, next(2048)][next(7)]!;
        if (at + 2 <= out.length) view.setUint16(at, value & 0xffff, next(2) === 0);
        break;
      }
      case 4: {
        const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
        const value = [0, 1, out.length, 0xffffffff, 0x80000000, 0x7fffffff, next(1 << 20)][next(7)]!;
        if (at + 4 <= out.length) view.setUint32(at, value, next(2) === 0);
        break;
      }
      case 5:
        out = out.slice(0, at);
        break;
      case 6:
        out = joined(out.subarray(0, at), out.subarray(Math.max(0, at - next(40)), at), out.subarray(at));
        break;
      case 7:
        out = joined(out.subarray(0, at), other.subarray(next(other.length || 1)));
        break;
    }
  }
  return out;
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
