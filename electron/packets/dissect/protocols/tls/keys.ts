/** When a direction of a TLS session gets which keys, from the capture's secrets. */
import type { Secrets } from '../../../state/secrets.ts';
import { getPlatform } from '../../platform.ts';
import { classicCipher, modernCipher, type Opened } from './record-cipher.ts';
import type { Side, TlsState } from './state.ts';
import { suiteOf } from './suites.ts';

export const TLS13 = 0x0304;

/** Records that were lost, or came before their secrets: so many numbers are tried. */
const MAX_GAP = 16;
const MAX_TRIES = 500;

/** TLS 1.3, after the server hello: both directions are encrypted from here on. */
export function handshakeKeys(state: TlsState, secrets: Secrets): void {
  for (const side of [0, 1] as const) {
    state.sides[side].missed = 0;
    modernKeys(state, side, secrets);
  }
}

/** A client hello that announces early data (RFC 8446 §4.2.10), or none. */
export function earlyKeys(
  state: TlsState,
  side: Side,
  suites: readonly number[] | undefined,
  secrets: Secrets | undefined,
): void {
  const of = state.sides[side];
  of.earlySuites = suites;
  of.early = [];
  const platform = getPlatform();
  const secret = suites && state.clientRandom && secrets?.get('CLIENT_EARLY_TRAFFIC_SECRET', state.clientRandom);
  if (!platform || !suites || !secret) return;
  for (const suite of suites) {
    const cipher =
      (HASH_LENGTH[suiteOf(suite)?.hash ?? ''] ?? 0) === secret.length && modernCipher(platform, suite, secret);
    if (cipher) of.early.push(cipher);
  }
}
const HASH_LENGTH: Readonly<Record<string, number>> = { sha256: 32, sha384: 48 };

/** Early data goes on beside the server's answer, until the client says that it ends. */
function openEarly(
  state: TlsState,
  side: Side,
  header: Uint8Array,
  body: Uint8Array,
  secrets: Secrets | undefined,
): Opened | undefined {
  const of = state.sides[side];
  if (of.early.length === 0 && secrets && of.sought !== secrets.version) {
    of.sought = secrets.version;
    earlyKeys(state, side, of.earlySuites, secrets);
  }
  for (const cipher of of.early) {
    const opened = cipher.open(header, body);
    if (!opened) continue;
    of.early = [cipher];
    return opened;
  }
  return undefined;
}

function modernKeys(state: TlsState, side: Side, secrets: Secrets): void {
  const { clientRandom, client, suite } = state;
  const platform = getPlatform();
  if (!platform || !clientRandom || client === undefined || state.version !== TLS13) return;
  const who = side === client ? 'CLIENT' : 'SERVER';
  const of = state.sides[side];
  of.sought = secrets.version;
  const opens = (label: string) => {
    const secret = secrets.get(label, clientRandom);
    return secret && modernCipher(platform, suite, secret);
  };
  of.cipher = opens(`${who}_HANDSHAKE_TRAFFIC_SECRET`);
  of.application = opens(`${who}_TRAFFIC_SECRET_0`);
}

/** TLS 1.0 to 1.2, at Change Cipher Spec: this direction has the keys of the session that was just negotiated. */
export function changedKeys(state: TlsState, side: Side, secrets: Secrets): void {
  if (state.version === undefined || state.version >= TLS13) return;
  state.sides[side].missed = 0;
  classicKeys(state, side, secrets);
}

function classicKeys(state: TlsState, side: Side, secrets: Secrets): void {
  const { version, suite, clientRandom, serverRandom, client, macLast } = state;
  const platform = getPlatform();
  const of = state.sides[side];
  of.sought = secrets.version;
  of.cipher = undefined;
  if (version === undefined || !clientRandom || !serverRandom) return;
  const master = secrets.get('CLIENT_RANDOM', clientRandom);
  if (platform && master?.length === 48)
    of.cipher = classicCipher(
      platform,
      { version, suite, master, clientRandom, serverRandom, macLast },
      side === client,
    );
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

/** @param secrets asked again when more came since: programs log while they connect, and a capture may be faster */
export function openRecord(
  state: TlsState,
  side: Side,
  header: Uint8Array,
  body: Uint8Array,
  secrets: Secrets | undefined,
): Opened | undefined {
  const of = state.sides[side];
  const early = of.earlySuites && openEarly(state, side, header, body, secrets);
  if (early) return early;
  if (!of.cipher && !of.application && secrets && of.sought !== secrets.version) {
    if (state.version === TLS13) modernKeys(state, side, secrets);
    else if (of.encrypted) classicKeys(state, side, secrets);
    const late = state.sides[side].cipher;
    if (late) late.sequence = of.missed;
  }
  const opened = of.cipher?.open(header, body) ?? openLater(state, side, header, body);
  // It was refused, or its end was not seen.
  if (opened) of.earlySuites = undefined;
  of.missed = opened ? 0 : of.missed + 1;
  return opened;
}

/** Where records are missing, or the handshake's end was not seen: the next numbers, and the application's keys. */
function openLater(state: TlsState, side: Side, header: Uint8Array, body: Uint8Array): Opened | undefined {
  const of = state.sides[side];
  for (const cipher of [of.cipher, of.application, ...(of.earlySuites ? of.early : [])]) {
    if (!cipher || of.tries >= MAX_TRIES) continue;
    of.tries++;
    const from = cipher.sequence;
    // Of the application's numbers those that were missed may be a part.
    const first = cipher === of.application ? 0 : from + 1;
    const last = cipher === of.application ? of.missed : from + MAX_GAP;
    for (cipher.sequence = first; cipher.sequence <= Math.min(last, first + MAX_GAP); cipher.sequence++) {
      const opened = cipher.open(header, body);
      if (!opened) continue;
      if (cipher === of.application) applicationKeys(state, side);
      return opened;
    }
    cipher.sequence = from;
  }
  return undefined;
}
