/**
 * Who talks to whom: both directions of a pair of addresses and ports are one conversation, numbered from 0 in the order in which they
 * begin (tcp.stream, udp.stream).
 */
import type { Layer } from '../dissect/dissection.ts';
import { forgetOldest } from './oldest.ts';
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
  /** What protocols keep about it, by protocol. */
  readonly data: Map<unknown, unknown>;
}

export interface ConversationKey {
  key: string;
  /** The one that is known. */
  conversation: Conversation | undefined;
  /** Whether the sender of the packet at hand is the smaller end: tells the two directions apart. */
  forward: boolean;
}

/** Two sides of IPv6 address and port, in 16-bit units. */
const units = new Uint16Array(18);

/**
 * Puts address and port of both ends into `units`, the smaller end first. Returns how many units an end has, negative when the sender is the
 * larger one.
 */
function readEnds(bytes: Uint8Array, network: Layer, ports: number, to: number | undefined): number {
  const size = network.protocol.name === 'ipv6' ? 16 : 4;
  const at = network.start + (size === 16 ? 8 : 12);
  const toAt = to ?? at + size;
  const count = size / 2 + 1;
  for (let i = 0, from = 0; i < count - 1; i++, from += 2) {
    units[i] = (bytes[at + from]! << 8) | bytes[at + from + 1]!;
    units[count + i] = (bytes[toAt + from]! << 8) | bytes[toAt + from + 1]!;
  }
  units[count - 1] = (bytes[ports]! << 8) | bytes[ports + 1]!;
  units[2 * count - 1] = (bytes[ports + 2]! << 8) | bytes[ports + 3]!;
  let i = 0;
  while (i < count && units[i] === units[count + i]) i++;
  if (i === count || units[i]! < units[count + i]!) return count;
  for (; i < count; i++) {
    const unit = units[i]!;
    units[i] = units[count + i]!;
    units[count + i] = unit;
  }
  return -count;
}

/** More than these at once, and the one that began first is forgotten: were it to go on, it would count as a new one. */
const MAX_CONVERSATIONS = 100_000;
/** Places of those that were found last, by a hash of their ends: most packets need no key to be made. */
const RECENT = 1 << 13;

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
  #data: Map<unknown, unknown> | undefined;

  constructor(index: number, key: string, firstNumber: number, firstNs: number) {
    this.index = index;
    this.key = key;
    this.firstNumber = firstNumber;
    this.firstNs = firstNs;
    this.lastNs = firstNs;
    this.connection = undefined;
  }

  get data(): Map<unknown, unknown> {
    this.#data ??= new Map();
    return this.#data;
  }

  forget(): void {
    this.#data = undefined;
    this.connection = undefined;
  }
}

export class ConversationTable {
  readonly #byKey = new Map<string, Known>();
  readonly #recent: (Conversation | undefined)[] = new Array(RECENT).fill(undefined);
  #count: number;

  constructor(firstIndex = 0) {
    this.#count = firstIndex;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * The conversation of a packet: address and port of both ends as one string, the smaller end first.
   * @param to offset of the address that the packet goes to in the end, where a routing header says so
   */
  seek(bytes: Uint8Array, network: Layer, ports: number, to?: number): ConversationKey {
    const found = readEnds(bytes, network, ports, to);
    const forward = found > 0;
    const count = forward ? 2 * found : -2 * found;
    let hash = count;
    for (let i = 0; i < count; i++) hash = Math.imul(hash ^ units[i]!, 0x01000193) ^ (hash >>> 15);
    const place = (hash ^ (hash >>> 13)) & (RECENT - 1);
    const recent = this.#recent[place];
    if (recent && !recent.over && isKey(recent.key, count)) return { key: recent.key, conversation: recent, forward };
    let key = '';
    for (let i = 0; i < count; i++) key += String.fromCharCode(units[i]!);
    const conversation = this.#byKey.get(key);
    if (conversation) this.#recent[place] = conversation;
    return { key, conversation, forward };
  }

  /** A new conversation in the place of the one that had this key, if any. */
  begin(key: string, number: number, timeNs: number): Conversation {
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

/** Whether the ends in `units` have this key. */
function isKey(key: string, count: number): boolean {
  if (key.length !== count) return false;
  for (let i = 0; i < count; i++) if (key.charCodeAt(i) !== units[i]) return false;
  return true;
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
