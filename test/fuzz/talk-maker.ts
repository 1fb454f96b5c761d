/**
 * Conversations that nobody wrote down: what both sides say (streams.ts) cut into segments anywhere, acknowledged now and then, with options, windows and
 * times as connections in trouble have them. All from one seed.
 */
import * as f from '../../electron/cli/demo/frames/index.ts';
import type { TimedFrame } from '../fixtures/tcp-script.ts';
import { bend, type Next, pick, STREAMS, type Turn } from './streams.ts';

/** Its gap is to the one before it of the same conversation. */
export type Frame = TimedFrame;

const S = f.TCP_FLAG;
const MACS = { source: '02:00:00:00:00:0a', destination: '02:00:00:00:00:0b' };
const GAPS = [0, 400, 90_000, 2_900_000, 3_100_000, 19_000_000, 21_000_000, 250_000_000] as const;
const WINDOWS = [0, 1, 100, 501, 501, 501, 64_240, 65_535] as const;
/** Names of hosts; both addresses of a talk are of one kind. */
const HOSTS = [
  ['10.0.0.1', '10.0.0.2', '10.0.0.3', '192.168.100.200'],
  ['fd00::1', '2001:db8:0:0:1::2', '::ffff:a00:1', '::a01:203', '::1', '1:2:3:4:5:6:7:8', 'fe80::'],
] as const;

interface Side {
  address: string;
  port: number;
  seq: number;
  /** What the other side has told of. */
  acked: number;
  window: number;
}

/** A TCP connection of a kind of STREAMS. */
class TalkMaker {
  readonly frames: Frame[] = [];
  readonly #next: Next;
  readonly #sides: readonly [Side, Side];
  readonly #tags: f.VlanTag[];
  readonly #hasTimestamps: boolean;
  /** Segments between two troubles. */
  readonly #calm: number;

  constructor(next: Next, port: number, client: number) {
    this.#next = next;
    const hosts = pick(next, HOSTS);
    const [a, b] = [pick(next, hosts), pick(next, hosts)];
    // Numbers that wrap now and then.
    const seq = () => pick(next, [0, 1000, 0xffff_ff00, 0x7fff_fff0, next(2 ** 31)]);
    const side = (address: string, number: number): Side => ({
      address,
      port: number,
      seq: seq(),
      acked: 0,
      window: pick(next, WINDOWS),
    });
    this.#sides = [side(a, client), side(b, port)];
    this.#tags = Array.from({ length: next(8) === 0 ? 1 + next(3) : 0 }, () => ({ id: 1 + next(4000) }));
    this.#hasTimestamps = next(2) === 0;
    this.#calm = pick(next, [8, 30, 200]);
  }

