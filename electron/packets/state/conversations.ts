/**
 * Who talks to whom: both directions of a pair of addresses and ports are one conversation, numbered from 0 in the order in which they
 * begin (tcp.stream, udp.stream).
 */
import type { Layer, Protocol } from '../dissect/dissection.ts';
import type { Pending } from '../dissect/tcp-payload.ts';
import { Ends } from './conversation-ends.ts';
import { forgetOldest } from './oldest.ts';
import { Recent } from './recent.ts';
import type { TcpConnection } from './tcp-analysis.ts';

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
  /** Another one has its place: it is not found any more. */
  over: boolean;
  /** Of a TCP conversation, from its first segment on. */
  connection: TcpConnection | undefined;
  /** What speaks over TCP, where it is not the ports that say it. */
  above: Protocol | undefined;
  /** Of TCP: data units that go on in later segments, by side. */
  units: readonly [Pending, Pending] | undefined;
  /** Whether no protocol keeps anything about it. */
  readonly isBare: boolean;
  /** What protocols keep about it, by protocol. */
  readonly data: Map<unknown, unknown>;
}

/** More than these at once, and the one that began first is forgotten: were it to go on, it would count as a new one. */
const MAX_CONVERSATIONS = 100_000;

/** Its map is made when somebody asks: of many conversations nobody keeps anything. */
class Known implements Conversation {
  readonly index: number;
  readonly key: string;
  readonly firstNumber: number;
  readonly firstNs: number;
  group = 0;
  lastNs: number;
  over = false;
  connection: TcpConnection | undefined;
  above: Protocol | undefined;
  units: readonly [Pending, Pending] | undefined;
  #data: Map<unknown, unknown> | undefined;

  constructor(index: number, key: string, firstNumber: number, firstNs: number) {
    this.index = index;
    this.key = key;
    this.firstNumber = firstNumber;
    this.firstNs = firstNs;
    this.lastNs = firstNs;
    this.connection = undefined;
    this.above = undefined;
    this.units = undefined;
  }

  get data(): Map<unknown, unknown> {
    this.#data ??= new Map();
    return this.#data;
  }

  get isBare(): boolean {
    return this.#data === undefined || this.#data.size === 0;
  }

  forget(): void {
    this.#data = undefined;
    this.connection = undefined;
    this.above = undefined;
    this.units = undefined;
  }
}

export class ConversationTable {
  readonly #byKey = new Map<string, Known>();
  readonly #recent = new Recent<Known>();
  readonly #ends = new Ends();
  #count: number;

  constructor(firstIndex = 0) {
    this.#count = firstIndex;
  }

  get count(): number {
    return this.#count;
  }

  /** Whether the sender of the packet that was sought last is the smaller end: tells the two directions apart. */
  get forward(): boolean {
    return this.#ends.forward;
  }

  /** A number below `entries` for the conversation that was sought or begun last; later another one may have it. */
  get entry(): number {
    return this.#recent.entry;
  }

  get entries(): number {
    return this.#recent.capacity;
  }

  /**
   * The conversation of a packet, if it is known: by address and port of both ends.
   * @param to offset of the address that the packet goes to in the end, where a routing header says so
   */
  seek(bytes: Uint8Array, network: Layer, ports: number, to?: number): Conversation | undefined {
    const size = network.protocol.name === 'ipv6' ? 16 : 4;
    const from = network.start + (size === 16 ? 8 : 12);
    return this.seekAt(bytes, from, to ?? from + size, size, ports);
  }

  /** As `seek`, by the offsets of both addresses, of `size` bytes each. */
  seekAt(bytes: Uint8Array, from: number, to: number, size: 4 | 16, ports: number): Conversation | undefined {
    const ends = this.#ends;
    ends.read(bytes, from, to, size, ports);
    const recent = this.#recent.find(ends);
    if (recent) return recent;
    const conversation = this.#byKey.get(ends.key());
    if (conversation) this.#recent.put(ends, conversation);
    return conversation;
  }

  /** A new conversation between the ends that were sought last, in the place of the one that they had, if any. */
  begin(number: number, timeNs: number): Conversation {
    const made = this.beginAs(this.#ends.key(), number, timeNs);
    this.#recent.put(this.#ends, made);
    return made;
  }

  /** As `begin`, for a conversation's key. */
  beginAs(key: string, number: number, timeNs: number): Known {
    const made = new Known(this.#count++, key, number, timeNs);
    forgetOldest(this.#byKey, MAX_CONVERSATIONS, (oldest) => this.#forget(oldest));
    this.#forget(key);
    this.#byKey.set(key, made);
    return made;
  }

  #forget(key: string): void {
    const old = this.#byKey.get(key);
    if (!old) return;
    old.over = true;
    // Captures may have millions of them: what is kept of it is what it takes to number it again.
    old.forget();
    this.#byKey.delete(key);
  }
}

/** What a protocol keeps about a conversation, if it does already. */
export function kept<T>(conversation: Conversation, owner: unknown): T | undefined {
  return conversation.isBare ? undefined : (conversation.data.get(owner) as T | undefined);
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
