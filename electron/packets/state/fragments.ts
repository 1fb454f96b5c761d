/**
 * Fragments of IPv4 and IPv6 datagrams until they are whole. Bounded: the oldest unfinished datagram goes when there are too many or they hold
 * too much. Overlaps keep what came first, as RFC 5722 would rather drop them and Wireshark shows the first.
 */
const MAX_DATAGRAMS = 1024;
const MAX_BYTES = 64 << 20;
/** Of IP itself. */
const MAX_DATAGRAM = 65_535;

export interface Fragment {
  number: number;
  /** Byte offset in the datagram. */
  offset: number;
  bytes: Uint8Array;
}

interface Pending {
  fragments: Fragment[];
  held: number;
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
      pending = { fragments: [], held: 0, total: undefined };
      this.#pending.set(key, pending);
    }
    pending.fragments.push({ ...fragment, bytes: fragment.bytes.slice() });
    pending.held += fragment.bytes.length;
    this.#held += fragment.bytes.length;
    if (!more) pending.total = end;
    const whole = pending.total === undefined ? undefined : assemble(pending.fragments, pending.total);
    if (whole) this.#drop(key, pending);
    else this.#bound();
    return whole;
  }

  #drop(key: string, pending: Pending): void {
    this.#pending.delete(key);
    this.#held -= pending.held;
  }

  #bound(): void {
    while (this.#pending.size > MAX_DATAGRAMS || this.#held > MAX_BYTES) {
      const [key, oldest] = this.#pending.entries().next().value!;
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
    filled = Math.max(filled, offset + part.length);
  }
  return filled >= total ? { bytes, fragments: [...fragments], overlap } : undefined;
}
