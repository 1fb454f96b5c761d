/** HTTP/1 messages as bytes (RFC 9112): start line, header fields, and how long the body is. Shared by the dissector and by what measures PDUs. */
import { decodeUtf8 } from '../../text/utf8.ts';
import type { Dissection } from '../dissection.ts';
import { PDU_MORE, PDU_REST, PDU_UNTIL_FIN, type PduMemo } from '../tcp-payload.ts';

/** A longer header section is no HTTP that anybody sends. */
const MAX_HEADER = 256 * 1024;

/** Its words are read when somebody asks: of most lines nobody does. */
export class HeaderLine {
  /** Offset of the line; `length` includes its line end. */
  readonly at: number;
  readonly length: number;
  readonly #bytes: Uint8Array;
  /** Without the line end. */
  readonly #end: number;
  readonly #colon: number;

  constructor(bytes: Uint8Array, at: number, next: number) {
    this.at = at;
    this.length = next - at;
    this.#bytes = bytes;
    this.#end = textEnd(bytes, at, next);
    let colon = at;
    while (colon < this.#end && bytes[colon] !== COLON) colon++;
    this.#colon = colon;
  }

  get name(): string {
    return decodeUtf8(this.#bytes.subarray(this.at, this.#colon));
  }

  get value(): string {
    return decodeUtf8(this.#bytes.subarray(this.#colon + 1, this.#end)).trim();
  }

  /** @param name in lower case */
  is(name: string): boolean {
    const bytes = this.#bytes;
    if (this.#colon - this.at !== name.length) return false;
    for (let i = 0; i < name.length; i++) if (lower(bytes[this.at + i]!) !== name.charCodeAt(i)) return false;
    return true;
  }
}

const COLON = 0x3a;
const lower = (code: number) => (code >= 0x41 && code <= 0x5a ? code + 0x20 : code);

export interface StartLine {
  at: number;
  length: number;
  text: string;
}

export interface HttpHead {
  start: StartLine;
  request: boolean;
  lines: HeaderLine[];
  /** Where the body begins. */
  body: number;
  /** Whether the empty line that ends the header section is there. */
  whole: boolean;
}

const METHODS = [
  ...['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PATCH', 'PROPFIND', 'PROPPATCH', 'MKCOL'],
  ...['COPY', 'MOVE', 'LOCK', 'UNLOCK', 'REPORT', 'SEARCH', 'NOTIFY', 'M-SEARCH', 'SUBSCRIBE', 'UNSUBSCRIBE'],
].map((name) => `${name} `);
const VERSION = 'HTTP/1.';

export function startsHttp(bytes: Uint8Array, at: number, end: number): boolean {
  const first = bytes[at]!; // methods and the version begin with a capital letter
  if (first < 0x41 || first > 0x5a) return false;
  if (isText(bytes, at, end, VERSION)) return true;
  for (const method of METHODS)
    if (first === method.charCodeAt(0) && isText(bytes, at, end, method))
      return at + method.length < end && !isSpace(bytes[at + method.length]!);
  return false;
}

function isText(bytes: Uint8Array, at: number, end: number, text: string): boolean {
  if (at + text.length > end) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

const isSpace = (code: number) => code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0xa0;

/** Lines of a header are shorter; beyond it a search of its own begins. */
const LINE = 128;

/** Offset after the next line end, or -1. */
function lineEnd(bytes: Uint8Array, at: number, end: number): number {
  const near = Math.min(end, at + LINE);
  for (let i = at; i < near; i++) if (bytes[i] === 10) return i + 1;
  const lf = near < end ? bytes.indexOf(10, near) : -1;
  return lf < 0 || lf >= end ? -1 : lf + 1;
}

class Measured {
  readonly bytes: Uint8Array;
  readonly head: HttpHead;

  constructor(bytes: Uint8Array, head: HttpHead) {
    this.bytes = bytes;
    this.head = head;
  }
}

/** Measuring a unit, its Info and its walk ask for the same head: it is read once. */
export function readHead(d: Dissection, bytes: Uint8Array, at: number, end: number): HttpHead {
  const { measured } = d;
  if (measured instanceof Measured && measured.bytes === bytes) {
    const { head } = measured;
    if (head.start.at === at && head.whole && head.body <= end) return head;
  }
  const head = parseHead(bytes, at, end);
  d.measured = new Measured(bytes, head);
  return head;
}

function parseHead(bytes: Uint8Array, at: number, end: number): HttpHead {
  const first = lineEnd(bytes, at, end);
  const stop = first < 0 ? end : first;
  const start = { at, length: stop - at, text: text(bytes, at, stop) };
  const head: HttpHead = { start, request: !start.text.startsWith('HTTP/'), lines: [], body: stop, whole: false };
  for (let from = stop; from < end; ) {
    const next = lineEnd(bytes, from, end);
    if (next < 0) break;
    head.body = next;
    if (textEnd(bytes, from, next) === from) {
      head.whole = true;
      return head;
    }
    head.lines.push(new HeaderLine(bytes, from, next));
    from = next;
  }
  return head;
}

/** Where a line is over without its end. */
function textEnd(bytes: Uint8Array, from: number, to: number): number {
  let end = to;
  if (end > from && bytes[end - 1] === 10) end--;
  if (end > from && bytes[end - 1] === 13) end--;
  return end;
}

const text = (bytes: Uint8Array, from: number, to: number) =>
  decodeUtf8(bytes.subarray(from, textEnd(bytes, from, to)));

export function header(head: HttpHead, name: string): string | undefined {
  return head.lines.find((line) => line.is(name))?.value;
}

export const statusOf = (head: HttpHead): number => Number(/^HTTP\/\S+ +(\d{3})/.exec(head.start.text)?.[1] ?? 0);
export const chunked = (head: HttpHead): boolean => /chunked/i.test(header(head, 'transfer-encoding') ?? '');

export function contentLength(head: HttpHead): number | undefined {
  const value = header(head, 'content-length');
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
}

/** @param bodiless the response answers HEAD, or CONNECT: there is no body whatever the header says */
export function httpPdu(
  d: Dissection,
  bytes: Uint8Array,
  at: number,
  end: number,
  memo: PduMemo,
  bodiless: () => boolean,
): number {
  if (!startsHttp(bytes, at, end)) return PDU_REST;
  const head = readHead(d, bytes, at, end);
  if (!head.whole) return end - at > MAX_HEADER ? PDU_REST : PDU_MORE;
  const size = head.body - at;
  if (!head.request) {
    const status = statusOf(head);
    if (status < 200 || status === 204 || status === 304 || bodiless()) return size;
  }
  if (chunked(head)) return chunksEnd(bytes, head.body, end, at, memo);
  const length = contentLength(head);
  if (length !== undefined) return size + length;
  return head.request ? size : PDU_UNTIL_FIN;
}

/** Length of the whole message once its last chunk is there. Goes on where it stopped last time. */
function chunksEnd(bytes: Uint8Array, body: number, end: number, start: number, memo: PduMemo): number {
  let at = memo.at === undefined ? body : start + memo.at;
  for (;;) {
    const next = lineEnd(bytes, at, end);
    if (next < 0) break;
    const size = Number.parseInt(text(bytes, at, next), 16);
    if (!(size >= 0)) return PDU_REST;
    if (size === 0) {
      for (let from = next; ; ) {
        const after = lineEnd(bytes, from, end);
        if (after < 0) return PDU_MORE;
        if (text(bytes, from, after) === '') return after - start;
        from = after;
      }
    }
    if (next + size + 2 > end) break;
    at = next + size + 2;
    memo.at = at - start;
  }
  return PDU_MORE;
}

export interface Chunk {
  /** Of the line with its size. */
  at: number;
  size: number;
  data: number;
}

export function chunksOf(bytes: Uint8Array, body: number, end: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = body; at < end; ) {
    const next = lineEnd(bytes, at, end);
    const size = next < 0 ? Number.NaN : Number.parseInt(text(bytes, at, next), 16);
    if (!(size >= 0) || next + size > end) break;
    chunks.push({ at, size, data: next });
    if (size === 0) break;
    at = next + size + 2;
  }
  return chunks;
}
