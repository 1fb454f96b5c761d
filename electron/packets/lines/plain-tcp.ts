/**
 * Lines of TCP segments that say nothing but TCP: without payload, with one that no protocol claims, and out of the middle of a data unit that is being
 * put together; and of TLS where it only carries. What they tell the packets after them is told as `dissect` does.
 */
import { u16, u32 } from '../dissect/bytes.ts';
import { Dissection } from '../dissect/dissection.ts';
import { tcpFlagText } from '../dissect/protocols/tcp.ts';
import { analysisInfo } from '../dissect/protocols/tcp-analysis-fields.ts';
import { sackedBytes, scaleOption } from '../dissect/protocols/tcp-facts.ts';
import { optionsInfo } from '../dissect/protocols/tcp-options.ts';
import { tls } from '../dissect/protocols/tls.ts';
import { portProtocol, recognise } from '../dissect/tables.ts';
import { keepsUnit, middleOf, type Pending, REPEATED } from '../dissect/tcp-payload.ts';
import type { CaptureState } from '../state/capture-state.ts';
import type { Conversation } from '../state/conversations.ts';
import { Analysis, type Segment, TcpConnection } from '../state/tcp-analysis.ts';
import { ascii, type ByteText } from './byte-text.ts';
import type { PlainFrame } from './plain-frame.ts';
import { PlainTls } from './plain-tls.ts';
import { TalkTexts } from './talk-texts.ts';

const HEADER = 20;
const [SEQ, ACK, OFFSET, WINDOW, URGENT] = [4, 8, 12, 14, 18];
const [FIN, SYN, ACKED, URG] = [1, 2, 16, 32];
/** Two fillers and the timestamps: the options of nearly every segment. */
const TIMESTAMPS = 0x0101080a;
const WITH_TIMESTAMPS = HEADER + 12;

const FLAGS = Array.from({ length: 512 }, (_, flags) => ascii(`[${tcpFlagText(flags)}] Seq=`));
const WORDS = {
  column: ascii('TCP '),
  ack: ascii(' Ack='),
  window: ascii(' Win='),
  urgent: ascii(' Urg='),
  length: ascii(' Len='),
  value: ascii(' TSval='),
  echo: ascii(' TSecr='),
  partial: ascii(' [TCP segment of a reassembled PDU]'),
};

/** What a payload is to the line. */
const [NO_UNIT, PART_OF_UNIT, WHOLE_UNITS] = [0, 1, 2] as const;
type Said = typeof NO_UNIT | typeof PART_OF_UNIT | typeof WHOLE_UNITS;

