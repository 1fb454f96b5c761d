/** Field values as text: what `-T fields` prints (tshark 4.0) and what the tree's label says. */

import { decodeUtf8 } from '../text/utf8.ts';
import { u16, u24, u32, u64 } from './bytes.ts';
import { type Field, type FieldType, type FieldValue, fieldWidth, nameOf } from './field.ts';
import { bitPattern, hex, hexText, ipv4Text, ipv6Text, macText } from './text.ts';
import { secondsText, timeText } from './time-text.ts';

/** Bytes shown of a long value in a label; the hex view has the rest. */
const LABEL_BYTES = 36;

const DIGITS: Partial<Record<FieldType, number>> = { uint8: 2, uint16: 4, uint24: 6, uint32: 8, uint64: 16 };

/** The container of a field with a mask, or of a plain number of up to 4 bytes. */
export function readContainer(bytes: Uint8Array, offset: number, width: number, little = false): number {
  if (little) {
    let value = 0;
    for (let i = width - 1; i >= 0; i--) value = ((value << 8) | bytes[offset + i]!) >>> 0;
    return value;
  }
  if (width === 1) return bytes[offset]!;
  if (width === 2) return u16(bytes, offset);
  return width === 3 ? u24(bytes, offset) : u32(bytes, offset);
}

function shiftOf(mask: number): number {
  return 31 - Math.clz32(mask & -mask);
}

export function readValue(field: Field, bytes: Uint8Array, offset: number, length: number): FieldValue {
  switch (field.type) {
    case 'ipv4':
      return ipv4Text(bytes, offset);
    case 'ipv6':
      return ipv6Text(bytes, offset);
    case 'ether':
      return macText(bytes, offset);
    case 'bytes':
      return bytes.subarray(offset, offset + length);
    case 'string':
      return decodeUtf8(bytes.subarray(offset, offset + length));
    case 'uint64':
    case 'int64':
      return u64(bytes, offset);
    case 'none':
    case 'relative-time':
    case 'absolute-time':
      return null;
    default: {
      const container = readContainer(bytes, offset, length || fieldWidth(field), field.little);
      if (field.type === 'boolean') return field.mask === undefined ? container !== 0 : (container & field.mask) !== 0;
      if (field.mask === undefined) return container;
      return (container & field.mask) >>> shiftOf(field.mask);
    }
  }
}

/** As tshark 4.0 prints it with `-T fields`. */
export function valueText(field: Field, value: FieldValue): string {
  if (value === null) return '1'; // a field that is only there or not
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'object') return value.length === 0 ? '<MISSING>' : hexText(value, 0, value.length);
  if (typeof value === 'bigint' && field.type === 'absolute-time') return timeText(value);
  if (typeof value === 'bigint' && field.type === 'relative-time') return secondsText(value);
  if (field.base === 'hex' || field.base === 'hex-dec') return hex(value, DIGITS[field.type] ?? 1);
  return String(value);
}

/** Number as the label shows it: hexadecimal digits follow the mask where there is one. */
function numberText(field: Field, value: number | bigint): string {
  const digits = field.mask === undefined ? (DIGITS[field.type] ?? 1) : (bitCount(field.mask) + 3) >> 2;
  switch (field.base) {
    case 'hex':
      return hex(value, digits);
    case 'hex-dec':
      return `${hex(value, digits)} (${value})`;
    case 'dec-hex':
      return `${value} (${hex(value, digits)})`;
    default:
      return String(value);
  }
}

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function shownValue(field: Field, value: FieldValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') {
    const [whenTrue, whenFalse] = field.truth ?? ['True', 'False'];
    return value ? whenTrue : whenFalse;
  }
  if (typeof value === 'object') {
    if (value.length === 0) return '<MISSING>';
    const cut = value.length > LABEL_BYTES;
    return hexText(value, 0, cut ? LABEL_BYTES : value.length) + (cut ? '…' : '');
  }
  if (typeof value === 'bigint' && field.type === 'absolute-time') return timeText(value);
  if (typeof value === 'bigint' && field.type === 'relative-time') return `${secondsText(value)} seconds`;
  if (field.names && typeof value === 'number') {
    const name = nameOf(field.names, value) ?? 'Unknown';
    return `${name} (${numberText(field, value)})`;
  }
  const unit = field.unit ? field.unit[value === 1 ? 0 : 1] : '';
  return numberText(field, value) + unit;
}

/** "Title: value", with the bits in front where the field is part of a byte. */
export function labelText(field: Field, value: FieldValue, bytes: Uint8Array, offset: number): string {
  if (field.type === 'none' || (value === null && field.type !== 'boolean')) return field.title;
  const plain = `${field.title}: ${shownValue(field, value)}`;
  if (field.mask === undefined || field.bits === undefined) return plain;
  const container = readContainer(bytes, offset, fieldWidth(field), field.little);
  return `${bitPattern(container, field.mask, field.bits)} = ${plain}`;
}
