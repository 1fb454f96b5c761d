/** HPACK (RFC 7541): header blocks → header fields, with the dynamic table of one direction of a connection. */
import { decodeUtf8 } from '../../../text/utf8.ts';
import { huffmanDecode } from './huffman.ts';

const STATIC: readonly (readonly [string, string])[] = [
  [':authority', ''],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  ...['200', '204', '206', '304', '400', '404', '500'].map((code) => [':status', code] as const),
  ['accept-charset', ''],
  ['accept-encoding', 'gzip, deflate'],
  ...(
    'accept-language accept-ranges accept access-control-allow-origin age allow authorization cache-control content-disposition content-encoding ' +
    'content-language content-length content-location content-range content-type cookie date etag expect expires from host if-match ' +
    'if-modified-since if-none-match if-range if-unmodified-since last-modified link location max-forwards proxy-authenticate ' +
    'proxy-authorization range referer refresh retry-after server set-cookie strict-transport-security transfer-encoding user-agent vary via ' +
    'www-authenticate'
  )
    .split(' ')
    .map((name) => [name, ''] as const),
];
const DEFAULT_SIZE = 4096;
/** What a peer may raise the table to here. */
const MAX_SIZE = 1 << 20;
/** Of one block: small fields may refer to large ones. */
const MAX_FIELDS = 2000;
const MAX_DECODED = 1 << 20;
/** RFC 7541 §4.1. */
const OVERHEAD = 32;

export type Representation = 'indexed' | 'incremental' | 'without' | 'never';

export interface HeaderField {
  name: string;
  value: string;
  representation: Representation;
  /** Of the field or its name in the tables; 0 = the name is written out. */
  index: number;
  /** In the block. */
  at: number;
  length: number;
}

export interface HeaderBlock {
  fields: HeaderField[];
  /** New table sizes that the block begins with. */
  sizes: { at: number; length: number; size: number }[];
  /** It stopped making sense. */
  broken: boolean;
  /** Bytes that were read: in a part of a block, the last field may go on in the next part. */
  used: number;
}

/** An integer in the low `bits` bits and what follows (§5.1). Undefined when it does not end or is absurd. */
export function integer(bytes: Uint8Array, at: number, bits: number): { value: number; next: number } | undefined {
  const mask = (1 << bits) - 1;
  let value = bytes[at]! & mask;
  let next = at + 1;
  if (value < mask) return { value, next };
  for (let shift = 0; shift <= 28; shift += 7) {
    const byte = bytes[next++];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, next };
  }
  return undefined;
}

/** A string whose length has `bits` bits; the bit before them says that it is compressed. */
export function text(bytes: Uint8Array, at: number, bits = 7): { value: string; next: number } | undefined {
  if (at >= bytes.length) return undefined;
  const length = integer(bytes, at, bits);
  if (!length || length.next + length.value > bytes.length) return undefined;
  const next = length.next + length.value;
  const written = bytes.subarray(length.next, next);
  const plain = bytes[at]! & (1 << bits) ? huffmanDecode(written) : written;
  return plain && { value: decodeUtf8(plain), next };
}

export class HeaderTable {
  /** The newest first. */
  #entries: [name: string, value: string][] = [];
  #size = 0;
  #limit = DEFAULT_SIZE;

  copy(): HeaderTable {
    const copy = new HeaderTable();
    copy.#entries = [...this.#entries];
    copy.#size = this.#size;
    copy.#limit = this.#limit;
    return copy;
  }

  /**
   * Reads a block, or a part of one. What it adds to the table is for what comes after it.
   * @param ends the block's last part
   */
  decode(bytes: Uint8Array, ends: boolean): HeaderBlock {
    const block: HeaderBlock = { fields: [], sizes: [], broken: false, used: 0 };
    let decoded = 0;
    for (let at = 0; at < bytes.length; ) {
      const next = this.#one(bytes, at, block);
      const last = block.fields.at(-1);
      if (last?.at === at) decoded += last.name.length + last.value.length;
      const many = block.fields.length > MAX_FIELDS || decoded > MAX_DECODED;
      if (next === undefined || many) {
        block.broken = ends || many;
        break;
      }
      at = next;
      block.used = at;
    }
    return block;
  }

  /** Where the next one begins; undefined when it cannot be read. */
  #one(bytes: Uint8Array, at: number, block: HeaderBlock): number | undefined {
    const first = bytes[at]!;
    if ((first & 0xe0) === 0x20) {
      const size = integer(bytes, at, 5);
      if (!size || size.value > MAX_SIZE) return undefined;
      block.sizes.push({ at, length: size.next - at, size: size.value });
      this.#limit = size.value;
      this.#evict();
      return size.next;
    }
    const representation: Representation =
      first & 0x80 ? 'indexed' : first & 0x40 ? 'incremental' : first & 0x10 ? 'never' : 'without';
    const index = integer(bytes, at, { indexed: 7, incremental: 6, without: 4, never: 4 }[representation]);
    if (!index) return undefined;
    const found = index.value > 0 ? this.#entry(index.value) : undefined;
    if (representation === 'indexed') {
      if (!found) return undefined;
      const [name, value] = found;
      block.fields.push({ name, value, representation, index: index.value, at, length: index.next - at });
      return index.next;
    }
    const name = index.value > 0 ? found && { value: found[0], next: index.next } : text(bytes, index.next);
    const value = name && text(bytes, name.next);
    if (!value) return undefined;
    block.fields.push({
      name: name.value,
      value: value.value,
      representation,
      index: index.value,
      at,
      length: value.next - at,
    });
    if (representation === 'incremental') this.#add(name.value, value.value);
    return value.next;
  }

  #entry(index: number): readonly [string, string] | undefined {
    return index <= STATIC.length ? STATIC[index - 1] : this.#entries[index - STATIC.length - 1];
  }

  #add(name: string, value: string): void {
    this.#entries.unshift([name, value]);
    this.#size += name.length + value.length + OVERHEAD;
    this.#evict();
  }

  #evict(): void {
    while (this.#size > this.#limit) {
      const [name, value] = this.#entries.pop()!;
      this.#size -= name.length + value.length + OVERHEAD;
    }
  }
}
