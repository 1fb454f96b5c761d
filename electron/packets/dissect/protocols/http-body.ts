/** Bodies by media type: lines of text, forms, JSON; anything else is media. */
import { decodeUtf8 } from '../../text/utf8.ts';
import { f, protocol } from '../define.ts';
import type { Protocol } from '../dissection.ts';
import { GROUP } from '../field.ts';

const MAX_LINES = 1000;

export const textLines: Protocol = protocol({
  name: 'data-text-lines',
  column: 'Text',
  title: 'Line-based text data',
  label(d, layer) {
    const text = d.bytes.subarray(layer.start, d.capturedEnd(layer));
    let lines = text.length > 0 && text[text.length - 1] !== 10 ? 1 : 0;
    for (const byte of text) if (byte === 10) lines++;
    return `Line-based text data (${lines} lines)`;
  },
  emit(d, layer, out) {
    const end = d.capturedEnd(layer);
    let count = 0;
    for (let at = layer.start; at < end && count < MAX_LINES; count++) {
      const lf = d.bytes.indexOf(10, at);
      const next = lf < 0 || lf >= end ? end : lf + 1;
      const line = decodeUtf8(d.bytes.subarray(at, Math.min(next, at + 4096)));
      out.value(GROUP, at, next - at, null, {
        label: line.replace(/\r/g, '\\r').replace(/\n/g, '\\n').replace(/\t/g, '\\t'),
      });
      at = next;
    }
  },
});

const FORM = { key: f.text('urlencoded-form.key', 'Key'), value: f.text('urlencoded-form.value', 'Value') };

function unescapeForm(text: string): string {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const code = /^%([0-9a-fA-F]{2})/.exec(text.slice(i, i + 3));
    if (code) {
      bytes.push(Number.parseInt(code[1]!, 16));
      i += 2;
    } else bytes.push(text[i] === '+' ? 32 : text.charCodeAt(i) & 0xff);
  }
  return decodeUtf8(Uint8Array.from(bytes));
}

export const form: Protocol = protocol({
  name: 'urlencoded-form',
  column: 'URL Encoded Form Data',
  title: 'HTML Form URL Encoded',
  fields: FORM,
  emit(d, layer, out) {
    const end = d.capturedEnd(layer);
    let at = layer.start;
    let text = '';
    for (let i = at; i < Math.min(end, at + (1 << 20)); i++) text += String.fromCharCode(d.bytes[i]!);
    for (const pair of text.split('&').slice(0, MAX_LINES)) {
      const equals = pair.indexOf('=');
      const key = equals < 0 ? pair : pair.slice(0, equals);
      const value = equals < 0 ? '' : pair.slice(equals + 1);
      out.open(GROUP, at, pair.length, null, { label: `Form item: "${unescapeForm(key)}" = "${unescapeForm(value)}"` });
      out.value(FORM.key, at, key.length, unescapeForm(key));
      if (equals >= 0) out.value(FORM.value, at + equals + 1, value.length, unescapeForm(value));
      out.close();
      at += pair.length + 1;
    }
  },
});

const MEDIA = { type: f.bytes('media.type', 'Media type') };
export const media: Protocol = protocol({
  name: 'media',
  column: 'Media',
  title: 'Media Type',
  fields: MEDIA,
  emit(d, layer, out) {
    const length = d.capturedEnd(layer) - layer.start;
    if (length > 0) out.item(MEDIA.type, layer.start, length);
  },
});

/** Undefined: no type is given. */
export function bodyProtocol(type: string): Protocol | undefined {
  const plain = type.split(';')[0]!.trim().toLowerCase();
  if (plain === '' || plain === 'application/octet-stream') return undefined;
  if (plain === 'application/x-www-form-urlencoded') return form;
  if (plain.startsWith('text/') && plain !== 'text/xml') return textLines;
  if (['application/javascript', 'application/x-javascript', 'application/ecmascript'].includes(plain))
    return textLines;
  return media;
}
