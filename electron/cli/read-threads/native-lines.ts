/**
 * Lines that the addon writes (native/lines): those of packets that take no dissection. It prints whole conversations, or leaves them to the threads from the
 * packet on that says more than it knows; the packets that such a conversation had before are then told, for the threads to dissect first.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { VERDICT_NONE } from '../../packets/pcap/types.ts';
import { findLayout } from '../../session/layout.ts';
import { verdictText } from '../output/packet-line.ts';
import { type Lines, makeLines, PAST_STRIDE, PIECE_BYTES, type Slot } from './messages.ts';
import type { PortClasses } from './port-classes.ts';

/** Where a piece is in its file, and what it holds. */
export interface Place {
  packets: number;
  /** Of the slot's first byte in the file. */
  offset: number;
  /** Packets in front of the piece. */
  before: number;
  /** One of LINK_TYPES, of all packets. */
  linkType: number;
}

/** Ethernet, raw IP, Linux cooked: LinkType of native/lines/frame.h. */
export const LINK_TYPES: readonly number[] = [1, 101, 113, 276];

/** native/lines/index.d.ts. */
type Piece = Slot & Place;
interface Written {
  text?: Uint8Array;
  over: boolean;
  lost: boolean;
  past?: Float64Array;
}
interface LineWriter {
  write(piece: Piece, text: Uint8Array, ends: Uint32Array): Promise<Written>;
  handOver(): Float64Array | undefined;
  close(): void;
}
interface LinesAddon {
  LineWriter: new (tcpPorts: Uint8Array, udpPorts: Uint8Array, marks: string[]) => LineWriter;
}

declare const XDPEEK_PORT_CLASSES: PortClasses | undefined;

const PORTS = 1 << 16;
const VERDICTS = 256;
const MARK_WIDTH = 5;
const NOTHING = new Float64Array(0);

function table(classes: PortClasses['tcp']): Uint8Array {
  const ports = new Uint8Array(PORTS);
  for (const [port, portClass] of classes) ports[port] = portClass;
  return ports;
}

const marks = () =>
  Array.from(
    { length: VERDICTS },
    (_, verdict) => `${(verdict === VERDICT_NONE ? '' : verdictText(verdict)).padEnd(MARK_WIDTH)} `,
  );

export class NativeLines {
  /** By slot. */
  readonly lines: readonly Lines[];
  readonly #writer: LineWriter;
  #isOver = false;

  /**
   * Undefined where the addon was not built, or cannot be loaded: threads do it all.
   * @param file another build of it
   */
  static async open(slots: number, file?: string): Promise<NativeLines | undefined> {
    try {
      file ??= path.join(findLayout().dist, 'native/xdpeek-lines.node');
      const { LineWriter } = createRequire(import.meta.url)(file) as LinesAddon;
      const { tcp, udp } =
        typeof XDPEEK_PORT_CLASSES === 'undefined'
          ? (await import('./port-classes.ts')).portClasses()
          : XDPEEK_PORT_CLASSES;
      return new NativeLines(new LineWriter(table(tcp), table(udp), marks()), slots);
    } catch {
      return undefined;
    }
  }

  private constructor(writer: LineWriter, slots: number) {
    this.#writer = writer;
    this.lines = Array.from({ length: slots }, () => makeLines(2 * PIECE_BYTES));
  }

  /**
   * Prints what it can of a piece, on a thread of its own, after the pieces before; the shards of those packets become HERE.
   * @param slot its number
   * @returns past packets, PAST_STRIDE numbers each, that must be dissected before those of the piece; undefined when all must be read again
   */
  async write(slot: number, memory: Slot, place: Place): Promise<Float64Array | undefined> {
    if (this.#isOver) return NOTHING;
    const lines = this.lines[slot]!;
    const written = await this.#writer.write({ ...memory, ...place }, lines.text, lines.ends);
    if (written.text) lines.text = written.text;
    this.#isOver ||= written.over;
    return written.lost ? undefined : (written.past ?? NOTHING);
  }

  /** Nothing is printed any more; what was begun must have come back. Returns as `write` does. */
  handOver(): Float64Array | undefined {
    if (this.#isOver) return NOTHING;
    this.#isOver = true;
    return this.#writer.handOver();
  }

  close(): void {
    this.#writer.close();
  }
}

/** The past packets of one thread, the oldest first. */
export function pastOf(past: Float64Array, shard: number): Float64Array {
  // There may be millions: places of them, no views.
  const places: number[] = [];
  for (let at = 0; at < past.length; at += PAST_STRIDE) if (past[at] === shard) places.push(at);
  places.sort((a, b) => past[a + 1]! - past[b + 1]!);
  const all = new Float64Array(PAST_STRIDE * places.length);
  for (let i = 0; i < places.length; i++)
    for (let j = 0; j < PAST_STRIDE; j++) all[i * PAST_STRIDE + j] = past[places[i]! + j]!;
  return all;
}
