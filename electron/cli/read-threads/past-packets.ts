/** Packets of pieces that are gone, read from the file again one by one. */
import { readSync } from 'node:fs';
import { VERDICT_NONE } from '../../packets/pcap/types.ts';
import { PAST_STRIDE, type Slot, STRIDE } from './messages.ts';

const LENGTH = 1 << 16;

export class PastPackets {
  readonly #fd: number;
  readonly #past: Float64Array;

  /** @param past PAST_STRIDE numbers each */
  constructor(fd: number, past: Float64Array) {
    this.#fd = fd;
    this.#past = past;
  }

  /** Each as the only packet of a slot, which is used again for the next one. Bytes that are gone from the file meanwhile are zeros. */
  *[Symbol.iterator](): Generator<{ slot: Slot; number: number }> {
    const past = this.#past;
    const rows = new Float64Array(STRIDE);
    const shards = new Uint8Array(1);
    let memory = new Uint8Array(LENGTH);
    for (let at = 0; at < past.length; at += PAST_STRIDE) {
      const [, number, offset, captured, onWire, timeNs] = past.subarray(at, at + PAST_STRIDE) as unknown as number[];
      if (captured! > memory.length) memory = new Uint8Array(2 * captured!);
      const bytes = memory.subarray(0, captured!);
      bytes.fill(0, readSync(this.#fd, bytes, 0, captured!, offset!));
      rows.set([0, captured!, onWire!, 0, timeNs!, VERDICT_NONE, 0]);
      yield { slot: { bytes, rows, shards }, number: number! };
    }
  }
}
