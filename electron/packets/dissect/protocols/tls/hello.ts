/** Client and server hello as data: what fingerprints, sessions and QUIC need of them. The tree is made by handshake-fields.ts. */
import { u16 } from '../../bytes.ts';
import { isGrease } from '../../names/tls.ts';
import { getPlatform } from '../../platform.ts';
import { hexText } from '../../text.ts';

export interface Extension {
  type: number;
  /** Of its data. */
  at: number;
  length: number;
}

export interface Hello {
  version: number;
  random: Uint8Array;
  /** One in a server hello. */
  suites: number[];
  extensions: Extension[];
}

/** @param at of the message's body, after type and length. Undefined when it is not whole. */
export function readHello(bytes: Uint8Array, at: number, end: number, client: boolean): Hello | undefined {
  if (at + 38 > end) return undefined;
  const hello: Hello = { version: u16(bytes, at), random: bytes.subarray(at + 2, at + 34), suites: [], extensions: [] };
  let from = at + 35 + bytes[at + 34]!;
  if (client) {
    const length = u16(bytes, from);
    if (from + 2 + length > end) return undefined;
    for (let i = 0; i + 1 < length; i += 2) hello.suites.push(u16(bytes, from + 2 + i));
    from += 2 + length;
    from += 1 + (bytes[from] ?? 0);
  } else {
    hello.suites.push(u16(bytes, from));
    from += 3;
  }
  hello.extensions = readExtensions(bytes, from, end);
  return hello;
}

/** @param at of the two bytes with their length */
export function readExtensions(bytes: Uint8Array, at: number, end: number): Extension[] {
  const extensions: Extension[] = [];
  if (at + 2 > end) return extensions;
  const stop = Math.min(end, at + 2 + u16(bytes, at));
  for (let from = at + 2; from + 4 <= stop; ) {
    const extension = { type: u16(bytes, from), at: from + 4, length: u16(bytes, from + 2) };
    extensions.push(extension);
    from = extension.at + extension.length;
  }
  return extensions;
}

const list = (values: readonly number[]) => values.filter((value) => !isGrease(value)).join('-');

/** Numbers of `width` bytes in an extension after its own length of `prefix` bytes. */
function numbers(bytes: Uint8Array, hello: Hello, type: number, width: 1 | 2, prefix: 1 | 2): number[] {
  const found = hello.extensions.find((extension) => extension.type === type);
  if (!found) return [];
  const out: number[] = [];
  for (let at = found.at + prefix; at + width <= found.at + found.length; at += width)
    out.push(width === 1 ? bytes[at]! : u16(bytes, at));
  return out;
}

/** The negotiated version: what supported_versions says, or the hello itself (RFC 8446 §4.2.1). */
export function chosenVersion(bytes: Uint8Array, hello: Hello): number {
  const found = hello.extensions.find(({ type }) => type === 43);
  return found && found.length === 2 ? u16(bytes, found.at) : hello.version;
}

/** The random number that makes a server hello a hello retry request (RFC 8446 §4.1.3). */
const RETRY = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';
export const isRetry = ({ random }: Hello): boolean => hexText(random, 0, random.length) === RETRY;

export function alpnOf(bytes: Uint8Array, hello: Pick<Hello, 'extensions'>): string[] {
  const found = hello.extensions.find(({ type }) => type === 16);
  const names: string[] = [];
  if (!found) return names;
  for (let at = found.at + 2; at < found.at + found.length; at += 1 + bytes[at]!)
    names.push(String.fromCharCode(...bytes.subarray(at + 1, at + 1 + bytes[at]!)));
  return names;
}

/** JA3: what the client offers, in its order (github.com/salesforce/ja3). */
export function ja3Text(bytes: Uint8Array, hello: Hello): string {
  const parts = [
    String(hello.version),
    list(hello.suites),
    list(hello.extensions.map(({ type }) => type)),
    list(numbers(bytes, hello, 10, 2, 2)),
    numbers(bytes, hello, 11, 1, 1).join('-'),
  ];
  return parts.join(',');
}

export function ja3sText(hello: Hello): string {
  return [String(hello.version), list(hello.suites), list(hello.extensions.map(({ type }) => type))].join(',');
}

export function md5Text(text: string): string | undefined {
  const hash = getPlatform()?.hash(
    'md5',
    Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
  );
  return hash && hexText(hash, 0, hash.length);
}

const four = (value: number) => value.toString(16).padStart(4, '0');
const two = (count: number) => String(Math.min(99, count)).padStart(2, '0');
function short(text: string): string {
  if (text === '') return '000000000000';
  const hash = getPlatform()?.hash(
    'sha256',
    Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
  );
  return hash ? hexText(hash, 0, 6) : '';
}

/** JA4 and its readable form (github.com/FoxIO-LLC/ja4, technical_details/JA4.md). */
export function ja4(bytes: Uint8Array, hello: Hello, quic: boolean): { hash: string; raw: string } {
  const versions = numbers(bytes, hello, 43, 2, 1).filter((version) => !isGrease(version));
  const version = versions.length > 0 ? Math.max(...versions) : hello.version;
  const code: Record<number, string> = { 772: '13', 771: '12', 770: '11', 769: '10', 768: 's3' };
  const suites = hello.suites.filter((suite) => !isGrease(suite));
  const extensions = hello.extensions.map(({ type }) => type).filter((type) => !isGrease(type));
  const sni = extensions.includes(0) ? 'd' : 'i';
  const protocol = alpnOf(bytes, hello)[0] ?? '';
  const alpn = protocol === '' ? '00' : `${protocol[0]}${protocol[protocol.length - 1]}`;
  const head = `${quic ? 'q' : 't'}${code[version] ?? '00'}${sni}${two(suites.length)}${two(extensions.length)}${alpn}`;
  const ciphers = suites.map(four).sort().join(',');
  const others = extensions
    .filter((type) => type !== 0 && type !== 16)
    .map(four)
    .sort()
    .join(',');
  const schemes = numbers(bytes, hello, 13, 2, 2).map(four).join(',');
  const tail = schemes === '' ? others : `${others}_${schemes}`;
  return { hash: `${head}_${short(ciphers)}_${short(others === '' ? '' : tail)}`, raw: `${head}_${ciphers}_${tail}` };
}
