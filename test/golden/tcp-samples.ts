/** TCP as networks make it: losses, repetitions, what overtakes, windows that close. Each a connection in which one thing happens. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { A, B } from './sample-parts.ts';
import type { Sample } from './samples.ts';

const S = f.TCP_FLAG;
const MS = 1_000_000n;

interface More {
  flags?: number;
  window?: number;
  options?: Uint8Array;
}

let nextPort = 40_100;

/** Segments with the numbers and at the times that are said. Numbers are relative: the handshake took 0 of each side. */
class Wire {
  readonly #frames: { bytes: Uint8Array; gapNs: bigint }[] = [];
  #gapMs = 1n;
  readonly #port: number;

  /** @param rttMs of the handshake */
  constructor(rttMs = 10, options: (side: number) => Uint8Array = () => f.synOptions(1460, 1, 7)) {
    this.#port = nextPort++;
    this.#send(0, -1, 0, 0, { flags: S.syn, options: options(0) });
    this.wait(rttMs);
    this.#send(1, -1, 0, 0, { flags: S.syn | S.ack, options: options(1) });
    this.wait(1);
    this.#send(0, 0, 0, 0);
  }

  wait(ms: number): this {
    this.#gapMs += BigInt(ms);
    return this;
  }
  /** From the client: a segment of `length` bytes. */
  c(sequence: number, ack: number, length = 0, more: More = {}): this {
    return this.#send(0, sequence, ack, length, more);
  }
  s(sequence: number, ack: number, length = 0, more: More = {}): this {
    return this.#send(1, sequence, ack, length, more);
  }
  get sample(): Sample {
    return { linkType: 1, frames: this.#frames };
  }

  #send(side: number, sequence: number, ack: number, length: number, more: More = {}): this {
    const [from, to] = side === 0 ? [A, B] : [B, A];
    const ends = { source: from.ipv4, destination: to.ipv4 };
    const isn = [1000, 5000];
    const flags = more.flags ?? S.ack;
    const header = {
      sourcePort: side === 0 ? this.#port : 50_080,
      destinationPort: side === 0 ? 50_080 : this.#port,
      sequence: isn[side]! + 1 + sequence,
      acknowledgment: flags & S.ack ? isn[1 - side]! + 1 + ack : 0,
      flags,
      window: more.window ?? 500,
      ...(more.options && { options: more.options }),
    };
    const packet = f.ipv4({ ...ends, protocol: 6 }, f.tcp(ends, header, f.pattern(length)));
    const bytes = f.ethernet({ source: from.mac, destination: to.mac, type: 0x0800 }, packet);
    this.#frames.push({ bytes, gapNs: this.#gapMs * MS });
    this.#gapMs = 0n;
    return this;
  }
}

/** Two NOPs and selective acknowledgement blocks, by their edges. */
const sack = (...edges: number[]) =>
  f.concat(Uint8Array.of(1, 1, 5, 2 + 4 * edges.length), ...edges.map((edge) => f.u32(1001 + edge)));
const noScale = () => Uint8Array.of(2, 4, 5, 0xb4);

export const TCP_ANALYSIS_SAMPLES: Record<string, Sample> = {
  tcp_retransmission: new Wire()
    .wait(1)
    .c(0, 0, 100)
    .wait(300)
    .c(0, 0, 100)
    .wait(5)
    .s(0, 100)
    .wait(1)
    .c(100, 0, 100, { flags: S.fin | S.ack })
    .wait(400)
    .c(100, 0, 100, { flags: S.fin | S.ack })
    .wait(5)
    .s(0, 201, 0, { flags: S.fin | S.ack })
    .c(201, 1).sample,
  tcp_fast_retransmission: new Wire()
    .wait(1)
    .c(0, 0, 100)
    .c(200, 0, 100)
    .c(300, 0, 100)
    .c(400, 0, 100)
    .wait(10)
    .s(0, 100)
    .s(0, 100, 0, { options: sack(200, 300) })
    .s(0, 100, 0, { options: sack(200, 400) })
    .s(0, 100, 0, { options: sack(200, 500) })
    .wait(2)
    .c(100, 0, 100)
    .wait(10)
    .s(0, 500).sample,
  tcp_spurious: new Wire().wait(1).c(0, 0, 100).wait(10).s(0, 100).wait(50).c(0, 0, 100).wait(1).s(0, 100).sample,
  tcp_out_of_order: new Wire().wait(1).c(100, 0, 100).wait(1).c(0, 0, 100).wait(10).s(0, 200).sample,
  tcp_lost: new Wire().wait(1).c(500, 0, 100).wait(1).s(0, 900).wait(1).c(900, 0, 10).sample,
  tcp_windows: new Wire()
    .wait(1)
    .c(0, 0, 1400)
    .wait(5)
    .s(0, 1400, 0, { window: 4 })
    .c(1400, 0, 512)
    .wait(5)
    .s(0, 1912, 0, { window: 0 })
    .wait(200)
    .c(1912, 0, 1)
    .wait(5)
    .s(0, 1912, 0, { window: 0 })
    .wait(400)
    .s(0, 1912, 0, { window: 500 })
    .c(1912, 0, 100).sample,
  tcp_keep_alive: new Wire()
    .wait(1)
    .c(0, 0, 100)
    .wait(5)
    .s(0, 100)
    .wait(45_000)
    .c(99, 0)
    .wait(5)
    .s(0, 100)
    .wait(45_000)
    .c(99, 0, 1)
    .wait(5)
    .s(0, 100)
    .wait(10)
    .c(100, 0, 0, { flags: S.rst | S.ack }).sample,
  tcp_flight: new Wire(20, noScale)
    .wait(1)
    .c(0, 0, 1000, { window: 8000 })
    .c(1000, 0, 1000, { flags: S.psh | S.ack, window: 8000 })
    .s(0, 0, 300, { window: 8000 })
    .wait(20)
    .s(300, 1000, 0, { window: 8000 })
    .wait(2)
    .s(300, 2000, 500, { flags: S.psh | S.ack, window: 8000 })
    .c(2000, 800, 0, { window: 8000 })
    .c(2000, 800, 0, { window: 9000 }).sample,
  tcp_double_sack: new Wire()
    .wait(1)
    .c(0, 0, 100)
    .c(100, 0, 100)
    .c(200, 0, 100)
    .c(300, 0, 100)
    .wait(5)
    .s(0, 200, 0, { options: sack(0, 100) })
    .wait(1)
    .s(0, 200, 0, { options: sack(300, 350, 300, 400) })
    .wait(60)
    .c(300, 0, 100)
    .wait(5)
    .s(0, 200, 0, { options: sack(300, 400) }).sample,
  /** A snaplen of 60: the options of the handshake are not all there, the numbers are. */
  tcp_cut_options: {
    linkType: 1,
    frames: new Wire()
      .wait(1)
      .s(0, 0)
      .sample.frames.map(({ bytes, gapNs }) => ({
        bytes: bytes.subarray(0, 60),
        wireLen: bytes.length,
        ...(gapNs !== undefined && { gapNs }),
      })),
  },
};
