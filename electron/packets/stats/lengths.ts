/** Packet lengths (`-z plen,tree`): how many packets are how long. Classes are those of Wireshark's "Packet Lengths". */
import type { Stat, StatPacket } from './stat.ts';

/** Lower ends, bytes on the wire; the last class is open. */
const CLASSES = [0, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120];

export interface LengthClass {
  /** "40-79", "5120 and greater". */
  label: string;
  packets: number;
  /** Bytes on the wire, all together. */
  bytes: number;
  /** Undefined while there are none. */
  min: number | undefined;
  max: number | undefined;
}

export class Lengths implements Stat {
  readonly all: LengthClass = { label: 'Packet Lengths', packets: 0, bytes: 0, min: undefined, max: undefined };
  readonly classes: readonly LengthClass[] = CLASSES.map((from, i) => ({
    label: i + 1 < CLASSES.length ? `${from}-${CLASSES[i + 1]! - 1}` : `${from} and greater`,
    packets: 0,
    bytes: 0,
    min: undefined,
    max: undefined,
  }));
  #firstNs: number | undefined;
  #lastNs = 0;

  see({ d, timeNs }: StatPacket): void {
    this.#firstNs ??= timeNs;
    this.#lastNs = timeNs;
    let at = CLASSES.length - 1;
    while (d.wireLen < CLASSES[at]!) at--;
    add(this.all, d.wireLen);
    add(this.classes[at]!, d.wireLen);
  }

  /** From the first packet to the last. */
  get durationNs(): number {
    return this.#lastNs - (this.#firstNs ?? 0);
  }
}

function add(to: LengthClass, length: number): void {
  to.packets++;
  to.bytes += length;
  to.min = Math.min(to.min ?? length, length);
  to.max = Math.max(to.max ?? length, length);
}
