/** A TLS session as its records show it, per TCP connection: version, suite, which side has begun to encrypt. */
import { type Conversation, own } from '../../../state/conversations.ts';
import type { Layer } from '../../dissection.ts';
import { tcpFacts } from '../tcp-facts.ts';

export class TlsState {
  /** What the client hello's record says, until the server chooses. */
  offered: number | undefined;
  version: number | undefined;
  suite: number | undefined;
  alpn: string | undefined;
  /** Direction (TcpFacts.side) of the client; known from the hellos. */
  client: 0 | 1 | undefined;
  clientRandom: Uint8Array | undefined;
  serverRandom: Uint8Array | undefined;
  /** After Change Cipher Spec, by direction. */
  readonly encrypted: [boolean, boolean] = [false, false];
}

const STATE = Symbol('tls');
export const tlsState = (conversation: Conversation): TlsState => own(conversation, STATE, () => new TlsState());

/** State and direction of the layer's connection; undefined when packets are looked at alone. */
export function tlsSession(layer: Layer): { state: TlsState; side: 0 | 1 } | undefined {
  for (let below = layer.below; below; below = below.below) {
    if (below.protocol.name !== 'tcp') continue;
    const facts = tcpFacts(below);
    return facts && { state: tlsState(facts.conversation), side: facts.side };
  }
  return undefined;
}
