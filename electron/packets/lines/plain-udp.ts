/** Lines of datagrams that no protocol claims. What they tell the packets after them is told as `dissect` does. */
import { u16 } from '../dissect/bytes.ts';
import { Dissection } from '../dissect/dissection.ts';
import { portProtocol, recognise } from '../dissect/tables.ts';
import type { CaptureState } from '../state/capture-state.ts';
import { ascii, type ByteText } from './byte-text.ts';
import type { PlainFrame } from './plain-frame.ts';
import { TalkTexts } from './talk-texts.ts';

const HEADER = 8;
const LENGTH = 4;
const COLUMN = ascii('UDP ');
const LEN = ascii('Len=');

export class PlainUdp {
  readonly #state: CaptureState;
  readonly #texts = new TalkTexts();
  /** Of no packet: for heuristics that would ask what the packet's conversation keeps. It keeps nothing. */
  readonly #nothing: Dissection;

  constructor(state: CaptureState) {
    this.#state = state;
    this.#nothing = new Dissection(new Uint8Array(0), 0, 0);
  }

  columns(
    bytes: Uint8Array,
    frame: PlainFrame,
    wireLen: number,
    number: number,
    timeNs: number,
    out: ByteText,
  ): boolean {
    const { start, end, addresses, size } = frame;
    const { udp, media } = this.#state;
    if (start + HEADER > end) return false;
    const length = u16(bytes, start + LENGTH);
    if (length < HEADER || start + length > end || !media.empty || !media.transfers.empty) return false;
    const known = udp.seekAt(bytes, addresses, addresses + size, size, start);
    if (known && !known.isBare) return false;
    if (length > HEADER && this.#isClaimed(bytes, start, start + length)) return false;
    const conversation = known ?? udp.begin(number, timeNs);
    this.#state.join(conversation);
    conversation.lastNs = timeNs;
    const texts = this.#texts.find(udp, conversation, bytes, frame);
    this.#texts.addresses(texts, out);
    out.constant(COLUMN);
    out.number(wireLen);
    out.byte(0x20);
    this.#texts.ports(texts, out);
    out.constant(LEN);
    out.number(length - HEADER);
    return true;
  }

  #isClaimed(bytes: Uint8Array, start: number, end: number): boolean {
    const payload = start + HEADER;
    const byPort = portProtocol('udp.port', u16(bytes, start), u16(bytes, start + 2));
    if (byPort && !(byPort.strict && !byPort.heuristic!.udp!(bytes, payload, end, this.#nothing))) return true;
    return recognise('udp', bytes, payload, end, this.#nothing) !== undefined;
  }
}
