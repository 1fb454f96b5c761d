/** TLS records: read once, in order, opened where there are keys. What they hold is kept for the columns and the tree. */
import { u16, u24 } from '../../bytes.ts';
import { concat } from '../../crypto/kdf.ts';
import type { DataSource, Dissection, Layer, Protocol } from '../../dissection.ts';
import { HANDSHAKES } from '../../names/tls.ts';
import { source } from '../../tcp-payload.ts';
import { alpnOf, chosenVersion, isRetry, readExtensions, readHello } from './hello.ts';
import { applicationKeys, changedKeys, earlyKeys, handshakeKeys, openRecord, TLS13, updateKeys } from './keys.ts';
import type { Side, TlsState } from './state.ts';

export const HEADER = 5;
export const [CHANGE, ALERT, HANDSHAKE, DATA] = [20, 21, 22, 23];
const MAX_RECORD = 16_384 + 2048;
/** A longer handshake message is no message. */
const MAX_MESSAGE = 1 << 18;
const ENCRYPT_THEN_MAC = 22;
const EARLY_DATA = 42;
const END_OF_EARLY_DATA = 5;

export interface Message {
  at: number;
  end: number;
  type: number;
  /** A hello retry request looks like a server hello. */
  retry: boolean;
  /** Where it lies when not in the layer's own bytes. */
  source: DataSource | undefined;
}

export interface TlsRecord {
  at: number;
  /** As the record says. */
  type: number;
  version: number;
  length: number;
  encrypted: boolean;
  /** What is inside: `type`, or what decryption brought out. */
  inner: number;
  /** Decrypted content. */
  plain: DataSource | undefined;
  /** Readable handshake messages. */
  messages: Message[];
  /** The start of a handshake message that goes on in the next record. */
  fragment: boolean;
  /** What the data is of; `partial` when it begins or continues a unit that ends later. */
  above: Protocol | undefined;
  partial: boolean;
  /** The session's version before this record. */
  known: number | undefined;
  /** Version and suite of the session after it. */
  session: { version: number | undefined; suite: number | undefined };
}

export function looksLikeRecord(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < HEADER) return false;
  const type = bytes[at]!;
  const version = u16(bytes, at + 1);
  return (
    type >= CHANGE! &&
    type <= 24 &&
    version >= 0x0300 &&
    version <= TLS13 &&
    u16(bytes, at + 3) <= MAX_RECORD &&
    u16(bytes, at + 3) > 0
  );
}

/** Reads records of one layer; the state goes on from record to record. */
export class RecordReader {
  readonly #d: Dissection;
  readonly #layer: Layer;
  readonly #state: TlsState;
  readonly #side: Side;

  constructor(d: Dissection, layer: Layer, state: TlsState, side: Side) {
    this.#d = d;
    this.#layer = layer;
    this.#state = state;
    this.#side = side;
  }

