/**
 * X.509 certificates (RFC 5280): who, by whom, from when to when, for which names. DER is walked by hand, never deeper than certificates are;
 * what is not shown is passed over.
 */
import { decodeUtf8 } from '../../text/utf8.ts';
import { f } from '../define.ts';
import type { Dissection, FieldSink } from '../dissection.ts';
import { type Field, GROUP } from '../field.ts';
import { hexText } from '../text.ts';

export const X509_FIELDS = {
  serial: f.bytes('x509af.serialNumber', 'serialNumber'),
  utc: f.text('x509af.utcTime', 'utcTime'),
  utf8: f.text('x509sat.uTF8String', 'uTF8String'),
  printable: f.text('x509sat.printableString', 'printableString'),
  country: f.text('x509sat.CountryName', 'CountryName'),
  dns: f.text('x509ce.dNSName', 'dNSName'),
} satisfies Record<string, Field>;

export interface Tlv {
  tag: number;
  /** Of the value. */
  at: number;
  end: number;
}

/** The element at `at`, or undefined when it does not fit. */
export function tlv(bytes: Uint8Array, at: number, limit: number): Tlv | undefined {
  if (at + 2 > limit) return undefined;
  const first = bytes[at + 1]!;
  if (first < 0x80) return at + 2 + first <= limit ? { tag: bytes[at]!, at: at + 2, end: at + 2 + first } : undefined;
  const count = first & 0x7f;
  if (count === 0 || count > 4 || at + 2 + count > limit) return undefined;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + bytes[at + 2 + i]!;
  const start = at + 2 + count;
  return start + length <= limit ? { tag: bytes[at]!, at: start, end: start + length } : undefined;
}

export function* elements(bytes: Uint8Array, at: number, end: number): Generator<Tlv> {
  for (let from = at; from < end; ) {
    const element = tlv(bytes, from, end);
    if (!element) return;
    yield element;
    from = element.end;
  }
}

const NAMES: Record<string, string> = {
  '550403': 'id-at-commonName',
  '550406': 'id-at-countryName',
  '550407': 'id-at-localityName',
  '550408': 'id-at-stateOrProvinceName',
  '55040a': 'id-at-organizationName',
  '55040b': 'id-at-organizationalUnitName',
};
const COUNTRY = '550406';
const SUBJECT_ALT_NAME = '551d11';

export function emitCertificate(d: Dissection, out: FieldSink, at: number, end: number): void {
  const { bytes } = d;
  const certificate = tlv(bytes, at, end);
  const signed = certificate && tlv(bytes, certificate.at, certificate.end);
  if (!signed) return;
  const parts = [...elements(bytes, signed.at, signed.end)];
  const first = parts[0]?.tag === 0xa0 ? 1 : 0;
  const [serial, , issuer, validity, subject] = parts.slice(first);
  if (serial) out.value(X509_FIELDS.serial, serial.at, serial.end - serial.at, bytes.subarray(serial.at, serial.end));
  if (issuer) name(bytes, issuer, 'issuer', out);
  if (validity) times(bytes, validity, out);
  if (subject) name(bytes, subject, 'subject', out);
  for (const part of parts) if (part.tag === 0xa3) alternativeNames(bytes, part, out);
}

/** A name that stands alone: the sequence at `at`, shown as `field`. */
export function distinguishedName(d: Dissection, out: FieldSink, at: number, end: number, field: Field): void {
  const sequence = tlv(d.bytes, at, end);
  if (!sequence) return;
  named(d.bytes, sequence, field, (words) => `${field.title}: (${words})`, out);
}

function name(bytes: Uint8Array, sequence: Tlv, title: string, out: FieldSink): void {
  named(bytes, sequence, GROUP, (words) => `${title}: rdnSequence (${words})`, out);
}

function named(
  bytes: Uint8Array,
  { at, end }: Tlv,
  shown: Field,
  label: (words: string) => string,
  out: FieldSink,
): void {
  const words: string[] = [];
  const values: { field: Field; at: number; length: number; text: string }[] = [];
  for (const set of elements(bytes, at, end))
    for (const pair of elements(bytes, set.at, set.end)) {
      const [oid, value] = [...elements(bytes, pair.at, pair.end)];
      if (!oid || !value) continue;
      const text = decodeUtf8(bytes.subarray(value.at, value.end));
      const kind = hexText(bytes, oid.at, oid.end);
      words.unshift(`${NAMES[kind] ?? 'id'}=${text}`);
      const field =
        kind === COUNTRY
          ? X509_FIELDS.country
          : value.tag === 0x0c
            ? X509_FIELDS.utf8
            : value.tag === 0x13
              ? X509_FIELDS.printable
              : undefined;
      if (field) values.push({ field, at: value.at, length: value.end - value.at, text });
    }
  out.open(shown, at, end - at, null, { label: label(words.join(',')) });
  for (const value of values) out.value(value.field, value.at, value.length, value.text);
  out.close();
}

/** "YYMMDDhhmmssZ" as Wireshark prints it. */
function times(bytes: Uint8Array, { at, end }: Tlv, out: FieldSink): void {
  for (const time of elements(bytes, at, end)) {
    const text = decodeUtf8(bytes.subarray(time.at, time.end));
    const parts = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
    if (time.tag !== 0x17 || !parts) continue;
    const [, year, month, day, hour, minute, second] = parts;
    const century = Number(year) >= 50 ? '19' : '20';
    out.value(
      X509_FIELDS.utc,
      time.at,
      time.end - time.at,
      `${century}${year}-${month}-${day} ${hour}:${minute}:${second} (UTC)`,
    );
  }
}

function alternativeNames(bytes: Uint8Array, wrapper: Tlv, out: FieldSink): void {
  const list = tlv(bytes, wrapper.at, wrapper.end);
  if (!list) return;
  for (const extension of elements(bytes, list.at, list.end)) {
    const inside = [...elements(bytes, extension.at, extension.end)];
    const [oid] = inside;
    const value = inside[inside.length - 1];
    if (!oid || !value || hexText(bytes, oid.at, oid.end) !== SUBJECT_ALT_NAME) continue;
    const names = tlv(bytes, value.at, value.end);
    if (!names) return;
    for (const entry of elements(bytes, names.at, names.end))
      if (entry.tag === 0x82)
        out.value(X509_FIELDS.dns, entry.at, entry.end - entry.at, decodeUtf8(bytes.subarray(entry.at, entry.end)));
  }
}
