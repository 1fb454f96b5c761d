/** A TLS session as its records show it, per TCP connection: version, suite, which side has begun to encrypt, and what opens its records. */
import { type Conversation, own } from '../../../state/conversations.ts';
import { COPY, type Copied } from '../../../state/copied.ts';
import type { Layer, Protocol } from '../../dissection.ts';
import type { Budget, Pending } from '../../tcp-payload.ts';
import { tcpFacts } from '../tcp-facts.ts';
import type { ModernCipher, RecordCipher } from './record-cipher.ts';

export type Side = 0 | 1;

/** What a direction needs besides what both share. */
export class TlsSide {
  /** After Change Cipher Spec. */
  encrypted = false;
  /** Opens the records from here on; undefined without secrets. */
  cipher: RecordCipher | undefined;
  /** Encrypted records that were not opened since the last one that was, or since keys were agreed on. */
  missed = 0;
  /** Records that were tried with other numbers than the next: not for ever. */
  tries = 0;
  /** Secrets.version when keys were last looked for. */
  sought = -1;
  /** TLS 1.3: opens what comes after the handshake. */
  application: ModernCipher | undefined;
  /** A client that sends early data: the suites that it offers, one of which its records have. Until it says that there is no more. */
  earlySuites: readonly number[] | undefined;
  /** Opens early data; several until the first record has shown which. */
  early: ModernCipher[] = [];
  /** The beginning of a handshake message that goes on in the next record. */
  fragment: Uint8Array | undefined;
  /** The beginning of a data unit of the protocol above. */
  pending: Pending | undefined;

  copy(budget: Budget): TlsSide {
    const copy = Object.assign(new TlsSide(), this);
    copy.cipher = this.cipher?.copy();
    copy.application = this.application?.copy();
    copy.early = this.early.map((cipher) => cipher.copy());
    copy.pending = this.pending?.copy(budget);
    return copy;
  }
}

export class TlsState implements Copied {
  /** What the client hello's record says, until the server chooses. */
  offered: number | undefined;
  version: number | undefined;
  suite: number | undefined;
  alpn: string | undefined;
  /** Negotiated encrypt_then_mac. */
  macLast = false;
  /** Direction (TcpFacts.side) of the client; known from the hellos. */
  client: Side | undefined;
  clientRandom: Uint8Array | undefined;
  serverRandom: Uint8Array | undefined;
  sides: readonly [TlsSide, TlsSide] = [new TlsSide(), new TlsSide()];
  /** What decrypted data is, once that is known. */
  above: Protocol | undefined;

  get vital(): boolean {
    return this.sides.some(({ cipher, application }) => cipher !== undefined || application !== undefined);
  }

  [COPY](budget: Budget): TlsState {
    const copy = Object.assign(new TlsState(), this);
    copy.sides = [this.sides[0].copy(budget), this.sides[1].copy(budget)];
    return copy;
  }
}

const STATE = Symbol('tls');
export const tlsState = (conversation: Conversation): TlsState => own(conversation, STATE, () => new TlsState());

export interface TlsSession {
  state: TlsState;
  side: Side;
  tcp: Layer;
}

/** State and direction of the layer's connection; undefined when packets are looked at alone. */
export function tlsSession(layer: Layer): TlsSession | undefined {
  for (let below = layer.below; below; below = below.below) {
    if (below.protocol.name !== 'tcp') continue;
    const facts = tcpFacts(below);
    return facts && { state: tlsState(facts.conversation), side: facts.side, tcp: below };
  }
  return undefined;
}
