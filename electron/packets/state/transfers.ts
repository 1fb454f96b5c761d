/**
 * File transfers that go on from another port than the one they were asked for at (TFTP), by the client's end. Append-only, as the table of media is: a
 * packet sees what was asked before it. Bounded: the oldest goes.
 */
import { forgetOldest } from './oldest.ts';

const MAX_ENDS = 20_000;
const MAX_EACH = 100;

export interface Transfer {
  /** Frame of the request. */
  number: number;
  file: string;
  write: boolean;
  /** Bytes of a block. */
  blockSize: number;
}

export class TransferTable {
  readonly #byEnd = new Map<string, Transfer[]>();

  /** @param end address and port of the client as text. Said again, it is what was said before. */
  begin(end: string, transfer: Transfer): Transfer {
    const list = this.#byEnd.get(end) ?? [];
    const known = list.find(({ number }) => number === transfer.number);
    if (known) return known;
    if (list.length === 0) {
      forgetOldest(this.#byEnd, MAX_ENDS);
      this.#byEnd.set(end, list);
    }
    list.push(transfer);
    if (list.length > MAX_EACH) list.shift();
    return transfer;
  }

  /** The last one that this end asked for before this frame. */
  find(end: string, number: number): Transfer | undefined {
    return this.#byEnd.get(end)?.findLast((transfer) => transfer.number < number);
  }

  get empty(): boolean {
    return this.#byEnd.size === 0;
  }
}
