/**
 * Who talks to whom: both directions of a pair of addresses and ports are one conversation, numbered from 0 in the order in which they
 * begin (tcp.stream, udp.stream).
 */
import type { Layer } from '../dissect/dissection.ts';

export interface Conversation {
  /** tcp.stream, udp.stream. */
  readonly index: number;
  /** Its place in the table. */
  readonly key: string;
  /** First packet. */
  readonly firstNumber: number;
  readonly firstNs: number;
  /** CaptureState.join. */
  group: number;
  /** Packet before the one at hand. */
  lastNs: number;
  /** What protocols keep about it, by protocol. */
  readonly data: Map<unknown, unknown>;
}

export interface ConversationKey {
  key: string;
  /** Whether the sender of the packet at hand is the smaller end: tells the two directions apart. */
  forward: boolean;
}

const pair = (high: number, low: number) => String.fromCharCode((high << 8) | low);

/**
 * Address and port of both ends as one string, the smaller end first.
 * @param to offset of the address that the packet goes to in the end, where a routing header says so
 */
export function conversationKey(bytes: Uint8Array, network: Layer, ports: number, to?: number): ConversationKey {
  const six = network.protocol.name === 'ipv6';
  const size = six ? 16 : 4;
  const at = network.start + (six ? 8 : 12);
  const toAt = to ?? at + size;
  let source = '';
  let destination = '';
  for (let i = 0; i < size; i += 2) {
    source += pair(bytes[at + i]!, bytes[at + i + 1]!);
    destination += pair(bytes[toAt + i]!, bytes[toAt + i + 1]!);
  }
  source += pair(bytes[ports]!, bytes[ports + 1]!);
  destination += pair(bytes[ports + 2]!, bytes[ports + 3]!);
  const forward = source <= destination;
  return { key: forward ? source + destination : destination + source, forward };
}

/** More than these at once, and the one that began first is forgotten: were it to go on, it would count as a new one. */
const MAX_CONVERSATIONS = 200_000;

export class ConversationTable {
  readonly #byKey = new Map<string, Conversation>();
  #count: number;

  constructor(firstIndex = 0) {
    this.#count = firstIndex;
  }

  get count(): number {
    return this.#count;
  }

  find(key: string): Conversation | undefined {
    return this.#byKey.get(key);
  }

  /** A new conversation in the place of the one that had this key, if any. */
  begin(key: string, number: number, timeNs: number): Conversation {
    const made = {
      index: this.#count++,
      key,
      group: 0,
      firstNumber: number,
      firstNs: timeNs,
      lastNs: timeNs,
      data: new Map(),
    };
    if (this.#byKey.size >= MAX_CONVERSATIONS) this.#byKey.delete(this.#byKey.keys().next().value!);
    this.#byKey.delete(key);
    this.#byKey.set(key, made);
    return made;
  }
}

/** What a protocol keeps about a conversation. */
export function own<T>({ data }: Conversation, owner: unknown, make: () => T): T {
  let found = data.get(owner) as T | undefined;
  if (found === undefined) {
    found = make();
    data.set(owner, found);
  }
  return found;
}
