/**
 * DNS messages (RFC 1035 §4) as offsets: names with compression, and a walk over questions and records that stops at the first one
 * that is not wholly there. Bounded: a name follows at most as many pointers as it may have labels, a message has as many records
 * as fit in it.
 */
import { decodeUtf8 } from '../../text/utf8.ts';
import { u16, u32 } from '../bytes.ts';

/** Longest name, dots included (RFC 1035 §2.3.4); also the bound on pointers followed. */
const MAX_NAME = 255;
const POINTER = 0xc0;
const LOOPS = '<Name contains a pointer that loops>';
const TOO_LONG = '<Name too long>';

export interface Name {
  text: string;
  /** Bytes at the place where the name stands: up to its end or its first pointer. */
  length: number;
  /** Of the text, in bytes. */
  size: number;
}

/** Undefined when it leaves the message. A pointer that loops gives Wireshark's words for it. */
export function readName(bytes: Uint8Array, start: number, at: number, end: number): Name | undefined {
  let text = '';
  let size = 0;
  let length = 0;
  let position = at;
  let jumps = 0;
  for (;;) {
    if (position >= end) return undefined;
    const octet = bytes[position]!;
    if (octet === 0) {
      if (jumps === 0) length = position + 1 - at;
      return { text: text === '' ? '<Root>' : text, length, size: text === '' ? 6 : size };
    }
    if ((octet & POINTER) === POINTER) {
      if (position + 2 > end) return undefined;
      if (jumps === 0) length = position + 2 - at;
      const target = start + (u16(bytes, position) & 0x3fff);
      if (++jumps > MAX_NAME || target === position) return { text: LOOPS, length, size: LOOPS.length };
      position = target;
      continue;
    }
    if (octet > 63) return undefined;
    if (position + 1 + octet > end) return undefined;
    if (size + octet > MAX_NAME) return { text: TOO_LONG, length: length || position + 1 - at, size: TOO_LONG.length };
    text += (text === '' ? '' : '.') + labelText(bytes, position + 1, octet);
    size += (size === 0 ? 0 : 1) + octet;
    position += 1 + octet;
  }
}

/** UTF-8. Nearly all labels are short and plain, and a hostile message has them by the hundred thousand: no array, no call for each. */
function labelText(bytes: Uint8Array, at: number, length: number): string {
  let text = '';
  for (let i = at; i < at + length; i++) {
    const octet = bytes[i]!;
    if (octet >= 0x80) return decodeUtf8(bytes.subarray(at, at + length));
    text += String.fromCharCode(octet);
  }
  return text;
}

/** A name inside a record's data; "" when it leaves the record. */
export function nameAt(
  bytes: Uint8Array,
  start: number,
  at: number,
  record: DnsRecord,
): { text: string; length: number } {
  return readName(bytes, start, at, record.end) ?? { text: '', length: 0 };
}

export interface Question {
  at: number;
  name: Name;
  type: number;
  class: number;
  end: number;
}

export interface DnsRecord extends Question {
  /** Seconds. */
  ttl: number;
  dataAt: number;
  dataLength: number;
}

export interface Message {
  questions: Question[];
  /** Answers, authorities, additional records. */
  sections: [DnsRecord[], DnsRecord[], DnsRecord[]];
}

export const DNS_HEADER = 12;

export function readMessage(bytes: Uint8Array, start: number, end: number): Message {
  const message: Message = { questions: [], sections: [[], [], []] };
  let at = start + DNS_HEADER;
  for (let i = u16(bytes, start + 4); i > 0; i--) {
    const question = readQuestion(bytes, start, at, end);
    if (!question) return message;
    message.questions.push(question);
    at = question.end;
  }
  for (const [section, records] of message.sections.entries())
    for (let i = u16(bytes, start + 6 + 2 * section); i > 0; i--) {
      const record = readRecord(bytes, start, at, end);
      if (!record) return message;
      records.push(record);
      at = record.end;
    }
  return message;
}

/** Whether everything that the header counts is there, without making any text: names are stepped over, pointers not followed. */
export function isWhole(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start + DNS_HEADER;
  const records = u16(bytes, start + 6) + u16(bytes, start + 8) + u16(bytes, start + 10);
  for (let i = u16(bytes, start + 4); i > 0; i--) {
    at = skipName(bytes, at, end) + 4;
    if (at > end) return false;
  }
  for (let i = records; i > 0; i--) {
    at = skipName(bytes, at, end) + 10;
    if (at > end) return false;
    at += u16(bytes, at - 2);
    if (at > end) return false;
  }
  return true;
}

/** Offset after the name; past `end` when it leaves the message. */
function skipName(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; ) {
    const octet = bytes[at]!;
    if (octet === 0) return at + 1;
    if ((octet & POINTER) === POINTER) return at + 2;
    if (octet > 63) break;
    at += 1 + octet;
  }
  return end + 1;
}

function readQuestion(bytes: Uint8Array, start: number, at: number, end: number): Question | undefined {
  const name = readName(bytes, start, at, end);
  if (!name || at + name.length + 4 > end) return undefined;
  const after = at + name.length;
  return { at, name, type: u16(bytes, after), class: u16(bytes, after + 2), end: after + 4 };
}

function readRecord(bytes: Uint8Array, start: number, at: number, end: number): DnsRecord | undefined {
  const question = readQuestion(bytes, start, at, end);
  if (!question || question.end + 6 > end) return undefined;
  const dataAt = question.end + 6;
  const dataLength = u16(bytes, question.end + 4);
  if (dataAt + dataLength > end) return undefined;
  return { ...question, ttl: u32(bytes, question.end), dataAt, dataLength, end: dataAt + dataLength };
}