export class PlainTcp {
  readonly #state: CaptureState;
  readonly #texts = new TalkTexts();
  /** Of no packet: what looks at a payload that no port claims looks at its bytes. */
  readonly #nothing = new Dissection(new Uint8Array(0), 0, 0);
  readonly #found = new Analysis(true);
  readonly #segment: Segment = {
    number: 0,
    timeNs: 0,
    seq: 0,
    ack: 0,
    length: 0,
    flags: 0,
    window: 0,
    scaleOption: undefined,
    sacked: 0,
  };
  readonly #tls: PlainTls;
  /** Of the segment at hand: the data unit that it goes on with, or whether #tls has read it. */
  #middle: Pending | undefined;
  #isTls = false;

  constructor(state: CaptureState, passes: boolean) {
    this.#state = state;
    this.#tls = new PlainTls(state, passes);
  }

  /** As of PlainTls. */
  get hasPassed(): boolean {
    return this.#tls.hasPassed;
  }

  columns(
    bytes: Uint8Array,
    frame: PlainFrame,
    wireLen: number,
    number: number,
    timeNs: number,
    out: ByteText,
  ): boolean {
    const { start: at, end, addresses, size } = frame;
    if (at + HEADER > end) return false;
    const header = (bytes[at + OFFSET]! >> 4) * 4;
    if (header < HEADER || at + header > end) return false;
    const { tcp } = this.#state;
    const known = tcp.seekAt(bytes, addresses, addresses + size, size, at);
    const side = tcp.forward ? 0 : 1;
    const segment = this.#read(bytes, at, header, end - at - header);
    segment.number = number;
    segment.timeNs = timeNs;
    if (known && (segment.flags & (SYN | ACKED)) === SYN) return false;
    if (!this.#isPlain(bytes, at, at + header, known, side)) return false;
    const conversation = known ?? tcp.begin(number, timeNs);
    this.#state.join(conversation);
    conversation.connection ??= new TcpConnection();
    const { connection } = conversation;
    this.#found.flags = 0;
    const analysis = connection.see(segment, side, this.#found);
    conversation.lastNs = timeNs;
    const texts = this.#texts.find(tcp, conversation, bytes, frame);
    this.#texts.addresses(texts, out);
    const partial = analysis && analysis.flags & REPEATED ? NO_UNIT : this.#pass(bytes, at + header, side);
    if (partial === WHOLE_UNITS) {
      this.#tls.column(out);
      out.number(wireLen);
      out.byte(0x20);
      this.#tls.info(out);
      return true;
    }
    out.constant(WORDS.column);
    out.number(wireLen);
    out.byte(0x20);
    if (analysis && analysis.flags !== 0) out.text(analysisInfo(analysis));
    this.#texts.ports(texts, out);
    this.#numbers(bytes, at, connection, side, out);
    if (header > HEADER) this.#options(bytes, at, header, connection.sides[1 - side]!.base ?? 0, out);
    if (partial === PART_OF_UNIT) out.constant(WORDS.partial);
    return true;
  }

  /** Takes the payload. */
  #pass(bytes: Uint8Array, start: number, side: 0 | 1): Said {
    const segment = this.#segment;
    if (this.#middle) {
      this.#middle.goOn(segment, bytes, start);
      return PART_OF_UNIT;
    }
    if (!this.#isTls) return NO_UNIT;
    return this.#tls.pass(bytes, start, side, segment) ? WHOLE_UNITS : PART_OF_UNIT;
  }

  #read(bytes: Uint8Array, at: number, header: number, length: number): Segment {
    const segment = this.#segment;
    const flags = bytes[at + OFFSET + 1]!;
    segment.seq = u32(bytes, at + SEQ);
    segment.ack = u32(bytes, at + ACK);
    segment.length = length;
    segment.flags = flags;
    segment.window = u16(bytes, at + WINDOW);
    const options = header > HEADER && !hasTimestampsOnly(bytes, at, header);
    segment.scaleOption = options && flags & SYN ? scaleOption(bytes, at + HEADER, at + header) : undefined;
    segment.sacked = options && flags & ACKED ? sackedBytes(bytes, at + HEADER, at + header) : 0;
    return segment;
  }

  /** Whether nothing but TCP speaks in it, or TLS of which nothing shows. Sets #middle and #isTls. */
  #isPlain(bytes: Uint8Array, at: number, start: number, known: Conversation | undefined, side: 0 | 1): boolean {
    const { length, flags, seq } = this.#segment;
    this.#middle = undefined;
    this.#isTls = false;
    // A FIN may end what waited for it.
    if (length === 0) return !(known && flags & FIN && keepsUnit(known, side));
    const end = start + length;
    let above = known?.above;
    if (!above) {
      above = portProtocol('tcp.port', u16(bytes, at), u16(bytes, at + 2));
      if (!above) return recognise('tcp', bytes, start, end, this.#nothing) === undefined;
      if (above.instead?.(bytes, start, end)) return false;
    }
    if (!known || !above.pdu || flags & SYN) return false;
    const fin = (flags & FIN) !== 0;
    if (!fin) this.#middle = middleOf(known, side, above, seq, length);
    if (this.#middle) return true;
    this.#isTls = above === tls && this.#tls.read(bytes, start, known, side, this.#segment, fin);
    return this.#isTls;
  }

  #numbers(bytes: Uint8Array, at: number, { sides }: TcpConnection, side: 0 | 1, out: ByteText): void {
    const { seq, ack, length, flags, window } = this.#segment;
    const { base, scale } = sides[side];
    out.constant(FLAGS[u16(bytes, at + OFFSET) & 0x1ff]!);
    out.number((seq - (base ?? 0)) >>> 0);
    if (flags & ACKED) {
      out.constant(WORDS.ack);
      out.number((ack - (sides[1 - side]!.base ?? 0)) >>> 0);
    }
    out.constant(WORDS.window);
    out.number(scale > 0 && !(flags & SYN) ? window << scale : window);
    if (flags & URG) {
      out.constant(WORDS.urgent);
      out.number(u16(bytes, at + URGENT));
    }
    out.constant(WORDS.length);
    out.number(length);
  }

  #options(bytes: Uint8Array, at: number, header: number, base: number, out: ByteText): void {
    if (!hasTimestampsOnly(bytes, at, header)) {
      out.text(optionsInfo(bytes, at + HEADER, at + header, base));
      return;
    }
    out.constant(WORDS.value);
    out.number(u32(bytes, at + HEADER + 4));
    out.constant(WORDS.echo);
    out.number(u32(bytes, at + HEADER + 8));
  }
}

const hasTimestampsOnly = (bytes: Uint8Array, at: number, header: number) =>
  header === WITH_TIMESTAMPS && u32(bytes, at + HEADER) === TIMESTAMPS;
