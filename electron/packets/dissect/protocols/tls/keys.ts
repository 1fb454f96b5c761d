/** When a direction of a TLS session gets which keys, from the capture's secrets. */
import type { Secrets } from '../../../state/secrets.ts';
import { getPlatform } from '../../platform.ts';
import { classicCipher, modernCipher, type Opened } from './record-cipher.ts';
import type { Side, TlsState } from './state.ts';

export const TLS13 = 0x0304;

/** TLS 1.3, after the server hello: both directions are encrypted from here on. */
export function handshakeKeys(state: TlsState, secrets: Secrets): void {
  const { clientRandom, client, suite } = state;
  const platform = getPlatform();
  if (!platform || !clientRandom || client === undefined || state.version !== TLS13) return;
  for (const side of [0, 1] as const) {
    const who = side === client ? 'CLIENT' : 'SERVER';
    const of = state.sides[side];
    of.cipher = modernCipher(platform, suite, secrets.get(`${who}_HANDSHAKE_TRAFFIC_SECRET`, clientRandom));
    of.application = modernCipher(platform, suite, secrets.get(`${who}_TRAFFIC_SECRET_0`, clientRandom));
  }
}

/** TLS 1.0 to 1.2, at Change Cipher Spec: this direction has the keys of the session that was just negotiated. */
export function changedKeys(state: TlsState, side: Side, secrets: Secrets): void {
  const { version, suite, clientRandom, serverRandom, client, macLast } = state;
  const platform = getPlatform();
  if (version === undefined || version >= TLS13 || !clientRandom || !serverRandom) return;
  const master = secrets.get('CLIENT_RANDOM', clientRandom);
  state.sides[side].cipher =
    platform && master?.length === 48
      ? classicCipher(platform, { version, suite, master, clientRandom, serverRandom, macLast }, side === client)
      : undefined;
}

/** TLS 1.3: this direction's Finished was read. */
export function applicationKeys(state: TlsState, side: Side): void {
  const of = state.sides[side];
  if (state.version !== TLS13 || !of.application) return;
  of.cipher = of.application;
  of.application = undefined;
}

export function updateKeys(state: TlsState, side: Side): void {
  const { cipher } = state.sides[side];
  if (cipher && 'update' in cipher) (cipher.update as () => void)();
}

/** Where the handshake's end was not seen, the application's keys are tried too. */
export function openRecord(state: TlsState, side: Side, header: Uint8Array, body: Uint8Array): Opened | undefined {
  const of = state.sides[side];
  const opened = of.cipher?.open(header, body);
  if (opened || !of.application) return opened;
  const late = of.application.open(header, body);
  if (late) applicationKeys(state, side);
  return late;
}
