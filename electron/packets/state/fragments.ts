/**
 * Fragments of IPv4 and IPv6 datagrams until they are whole. Bounded: the oldest unfinished datagram goes when there are too many or they hold
 * too much. Overlaps keep what came first, as RFC 5722 would rather drop them and Wireshark shows the first.
 */
import { forgetOldest } from './oldest.ts';

const MAX_DATAGRAMS = 1024;
const MAX_BYTES = 64 << 20;
/** Of IP itself. */
const MAX_DATAGRAM = 65_535;
/** Fragments begin at multiples of this. */
const UNIT = 8;
/** More than a datagram can be cut into, even if each came twice: somebody wants us to keep them. */
const MAX_FRAGMENTS = (2 * (MAX_DATAGRAM + 1)) / UNIT;

export interface Fragment {
  number: number;
  /** Byte offset in the datagram. */
  offset: number;
  bytes: Uint8Array;
}

interface Pending {
  fragments: Fragment[];
  held: number;
  /** By unit: whether it came. And how many did, so that only what may be whole is put together. */
  came: Uint8Array;
  units: number;
  /** Known once the last fragment came. */
  total: number | undefined;
}

export interface Whole {
  bytes: Uint8Array;
  /** In the order in which they came. */
  fragments: Fragment[];
  overlap: boolean;
}

export class FragmentTable {
  readonly #pending = new Map<string, Pending>();
  #held = 0;

  /** Adds a fragment (its bytes are copied). Returns the datagram's payload when this one completes it. */
  add(key: string, fragment: Fragment, more: boolean): Whole | undefined {
    const end = fragment.offset + fragment.bytes.length;
    if (end > MAX_DATAGRAM) return undefined;
    let pending = this.#pending.get(key);
    if (!pending) {
      pending = { fragments: [], held: 0, came: new Uint8Array((MAX_DATAGRAM + 1) / UNIT), units: 0, total: undefined };
      this.#pending.set(key, pending);
    }
    pending.fragments.push({ ...fragment, bytes: fragment.bytes.slice() });
    pending.held += fragment.bytes.length;
    this.#held += fragment.bytes.length;
    if (!more) pending.total = end;
    for (let unit = Math.floor(fragment.offset / UNIT); unit * UNIT < end; unit++)
      if (pending.came[unit] === 0) {
        pending.came[unit] = 1;
        pending.units++;
      }
    const { total } = pending;
    const whole = total !== undefined && pending.units * UNIT >= total ? assemble(pending.fragments, total) : undefined;
    if (whole || pending.fragments.length > MAX_FRAGMENTS) this.#drop(key, pending);
    else this.#bound();
    return whole;
  }

  #drop(key: string, pending: Pending): void {
    this.#pending.delete(key);
    this.#held -= pending.held;
  }

  #bound(): void {
    forgetOldest(this.#pending, MAX_DATAGRAMS, (key) => this.#drop(key, this.#pending.get(key)!));
    if (this.#held > MAX_BYTES)
      for (const [key, oldest] of this.#pending) {
        if (this.#held <= MAX_BYTES / 2) break;
        this.#drop(key, oldest);
      }
  }
}

function assemble(fragments: readonly Fragment[], total: number): Whole | undefined {
  const bytes = new Uint8Array(total);
  let filled = 0;
  let overlap = false;
  for (const { offset, bytes: part } of fragments.toSorted((a, b) => a.offset - b.offset)) {
    if (offset > filled) return undefined;
    if (offset < filled) overlap = true;
    // Beyond what the last fragment said is the end.
    if (offset >= total || offset + part.length <= filled) continue;
    const fresh = part.subarray(Math.max(0, filled - offset), Math.max(0, total - offset));
    bytes.set(fresh, Math.max(offset, filled));
    filled = Math.min(total, offset + part.length);
  }
  return filled >= total ? { bytes, fragments: [...fragments], overlap } : undefined;
}
