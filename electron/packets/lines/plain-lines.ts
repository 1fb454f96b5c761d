/**
 * The columns of a packet's line, from its source on, written without dissecting it: for the packets of which nearly all of a capture consists. It
 * says the same as `summarize`, and leaves the same state behind; where it is not sure to, it writes nothing, changes nothing, and the packet is
 * dissected.
 */
import type { CaptureState } from '../state/capture-state.ts';
import type { ByteText } from './byte-text.ts';
import { ETHERNET, PlainFrame } from './plain-frame.ts';
import { PlainTcp } from './plain-tcp.ts';
import { PlainUdp } from './plain-udp.ts';

/** More bytes than a line takes: two addresses, every note of the TCP analysis at once, numbers, 40 bytes of options in words. */
const ROOM = 2048;

export class PlainLines {
  readonly #frame = new PlainFrame();
  /** The user's own choice of protocols must be looked up. */
  readonly #isTold: boolean;
  readonly #tcp: PlainTcp;
  readonly #udp: PlainUdp;

  /** @param passes encrypted content may be passed over, see `hasPassed` */
  constructor(state: CaptureState, passes: boolean) {
    this.#isTold = state.decodeAs !== undefined;
    this.#tcp = new PlainTcp(state, passes);
    this.#udp = new PlainUdp(state);
  }

  /** Encrypted content was passed over: should there be secrets for it after all, the packets must be read again without this. */
  get hasPassed(): boolean {
    return this.#tcp.hasPassed;
  }

  /** @param start,end the captured bytes. Whether the columns were written. */
  columns(
    bytes: Uint8Array,
    start: number,
    end: number,
    linkType: number,
    wireLen: number,
    number: number,
    timeNs: number,
    out: ByteText,
  ): boolean {
    if (this.#isTold || linkType !== ETHERNET || end - start < wireLen) return false;
    const frame = this.#frame;
    if (!frame.read(bytes, start, end)) return false;
    out.room(ROOM);
    if (frame.protocol === 6) return this.#tcp.columns(bytes, frame, wireLen, number, timeNs, out);
    return frame.protocol === 17 && this.#udp.columns(bytes, frame, wireLen, number, timeNs, out);
  }
}
