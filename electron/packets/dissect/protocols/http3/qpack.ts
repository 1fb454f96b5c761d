/**
 * QPACK (RFC 9204): field sections → header fields, with the dynamic table that the sender's encoder stream fills. A section that refers to entries which
 * have not come is not decoded: it is told as blocked.
 */
import { integer, text } from '../http2/hpack.ts';
import { STATIC } from './qpack-table.ts';

/** Of one section: small fields may refer to large ones. */
const MAX_FIELDS = 2000;
const MAX_DECODED = 1 << 20;
/** What a peer may raise the table to here. */
const MAX_CAPACITY = 1 << 20;
/** RFC 9204 §3.2.1. */
const OVERHEAD = 32;

export interface QpackField {
  name: string;
  value: string;
  /** In the section. */
  at: number;
  length: number;
}

export interface FieldSection {
  fields: QpackField[];
  /** It stopped making sense. */
  broken: boolean;
  /** Entries that it needs and those that there are, when some have not come. */
  blocked: { needs: number; has: number } | undefined;
}

type Entry = readonly [name: string, value: string];
interface Line {
  entry: Entry | undefined;
  next: number;
}

/** What one side's encoder has put into the other side's table. */
export class QpackTable {
  /** The newest first. */
  #entries: Entry[] = [];
  #size = 0;
  #capacity = 0;
  /** Entries that ever were. */
  inserted = 0;
  /** SETTINGS_QPACK_MAX_TABLE_CAPACITY of the side that decodes. */
  maxCapacity: number | undefined;

  copy(): QpackTable {
    const copy = new QpackTable();
    copy.#entries = [...this.#entries];
    copy.#size = this.#size;
    copy.#capacity = this.#capacity;
    copy.inserted = this.inserted;
    copy.maxCapacity = this.maxCapacity;
    return copy;
  }

  /** Reads whole instructions; returns the bytes that they take. A broken one takes all. */
  instructions(bytes: Uint8Array): number {
    for (let at = 0; at < bytes.length; ) {
      const next = this.#instruction(bytes, at);
      if (next === undefined) return at;
      at = next;
    }
    return bytes.length;
  }

  /** Where the next one begins; undefined when this one is not whole. */
  #instruction(bytes: Uint8Array, at: number): number | undefined {
    const first = bytes[at]!;
    if (first & 0x80) {
      const index = integer(bytes, at, 6);
      const value = index && text(bytes, index.next);
      if (!value) return undefined;
      const name = (first & 0x40 ? STATIC[index.value] : this.#relative(index.value))?.[0];
      this.#insert(name ?? '', value.value);
      return value.next;
    }
    if (first & 0x40) {
      const name = text(bytes, at, 5);
      const value = name && text(bytes, name.next);
      if (!value) return undefined;
      this.#insert(name.value, value.value);
      return value.next;
    }
    const number = integer(bytes, at, 5);
    if (!number) return undefined;
    if (first & 0x20) {
      this.#capacity = Math.min(number.value, MAX_CAPACITY);
      this.#evict();
    } else this.#insert(...(this.#relative(number.value) ?? (['', ''] as const)));
    return number.next;
  }

  #relative(index: number): Entry | undefined {
    return this.#entries[index];
  }
  #absolute(index: number): Entry | undefined {
    return this.#entries[this.inserted - 1 - index];
  }

  #insert(name: string, value: string): void {
    this.inserted++;
    this.#entries.unshift([name, value]);
    this.#size += name.length + value.length + OVERHEAD;
    this.#evict();
  }

  #evict(): void {
    while (this.#size > this.#capacity && this.#entries.length > 0) {
      const [name, value] = this.#entries.pop()!;
      this.#size -= name.length + value.length + OVERHEAD;
    }
  }

  /** RFC 9204 §4.5.1.1: the count is sent modulo what the table can hold. */
  #required(encoded: number): number | undefined {
    if (encoded === 0) return 0;
    const most = Math.floor((this.maxCapacity ?? this.#capacity) / OVERHEAD);
    if (encoded > 2 * most) return undefined;
    const limit = this.inserted + most;
    const required = Math.floor(limit / (2 * most)) * 2 * most + encoded - 1;
    if (required <= limit) return required;
    return required > 2 * most ? required - 2 * most : undefined;
  }

  decode(bytes: Uint8Array): FieldSection {
    const section: FieldSection = { fields: [], broken: true, blocked: undefined };
    const count = bytes.length > 0 ? integer(bytes, 0, 8) : undefined;
    const delta = count && count.next < bytes.length ? integer(bytes, count.next, 7) : undefined;
    const required = count && this.#required(count.value);
    if (!count || !delta || required === undefined) return section;
    if (required > this.inserted) {
      section.broken = false;
      section.blocked = { needs: required, has: this.inserted };
      return section;
    }
    const base = bytes[count.next]! & 0x80 ? required - delta.value - 1 : required + delta.value;
    let decoded = 0;
    for (let at = delta.next; at < bytes.length; ) {
      const { entry, next } = this.#line(bytes, at, base);
      if (!entry || decoded > MAX_DECODED || section.fields.length >= MAX_FIELDS) return section;
      const [name, value] = entry;
      decoded += name.length + value.length;
      section.fields.push({ name, value, at, length: next - at });
      at = next;
    }
    section.broken = false;
    return section;
  }

  #line(bytes: Uint8Array, at: number, base: number): Line {
    const first = bytes[at]!;
    const none = { entry: undefined, next: at };
    if (first & 0x80) {
      const index = integer(bytes, at, 6);
      if (!index) return none;
      const entry = first & 0x40 ? STATIC[index.value] : this.#absolute(base - index.value - 1);
      return { entry, next: index.next };
    }
    if ((first & 0xf0) === 0x10) {
      const index = integer(bytes, at, 4);
      return index ? { entry: this.#absolute(base + index.value), next: index.next } : none;
    }
    if ((first & 0xe0) === 0x20) {
      const name = text(bytes, at, 3);
      const value = name && text(bytes, name.next);
      return value ? { entry: [name.value, value.value], next: value.next } : none;
    }
    const after = (first & 0x40) === 0;
    const index = integer(bytes, at, after ? 3 : 4);
    const value = index && text(bytes, index.next);
    if (!value) return none;
    const known = after
      ? this.#absolute(base + index.value)
      : first & 0x10
        ? STATIC[index.value]
        : this.#absolute(base - index.value - 1);
    return { entry: known && [known[0], value.value], next: value.next };
  }
}