  begin(): void {
    const next = this.#next;
    if (next(6) === 0) return; // a capture that begins in the middle
    const options = () => (next(3) === 0 ? this.#options() : f.synOptions(1460, next(1000), next(16)));
    this.#segment(0, S.syn, undefined, next(5) === 0 ? new Uint8Array(0) : options());
    if (next(20) === 0) this.frames.push(this.frames.at(-1)!);
    this.#segment(1, S.syn | S.ack, undefined, next(5) === 0 ? new Uint8Array(0) : options());
    this.#segment(0, S.ack);
  }

  say({ side, bytes }: Turn, isLast: boolean): void {
    const next = this.#next;
    const most = pick(next, [1, 3, 7, 60, 536, 1460, 1460, 9000]);
    for (let at = 0, small = 30; at < bytes.length; ) {
      const size = Math.min(bytes.length - at, 1 + next(small-- > 0 ? most : 9000));
      const ends = isLast && at + size === bytes.length && next(4) === 0;
      this.#segment(side, S.ack | (next(3) ? S.psh : 0) | (ends ? S.fin : 0), bytes.subarray(at, at + size));
      at += size;
      if (next(3) === 0) this.#segment((1 - side) as 0 | 1, S.ack);
      if (next(this.#calm) === 0) this.#trouble(side, bytes.subarray(at - size, at));
    }
  }

  end(): void {
    const next = this.#next;
    const first = next(2) as 0 | 1;
    if (next(3) === 0) this.#segment(first, S.rst | (next(2) ? S.ack : 0));
    else
      for (const side of [first, 1 - first] as (0 | 1)[]) {
        this.#segment(side, S.fin | S.ack);
        this.#segment((1 - side) as 0 | 1, S.ack);
      }
  }

  /** What connections do when something is wrong, or nothing happens. */
  #trouble(side: 0 | 1, last: Uint8Array): void {
    const next = this.#next;
    const mine = this.#sides[side];
    const other = (1 - side) as 0 | 1;
    const expected = mine.seq;
    switch (next(7)) {
      case 0: // keep-alive and its answer
        mine.seq -= 1;
        this.#segment(side, S.ack, new Uint8Array(next(2)));
        mine.seq = expected;
        this.#segment(other, S.ack);
        break;
      case 1: // no room, and a look whether there is
        this.#sides[other].window = 0;
        this.#segment(other, S.ack);
        this.#segment(side, S.ack, Uint8Array.of(next(256)));
        mine.seq -= next(2);
        this.#segment(other, S.ack);
        this.#sides[other].window = pick(next, WINDOWS);
        this.#segment(other, S.ack);
        break;
      case 2: // the same acknowledgement again and again, and what was missed
        for (let i = next(5); i >= 0; i--) this.#segment(other, S.ack, undefined, this.#sack(mine.seq));
        mine.seq -= last.length;
        this.#segment(side, S.ack, last);
        break;
      case 3: // sent again, all or a part, perhaps more
        mine.seq -= last.length;
        this.#segment(side, S.ack | S.psh, next(2) ? last : last.subarray(0, 1 + next(last.length)));
        break;
      case 4: // something is missing
        mine.seq += 1 + next(2000);
        break;
      case 5:
        this.#segment(side, next(4) ? S.ack : next(0x200), next(2) ? last : undefined, this.#options());
        break;
      default:
        this.#sides[side].window = pick(next, WINDOWS);
        this.#segment(side, S.ack);
    }
    mine.seq >>>= 0;
  }

  #sack = (edge: number) =>
    f.concat(Uint8Array.of(1, 1, 5, 10), f.u32((edge + 10) >>> 0), f.u32((edge + 20 + this.#next(900)) >>> 0));

  /** Options as nobody should send them. */
  #options(): Uint8Array {
    const next = this.#next;
    const bytes = Uint8Array.from({ length: next(41) }, () => pick(next, [0, 1, 1, 2, 3, 4, 5, 8, 10, next(256)]));
    return next(2) ? bytes : f.concat(Uint8Array.of(3, 3, next(16), 1, 2, 4), f.u16(next(65_536)), bytes).slice(0, 40);
  }

  #segment(side: 0 | 1, flags: number, payload: Uint8Array = new Uint8Array(0), options?: Uint8Array): void {
    const next = this.#next;
    const [from, to] = side === 0 ? this.#sides : ([this.#sides[1], this.#sides[0]] as const);
    if (next(4)) from.acked = to.seq;
    if (next(20) === 0) from.window = pick(next, WINDOWS);
    const times = this.#hasTimestamps
      ? f.concat(Uint8Array.of(1, 1, 8, 10), f.u32(next(1000)), f.u32(next(1000)))
      : undefined;
    const header = {
      sourcePort: from.port,
      destinationPort: to.port,
      flags,
      sequence: from.seq >>> 0,
      acknowledgment: flags & S.ack || next(3) === 0 ? (from.acked + (next(40) ? 0 : next(3000))) >>> 0 : 0,
      window: from.window,
      urgentPointer: flags & S.urg ? next(100) : 0,
      ...((options ?? times) && { options: (options ?? times)! }),
    };
    from.seq = (from.seq + payload.length + (flags & (S.syn | S.fin) ? 1 : 0)) >>> 0;
    const ends = { source: from.address, destination: to.address };
    this.frames.push({ bytes: inEthernet(ends, 6, f.tcp(ends, header, payload), this.#tags), gapNs: pick(next, GAPS) });
  }
}

function inEthernet(ends: f.Ends, protocol: number, payload: Uint8Array, tags: f.VlanTag[]): Uint8Array {
  const six = ends.source.includes(':');
  const packet = six ? f.ipv6({ ...ends, nextHeader: protocol }, payload) : f.ipv4({ ...ends, protocol }, payload);
  return f.ethernet({ ...MACS, type: six ? 0x86dd : 0x0800, ...(tags.length > 0 && { tags }) }, packet);
}

/** A connection from its beginning, or its middle, to its end. */
export function connection(next: Next): Frame[] {
  const [ports, streamOf] = pick(next, STREAMS);
  const maker = new TalkMaker(next, pick(next, ports), 40_000 + next(300));
  maker.begin();
  const turns = streamOf(next).map((turn) => (next(50) ? turn : { ...turn, bytes: bend(turn.bytes, next) }));
  for (const [i, turn] of turns.entries()) maker.say(turn, i >= turns.length - 2);
  if (next(4)) maker.end();
  return maker.frames;
}

/** Datagrams of two hosts, most of no protocol. */
export function datagrams(next: Next): Frame[] {
  const hosts = pick(next, HOSTS);
  const ends = { source: pick(next, hosts), destination: pick(next, hosts) };
  const ports = {
    sourcePort: 30_000 + next(2000),
    destinationPort: pick(next, [50_080, 40_000, 30_000, next(65_536)]),
  };
  return Array.from({ length: 1 + next(8) }, () => {
    const [from, to] = next(2) ? [ends, ports] : [turned(ends), turnedPorts(ports)];
    const payload = next(4) ? bytesOf(next, next(200)) : bend(pick(next, LOOK_ALIKES), next);
    return { bytes: inEthernet(from, 17, f.udp(from, to, payload), []), gapNs: pick(next, GAPS) };
  });
}

const turned = ({ source, destination }: f.Ends) => ({ source: destination, destination: source });
const turnedPorts = ({ sourcePort, destinationPort }: f.Ports) => ({
  sourcePort: destinationPort,
  destinationPort: sourcePort,
});

export const bytesOf = (next: Next, length: number) => Uint8Array.from({ length }, () => next(256));

/** Of protocols that are recognised by their bytes. */
const LOOK_ALIKES: readonly Uint8Array[] = [
  f.concat(Uint8Array.of(0xc3), f.u32(1), Uint8Array.of(8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0x44, 0x9e), f.pattern(1200)),
  f.concat(Uint8Array.of(0x80), f.u32(0), Uint8Array.of(4, 1, 2, 3, 4, 4, 5, 6, 7, 8), f.u32(1), f.u32(0x6b3343cf)),
  f.concat(f.u16(1), f.u16(8), f.u32(0x2112a442), f.pattern(12), f.u16(0x8022), f.u16(4), f.ascii('test')),
  f.concat(Uint8Array.of(1, 0, 0, 0), f.pattern(144)),
  f.concat(Uint8Array.of(4, 0, 0, 0), f.pattern(60)),
  f.concat(Uint8Array.of(0x80, 201), f.u16(1), f.u32(7), Uint8Array.of(0x81, 202), f.u16(3), f.u32(7), f.pattern(8)),
  f.ascii('OPTIONS sip:b@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\nCSeq: 1 OPTIONS\r\n\r\n'),
];
