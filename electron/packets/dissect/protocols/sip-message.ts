/** SIP messages as bytes (RFC 3261 §7): start line, header fields with their compact forms and folded lines, where the body begins. */
import { decodeUtf8 } from '../../text/utf8.ts';
import { PDU_MORE, PDU_REST } from '../tcp-payload.ts';

/** A longer header section is no SIP that anybody sends. */
const MAX_HEADER = 64 * 1024;
const MAX_LINES = 500;

export interface SipHeader {
  /** Offset of the line; `length` is without its line end. */
  at: number;
  length: number;
  /** As written. */
  written: string;
  /** In full and lower case. */
  name: string;
  value: string;
  valueAt: number;
}

export interface SipMessage {
  start: string;
  startAt: number;
  startLength: number;
  /** Where the header fields begin. */
  headersAt: number;
  headers: SipHeader[];
  body: number;
  /** Whether the empty line that ends the header section is there. */
  whole: boolean;
}

/** RFC 3261 §7.3.3 and those registered since. */
const COMPACT: Record<string, string> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
};

const START = /^(?:SIP\/2\.0 \d{3}|[A-Z][A-Za-z!%*_+`'~.-]* \S+:\S* SIP\/2\.0\r?$)/;

/** The line that begins at `at`: its text, where it ends, where the next begins. */
function line(bytes: Uint8Array, at: number, end: number): { text: string; stop: number; next: number } | undefined {
  const lf = bytes.indexOf(10, at);
  if (lf < 0 || lf >= end) return undefined;
  const stop = lf > at && bytes[lf - 1] === 13 ? lf - 1 : lf;
  return { text: decodeUtf8(bytes.subarray(at, stop)), stop, next: lf + 1 };
}

export function startsSip(bytes: Uint8Array, at: number, end: number): boolean {
  // Requests begin with a letter, responses with 'S': most other payloads are refused by one byte.
  const first = bytes[at]!;
  if (end - at < 12 || first < 0x41 || first > 0x5a) return false;
  // Only what has the version at one end of its line is read as text.
  if (isVersion(bytes, at)) return START.test(line(bytes, at, Math.min(end, at + 512))?.text ?? '');
  const lf = bytes.indexOf(10, at);
  if (lf < 0 || lf >= Math.min(end, at + 512)) return false;
  let stop = lf;
  while (stop > at && stop > lf - 2 && bytes[stop - 1] === 13) stop--;
  return isVersion(bytes, stop - VERSION.length) && START.test(line(bytes, at, lf + 1)!.text);
}

const VERSION = Uint8Array.from('SIP/2.0', (letter) => letter.charCodeAt(0));

function isVersion(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < VERSION.length; i++) if (bytes[at + i] !== VERSION[i]) return false;
  return true;
}

export function readSip(bytes: Uint8Array, from: number, limit: number): SipMessage {
  const end = Math.min(limit, bytes.length);
  const first = line(bytes, from, end) ?? { text: decodeUtf8(bytes.subarray(from, end)), stop: end, next: end };
  const message: SipMessage = {
    start: first.text,
    startAt: from,
    startLength: first.stop - from,
    headersAt: first.next,
    headers: [],
    body: first.next,
    whole: false,
  };
  for (let at = first.next; at < end && message.headers.length < MAX_LINES; ) {
    let found = line(bytes, at, end);
    if (!found) break;
    if (found.stop === at) {
      message.body = found.next;
      message.whole = true;
      return message;
    }
    // A line that begins with white space goes on with the one before.
    while (bytes[found.next] === 32 || bytes[found.next] === 9) {
      const more = line(bytes, found.next, end);
      if (!more) break;
      found = more;
    }
    message.headers.push(headerOf(bytes, at, found.stop));
    at = found.next;
    message.body = at;
  }
  return message;
}

function headerOf(bytes: Uint8Array, at: number, stop: number): SipHeader {
  const colon = bytes.indexOf(58, at);
  const nameEnd = colon < 0 || colon >= stop ? stop : colon;
  let valueAt = Math.min(stop, nameEnd + 1);
  while (valueAt < stop && (bytes[valueAt] === 32 || bytes[valueAt] === 9)) valueAt++;
  const written = decodeUtf8(bytes.subarray(at, nameEnd)).trimEnd();
  const lower = written.toLowerCase();
  return {
    at,
    length: stop - at,
    written,
    name: COMPACT[lower] ?? lower,
    value: decodeUtf8(bytes.subarray(valueAt, stop)),
    valueAt,
  };
}

export const headerValue = (message: SipMessage, name: string): string | undefined =>
  message.headers.find((header) => header.name === name)?.value;

/** "200" of a response; undefined for a request. */
export const statusOf = ({ start }: SipMessage): number | undefined =>
  start.startsWith('SIP/') ? Number(/^\S+ (\d+)/.exec(start)?.[1] ?? 0) : undefined;

export const methodOf = ({ start }: SipMessage): string => start.slice(0, Math.max(0, start.indexOf(' ')));

/** Sequence number and method of CSeq. */
export function sequenceOf(message: SipMessage): { number: number; method: string } {
  const [, digits = '', method = ''] = /^(\d*)\s*(\S*)/.exec(headerValue(message, 'cseq') ?? '') ?? [];
  return { number: digits === '' ? 0 : Number(digits) >>> 0, method };
}

export function sipPdu(bytes: Uint8Array, at: number, end: number): number {
  if (!startsSip(bytes, at, end)) return end - at > 512 || bytes[at]! < 0x41 || bytes[at]! > 0x5a ? PDU_REST : PDU_MORE;
  const message = readSip(bytes, at, end);
  if (!message.whole) return end - at > MAX_HEADER ? PDU_REST : PDU_MORE;
  const length = Number(headerValue(message, 'content-length')?.trim() ?? 0);
  return message.body - at + (Number.isInteger(length) && length >= 0 && length < 1 << 24 ? length : 0);
}
