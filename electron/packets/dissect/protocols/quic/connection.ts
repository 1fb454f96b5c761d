/** What a QUIC connection remembers: who is the client, the keys of each level, packet numbers, and handshake bytes that wait for those before them. */
import { type Conversation, own } from '../../../state/conversations.ts';
import { COPY, type Copied } from '../../../state/copied.ts';
import type { Secrets } from '../../../state/secrets.ts';
import type { Budget } from '../../tcp-payload.ts';
import { alpnOf, readExtensions, readHello } from '../tls/hello.ts';
import { type PacketKeys, secretKeys } from './keys.ts';
import { QuicStreams, streamProtocol } from './streams.ts';

export type Level = 'initial' | 'early' | 'handshake' | 'application';
export type Side = 0 | 1;

const MAX_CRYPTO = 1 << 18;
const MAX_CHUNKS = 256;

/** Handshake bytes of one direction at one level, put in order. */
export class CryptoStream {
  /** Offset of what comes next. */
  #next = 0;
  readonly #waiting = new Map<number, { bytes: Uint8Array; number: number }>();
  /** The start of a message that is not whole, and the frames that brought it. */
  #rest = new Uint8Array(0);
  #held = 0;

  /** Without what waits: handshakes are over when a connection is entered in its middle. */
  copy(): CryptoStream {
    const copy = new CryptoStream();
    copy.#next = this.#next;
    copy.#rest = this.#rest;
    return copy;
  }

  /** @returns everything from the first message that is not whole on, when something was added to it; `alone` when it is just these bytes */
  add(offset: number, bytes: Uint8Array, number: number): { bytes: Uint8Array; alone: boolean } | undefined {
    if (offset + bytes.length <= this.#next) return undefined;
    if (offset > this.#next) {
      if (this.#held + bytes.length <= MAX_CRYPTO && this.#waiting.size < MAX_CHUNKS) {
        this.#waiting.set(offset, { bytes: bytes.slice(), number });
        this.#held += bytes.length;
      }
      return undefined;
    }
    const parts = [this.#rest, bytes.subarray(this.#next - offset)];
    this.#next = offset + bytes.length;
    for (let found = this.#take(); found; found = this.#take()) parts.push(found);
    const alone = this.#rest.length === 0 && parts.length === 2 && parts[1]!.length === bytes.length;
    return { bytes: joined(parts), alone };
  }

  /** What of the bytes that `add` gave belongs to a message that goes on later. */
  keep(rest: Uint8Array): void {
    this.#rest = rest.length <= MAX_CRYPTO ? rest.slice() : new Uint8Array(0);
  }

  #take(): Uint8Array | undefined {
    for (const [offset, { bytes }] of this.#waiting) {
      if (offset > this.#next) continue;
      this.#waiting.delete(offset);
      this.#held -= bytes.length;
      const fresh = bytes.subarray(Math.min(this.#next - offset, bytes.length));
      if (fresh.length === 0) continue;
      this.#next += fresh.length;
      return fresh;
    }
    return undefined;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

class QuicSide {
  keys: Partial<Record<Level, PacketKeys>> = {};
  /** Application keys after the next update. */
  following: PacketKeys | undefined;
  phase = false;
  largest: Record<Level, number> = { initial: -1, early: -1, handshake: -1, application: -1 };
  crypto = { initial: new CryptoStream(), handshake: new CryptoStream(), application: new CryptoStream() };
  streams = new QuicStreams();
  /** Length of the ids that this side's peer sends to. */
  idLength: number | undefined;

  copy(budget: Budget): QuicSide {
    const { initial, handshake, application } = this.crypto;
    return Object.assign(new QuicSide(), this, {
      keys: { ...this.keys },
      largest: { ...this.largest },
      crypto: { initial: initial.copy(), handshake: handshake.copy(), application: application.copy() },
      streams: this.streams.copy(budget),
    });
  }
}

export class QuicConnection implements Copied {
  client: Side | undefined;
  version = 1;
  suite: number | undefined;
  clientRandom: Uint8Array | undefined;
  /** What is spoken: as agreed, before that what the client offers and we know. */
  alpn: string | undefined;
  /** What the protocol on the streams remembers. */
  above: { copy(): unknown } | undefined;
  sides: readonly [QuicSide, QuicSide] = [new QuicSide(), new QuicSide()];

  get vital(): boolean {
    return this.sides.some(({ keys }) => keys.application !== undefined);
  }

  [COPY](budget: Budget): QuicConnection {
    const copy = Object.assign(new QuicConnection(), this);
    copy.sides = [this.sides[0].copy(budget), this.sides[1].copy(budget)];
    copy.above = this.above?.copy() as QuicConnection['above'];
    return copy;
  }

  /** A client's Initial makes the keys of both directions: it begins, begins anew after a Retry, or is another one on the same ports. */
  begin(side: Side, version: number, { client, server }: { client: PacketKeys; server: PacketKeys }): void {
    const lengths = this.sides.map(({ idLength }) => idLength);
    for (const { streams } of this.sides) streams.forget();
    this.sides = [new QuicSide(), new QuicSide()];
    this.above = undefined;
    this.alpn = undefined;
    this.client = side;
    this.version = version;
    this.suite = undefined;
    for (const i of [0, 1] as const) {
      this.sides[i].idLength = lengths[i];
      this.sides[i].keys.initial = i === side ? client : server;
    }
  }

  /** A hello in an Initial packet. */
  hello(bytes: Uint8Array, at: number, end: number, secrets: Secrets | undefined): void {
    const client = bytes[at] === 1;
    const found = readHello(bytes, at + 4, end, client);
    if (!found) return;
    if (client) {
      this.clientRandom = found.random.slice();
      this.alpn = alpnOf(bytes, found).find((name) => streamProtocol(name) !== undefined);
      // The suite of early data is not said: the first that the client offers, as clients do.
      if (secrets) this.#key('early', found.suites[0], secrets, 'CLIENT_EARLY_TRAFFIC_SECRET', 'CLIENT');
      return;
    }
    this.suite = found.suites[0];
    if (!secrets || this.client === undefined) return;
    for (const who of ['CLIENT', 'SERVER'] as const) {
      this.#key('handshake', this.suite, secrets, `${who}_HANDSHAKE_TRAFFIC_SECRET`, who);
      this.#key('application', this.suite, secrets, `${who}_TRAFFIC_SECRET_0`, who);
    }
  }

  /** Encrypted extensions: the server chooses. */
  agreed(bytes: Uint8Array, at: number, end: number): void {
    this.alpn = alpnOf(bytes, { extensions: readExtensions(bytes, at + 4, end) })[0] ?? this.alpn;
  }

  #key(level: Level, suite: number | undefined, secrets: Secrets, label: string, who: 'CLIENT' | 'SERVER'): void {
    if (!this.clientRandom || this.client === undefined) return;
    const keys = secretKeys(suite, secrets.get(label, this.clientRandom), this.version);
    const side = this.sides[who === 'CLIENT' ? this.client : 1 - this.client]!;
    if (keys) side.keys[level] = keys;
  }
}

const CONNECTION = Symbol('quic');
export const quicConnection = (conversation: Conversation): QuicConnection =>
  own(conversation, CONNECTION, () => new QuicConnection());
