/**
 * A flow table as columns, with a hash index of its own: tens of thousands of flows a second come in, are matched with their
 * last snapshot and aggregated without making an object or a string each. Rows are 0-based and append-only.
 */
import { FLOW_KEY_BYTES } from '../../shared/abi.ts';

/** A key is struct xdpeek_flow_key as words; so that kernel records need no repacking, and files' flows are keyed alike. */
export const KEY_WORDS = FLOW_KEY_BYTES / 4;
/** Words in a key. Addresses are in memory order; IPv4 uses the first word. */
export const KEY = { source: 0, destination: 4, ports: 8, kind: 9 } as const;

/** Word `ports`. */
export function portsWord(source: number, destination: number): number {
  return (source | (destination << 16)) >>> 0;
}

/** Word `kind`: family (4, 6), IP protocol, interface (its pcapng id), direction (1 in, 2 out). */
export function kindWord(family: number, protocol: number, interfaceId: number, direction: number): number {
  return (family | (protocol << 8) | (interfaceId << 16) | (direction << 24)) >>> 0;
}

const FIRST_CAPACITY = 256;

export class FlowColumns {
  count = 0;
  keys = new Uint32Array(FIRST_CAPACITY * KEY_WORDS);
  packets = new Float64Array(FIRST_CAPACITY);
  bytes = new Float64Array(FIRST_CAPACITY);
  /** Epoch ms. */
  firstMs = new Float64Array(FIRST_CAPACITY);
  lastMs = new Float64Array(FIRST_CAPACITY);
  /** Rates; what they are rates over is the owner's matter. */
  pps = new Float64Array(FIRST_CAPACITY);
  bitsPerSecond = new Float64Array(FIRST_CAPACITY);
  tcpFlags = new Uint8Array(FIRST_CAPACITY);
  #capacity = FIRST_CAPACITY;
  /** Open addressing: row + 1, 0 = free. At most half full. */
  #slots = new Int32Array(FIRST_CAPACITY * 2);

  /** The row of `key` (KEY_WORDS words at `at`), made with zeros if it is new. */
  upsert(key: Uint32Array, at = 0): number {
    const slot = this.#slot(key, at);
    const found = this.#slots[slot]! - 1;
    if (found >= 0) return found;
    const row = this.count++;
    if (row === this.#capacity) {
      this.#grow();
      this.#slots[this.#slot(key, at)] = row + 1;
    } else this.#slots[slot] = row + 1;
    for (let word = 0; word < KEY_WORDS; word++) this.keys[row * KEY_WORDS + word] = key[at + word]!;
    return row;
  }

  /** The row of `key`, or -1. */
  find(key: Uint32Array, at = 0): number {
    return this.#slots[this.#slot(key, at)]! - 1;
  }

  word(row: number, place: number): number {
    return this.keys[row * KEY_WORDS + place]!;
  }

  /** Where `key` is or would be. */
  #slot(key: Uint32Array, at: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(key, at) & mask;
    for (;;) {
      const row = this.#slots[slot]! - 1;
      if (row < 0 || this.#same(row, key, at)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #same(row: number, key: Uint32Array, at: number): boolean {
    for (let word = 0; word < KEY_WORDS; word++) if (this.keys[row * KEY_WORDS + word] !== key[at + word]) return false;
    return true;
  }

  #grow(): void {
    this.#capacity *= 2;
    const wider = <T extends Float64Array | Uint32Array | Uint8Array>(old: T, width = 1): T => {
      const column = new (old.constructor as { new (length: number): T })(this.#capacity * width);
      column.set(old);
      return column;
    };
    this.keys = wider(this.keys, KEY_WORDS);
    this.packets = wider(this.packets);
    this.bytes = wider(this.bytes);
    this.firstMs = wider(this.firstMs);
    this.lastMs = wider(this.lastMs);
    this.pps = wider(this.pps);
    this.bitsPerSecond = wider(this.bitsPerSecond);
    this.tcpFlags = wider(this.tcpFlags);
    this.#slots = new Int32Array(this.#capacity * 2);
    for (let row = 0; row < this.count - 1; row++) this.#slots[this.#slot(this.keys, row * KEY_WORDS)] = row + 1;
  }
}

/** FNV-1a over words, with a final mix: neighbouring addresses and ports must not cluster. */
function hash(key: Uint32Array, at: number): number {
  let h = 0x811c9dc5;
  for (let word = 0; word < KEY_WORDS; word++) h = Math.imul(h ^ key[at + word]!, 0x01000193);
  h ^= h >>> 15;
  h = Math.imul(h, 0x85ebca6b);
  return h ^ (h >>> 13);
}
