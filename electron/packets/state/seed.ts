/** A conversation that is entered in its middle: what must not start afresh is taken from the one that was seen whole. */
import type { CaptureState } from './capture-state.ts';
import type { Conversation } from './conversations.ts';
import { TcpConnection } from './tcp-analysis.ts';

/** Relative numbers and window scales stay those of the connection. Undefined for what is no TCP conversation. */
export function seedTcp(
  state: CaptureState,
  { connection: whole, key, firstNumber, firstNs }: Conversation,
): Conversation | undefined {
  if (!whole) return undefined;
  const seeded = new TcpConnection();
  for (const side of [0, 1] as const) {
    seeded.sides[side].base = whole.sides[side].base;
    seeded.sides[side].scale = whole.sides[side].scale;
  }
  seeded.initialRttNs = whole.initialRttNs;
  const conversation = state.tcp.beginAs(key, firstNumber, firstNs);
  conversation.connection = seeded;
  return conversation;
}