  read(at: number, limit: number): TlsRecord {
    const { bytes } = this.#d;
    const state = this.#state;
    const type = bytes[at]!;
    const of = state.sides[this.#side];
    // Where there is a secret for it, the server need not say the version first.
    if (of.early.length > 0) state.version ??= TLS13;
    const record: TlsRecord = {
      at,
      type,
      version: u16(bytes, at + 1),
      length: u16(bytes, at + 3),
      encrypted:
        type !== CHANGE &&
        (of.encrypted || (type === DATA && (state.version === TLS13 || of.earlySuites !== undefined))),
      inner: type,
      plain: undefined,
      messages: [],
      fragment: false,
      above: undefined,
      partial: false,
      known: state.version,
      session: { version: state.version, suite: state.suite },
    };
    state.offered ??= record.version;
    // Whoever warns or sends data has understood the version: it is no offer any more.
    if (type === ALERT || type === DATA) state.offered = record.version;
    const end = Math.min(limit, at + HEADER + record.length);
    const whole = end === at + HEADER + record.length;
    if (record.encrypted && whole) this.#open(record, end);
    if (type === CHANGE) this.#change();
    else if (record.plain && record.inner === HANDSHAKE)
      this.#messages(record, record.plain, record.plain.prefix, record.plain.bytes.length);
    else if (type === HANDSHAKE && !record.encrypted) this.#messages(record, undefined, at + HEADER, end);
    record.session = { version: state.version, suite: state.suite };
    return record;
  }

  #open(record: TlsRecord, end: number): void {
    const { bytes } = this.#d;
    const body = record.at + HEADER;
    const secrets = this.#d.context?.state.secrets;
    const header = bytes.subarray(record.at, body);
    const opened = openRecord(this.#state, this.#side, header, bytes.subarray(body, end), secrets);
    if (!opened) return;
    record.inner = opened.type;
    record.plain = source(this.#d, this.#layer.start, opened.plain, 'Decrypted TLS');
    this.#layer.parts ??= [];
    this.#layer.parts.push(record.plain);
  }

  #change(): void {
    const { context } = this.#d;
    const of = this.#state.sides[this.#side];
    // In TLS 1.3 it means nothing and is sent for the sake of old boxes between.
    if (this.#state.version !== TLS13) of.encrypted = true;
    if (context) changedKeys(this.#state, this.#side, context.state.secrets);
  }

  #messages(record: TlsRecord, from: DataSource | undefined, start: number, end: number): void {
    const of = this.#state.sides[this.#side];
    let lies = from;
    let at = start;
    let stop = end;
    if (of.fragment) {
      const bytes = (from?.bytes ?? this.#d.bytes).subarray(start, end);
      lies = source(this.#d, this.#layer.start, concat(of.fragment, bytes), 'Reassembled TLS');
      this.#layer.parts ??= [];
      this.#layer.parts.push(lies);
      of.fragment = undefined;
      at = lies.prefix;
      stop = lies.bytes.length;
    }
    const bytes = lies?.bytes ?? this.#d.bytes;
    const first = at;
    while (at + 4 <= stop) {
      const type = bytes[at]!;
      const next = at + 4 + u24(bytes, at + 1);
      if (HANDSHAKES[type] === undefined || next - at > MAX_MESSAGE) {
        record.encrypted ||= at === first && !lies;
        return;
      }
      if (next > stop) {
        if (this.#d.context) {
          of.fragment = bytes.slice(at, stop);
          record.fragment = true;
        } else record.messages.push({ at, end: stop, type, retry: false, source: lies });
        return;
      }
      const message: Message = { at, end: next, type, retry: false, source: lies };
      record.messages.push(message);
      this.#message(bytes, message, record.plain !== undefined);
      at = next;
    }
  }

  #message(bytes: Uint8Array, message: Message, secret: boolean): void {
    if (message.type === 1 || message.type === 2) this.#hello(bytes, message, secret);
    else if (message.type === 8) this.#encryptedExtensions(bytes, message);
    else if (message.type === END_OF_EARLY_DATA && secret) earlyKeys(this.#state, this.#side, undefined, undefined);
    else if (message.type === 20 && secret) applicationKeys(this.#state, this.#side);
    else if (message.type === 24 && secret) updateKeys(this.#state, this.#side);
  }

  /** In TLS 1.3 the server says here what will be spoken. */
  #encryptedExtensions(bytes: Uint8Array, { at, end }: Message): void {
    const agreed = alpnOf(bytes, { extensions: readExtensions(bytes, at + 4, end) })[0];
    if (agreed === undefined) return;
    this.#state.alpn = agreed;
    // Early data was only guessed.
    this.#state.above = undefined;
  }

  #hello(bytes: Uint8Array, message: Message, secret: boolean): void {
    const state = this.#state;
    const client = message.type === 1;
    const found = readHello(bytes, message.at + 4, message.end, client);
    if (!found) return;
    state.client = client ? this.#side : ((1 - this.#side) as Side);
    if (client) {
      state.clientRandom = found.random.slice();
      if (!secret) state.sides[this.#side].encrypted = false;
      const early = found.extensions.some(({ type }) => type === EARLY_DATA) ? found.suites : undefined;
      earlyKeys(state, this.#side, early, this.#d.context?.state.secrets);
      return;
    }
    message.retry = isRetry(found);
    state.version = chosenVersion(bytes, found);
    state.suite = found.suites[0];
    state.alpn = alpnOf(bytes, found)[0] ?? state.alpn;
    state.macLast = found.extensions.some(({ type }) => type === ENCRYPT_THEN_MAC);
    if (message.retry) return;
    state.serverRandom = found.random.slice();
    if (this.#d.context) handshakeKeys(state, this.#d.context.state.secrets);
  }
}
