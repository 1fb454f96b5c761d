/** Echo requests and their replies (RFC 792, RFC 4443): which belong together, and when the request says that it was sent. */
import { type Answered, RequestTable } from '../../state/requests.ts';
import { u32, u32le } from '../bytes.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';

const DAY_NS = 86_400_000_000_000;
/** Seconds and microseconds. */
export const SENT_LENGTH = 8;

/**
 * By who asks whom, identifier and sequence number. A reply that comes twice answers once.
 * @param ends addresses of the one who asks and of the one who is asked
 * @param ident identifier and sequence number
 */
export function matchEcho(
  d: Dissection,
  protocol: Protocol,
  ends: readonly [string, string],
  ident: number,
  request: boolean,
): Answered | undefined {
  const { context } = d;
  if (!context) return undefined;
  const key = `${ends[0]} ${ends[1]} ${ident}`;
  context.state.joinNamed(`${protocol.name} ${key}`);
  const table = context.state.of(protocol, () => new RequestTable());
  if (!request) return table.answer(key, context);
  table.ask(key, context, true);
  return undefined;
}

export function answeredText(layer: Layer): string {
  const answered = (layer.facts as EchoFacts | undefined)?.answered;
  return answered ? ` (request in ${answered.number})` : '';
}

export interface EchoFacts {
  answered: Answered | undefined;
  /** ns since the epoch, as the data begins with it. */
  sentNs: bigint | undefined;
}

/** Most programs send the time first, in their own byte order: it is believed when it is about that of the packet. */
export function sentTime({ bytes, context }: Dissection, at: number, end: number): bigint | undefined {
  if (context?.baseNs === undefined || at + SENT_LENGTH > end) return undefined;
  const nowNs = Number(context.baseNs) + context.timeNs;
  for (const read of [u32, u32le]) {
    const microseconds = read(bytes, at + 4);
    const seconds = read(bytes, at);
    if (microseconds < 1_000_000 && Math.abs(seconds * 1e9 - nowNs) < DAY_NS)
      return BigInt(seconds) * 1_000_000_000n + BigInt(microseconds) * 1000n;
  }
  return undefined;
}

/** How long it was under way, when the clocks are the same. */
export function sinceSent({ context }: Dissection, sentNs: bigint): bigint {
  return (context?.baseNs ?? 0n) + BigInt(Math.round(context?.timeNs ?? 0)) - sentNs;
}

/** As Wireshark prints a double: the digits that are needed. */
export function milliseconds(ns: number): string {
  return String(Math.round(ns) / 1e6);
}
