/**
 * TLS segments whose records hold data that nothing here can open: whole ones, and parts of longer ones that are put together. What `followPayload` and
 * the TLS layer keep about them is kept; of their content nothing is shown.
 */
import { u16 } from '../dissect/bytes.ts';
import { TLS_SHORT } from '../dissect/names/tls.ts';
import { nextSequence } from '../dissect/protocols/tcp-facts.ts';
import { TLS13 } from '../dissect/protocols/tls/keys.ts';
import { DATA, HEADER, looksLikeRecord } from '../dissect/protocols/tls/records.ts';
import { type TlsSide, type TlsState, tlsState } from '../dissect/protocols/tls/state.ts';
import { tls } from '../dissect/protocols/tls.ts';
import { type Pending, pendingOf } from '../dissect/tcp-payload.ts';
import type { CaptureState } from '../state/capture-state.ts';
import type { Conversation } from '../state/conversations.ts';
import type { Segment } from '../state/tcp-analysis.ts';
import { ascii, type ByteText } from './byte-text.ts';

const INFO = ascii('Application Data');
const SEPARATOR = ascii(', ');
const COLUMNS = new Map(Object.entries(TLS_SHORT).map(([version, text]) => [Number(version), ascii(`${text} `)]));
const COLUMN = ascii('TLS ');

/** Whether this side has nothing that opens records, nor will have. */
const isClosed = ({ cipher, application, early, earlySuites }: TlsSide) =>
  !cipher && !application && early.length === 0 && earlySuites === undefined;

export class PlainTls {
  /** Content was passed over: should it turn out that there are secrets for it, it is not there. */
  hasPassed = false;
  readonly #state: CaptureState;
  readonly #passes: boolean;
  /** Of the segment that was read last. */
  #pending!: Pending;
  #session!: TlsState;
  /** Records that end in the segment, and the version of the first. */
  #records = 0;
  #version = 0;
  /** Where the record begins that goes on in the next segment, and its size; 0 = not known yet. */
  #tail = 0;
  #size = 0;

  constructor(state: CaptureState, passes: boolean) {
    this.#state = state;
    this.#passes = passes;
  }

  /** Whether the payload from `start` on is of this kind. Changes nothing. */
  read(bytes: Uint8Array, start: number, known: Conversation, side: 0 | 1, segment: Segment, fin: boolean): boolean {
    const end = start + segment.length;
    const pending = pendingOf(this.#state, known, side);
    let at = start;
    this.#pending = pending;
    this.#session = tlsState(known);
    this.#records = 0;
    if (this.#state.secrets.count > 0) return false;
    if (pending.length > 0) {
      const missing = pending.size - pending.length;
      if (pending.expected !== segment.seq || pending.protocol !== tls || !(missing > 0 && missing <= end - start))
        return false;
      if (!pending.takes(missing) || !this.#take(pending.head, 0)) return false;
      at += missing;
    } else if (pending.protocol && pending.protocol !== tls) return false;
    for (this.#size = 0; end - at >= HEADER; at += this.#size) {
      if (!looksLikeRecord(bytes, at, end)) return false;
      this.#size = HEADER + u16(bytes, at + 3);
      if (at + this.#size > end) break;
      if (!this.#take(bytes, at)) return false;
    }
    if (end - at < HEADER) this.#size = 0;
    this.#tail = at;
    if (at < end && (fin || !pending.takes(end - at))) return false;
    return this.#records === 0 || isClosed(this.#session.sides[side]);
  }

  #take(bytes: Uint8Array, at: number): boolean {
    this.#records++;
    this.#version = u16(bytes, at + 1);
    return bytes[at] === DATA;
  }

  /** Takes the payload that was read. Returns whether it is a line of TLS; else it says so of TCP that it is part of something. */
  pass(bytes: Uint8Array, start: number, side: 0 | 1, segment: Segment): boolean {
    const pending = this.#pending;
    const records = this.#records;
    const end = start + segment.length;
    if (pending.length > 0) pending.clear();
    pending.protocol = tls;
    const state = this.#session;
    pending.expected = nextSequence(segment);
    if (this.#tail < end) this.#begin(bytes, end, segment, state.sides[side]);
    if (records === 0) return false;
    state.offered = this.#version;
    if (state.sides[side].encrypted || state.version === TLS13) state.sides[side].missed += records;
    return true;
  }

  #begin(bytes: Uint8Array, end: number, segment: Segment, of: TlsSide): void {
    const at = this.#tail;
    // Of what cannot be opened the header tells all.
    if (!this.#passes || this.#size === 0 || bytes[at] !== DATA || !isClosed(of)) {
      this.#pending.beginIn(segment, this.#size, bytes, at, end);
      return;
    }
    this.hasPassed = true;
    this.#pending.passOver(this.#size, bytes, at, end, HEADER);
  }

  /** "TLSv1.3 " */
  column(out: ByteText): void {
    const { version, offered } = this.#session;
    out.constant(COLUMNS.get(version ?? offered ?? 0) ?? COLUMN);
  }

  info(out: ByteText): void {
    out.constant(INFO);
    for (let i = 1; i < this.#records; i++) {
      out.room(INFO.length + SEPARATOR.length);
      out.constant(SEPARATOR);
      out.constant(INFO);
    }
  }
}
