/**
 * A field as Wireshark defines one (proto.c's header_field_info): name, title, type, display base, bit mask, value names. From
 * this one definition come the tree label, the `-T fields` text and, later, the filter's comparison. Pure data.
 */
export type FieldType =
  | 'uint8'
  | 'uint16'
  | 'uint24'
  | 'uint32'
  | 'uint64'
  | 'int32'
  | 'int64'
  | 'boolean'
  | 'ipv4'
  | 'ipv6'
  | 'ether'
  | 'bytes'
  | 'string'
  | 'relative-time'
  | 'absolute-time'
  | 'none';

export type NameTable = Readonly<Record<number, string>> | ((value: number) => string | undefined);

export interface Field {
  readonly name: string;
  readonly title: string;
  readonly type: FieldType;
  /** How numbers print. `hex-dec` shows both, hexadecimal first. Default dec. */
  readonly base?: 'dec' | 'hex' | 'dec-hex' | 'hex-dec';
  /** Bits of the big-endian container that holds the field; the value is shifted down to bit 0. */
  readonly mask?: number;
  /** That container is little-endian. */
  readonly little?: boolean;
  /** Bits in that container (8, 16, 24, 32; TCP's flags show 12). */
  readonly bits?: number;
  readonly names?: NameTable;
  /** Words for true and false. */
  readonly truth?: readonly [whenTrue: string, whenFalse: string];
  /** Appended to the number: " byte", " bytes". */
  readonly unit?: readonly [one: string, many: string];
}

/** Times are ns: since the epoch, or a span. */
export type FieldValue = number | bigint | boolean | string | Uint8Array | null;

export const SET: readonly [string, string] = ['Set', 'Not set'];

/** Bytes that an item of this type takes when nobody says otherwise; 0 = as long as said. */
export function fieldWidth(field: Field): number {
  if (field.bits !== undefined) return (field.bits + 7) >> 3;
  return WIDTH[field.type];
}

const WIDTH: Record<FieldType, number> = {
  uint8: 1,
  uint16: 2,
  uint24: 3,
  uint32: 4,
  uint64: 8,
  int32: 4,
  int64: 8,
  boolean: 1,
  ipv4: 4,
  ipv6: 16,
  ether: 6,
  bytes: 0,
  string: 0,
  'relative-time': 0,
  'absolute-time': 0,
  none: 0,
};

export function nameOf(names: NameTable, value: number): string | undefined {
  return typeof names === 'function' ? names(value) : names[value];
}

/** A line of text that groups fields; its words come with it. Not a field that one can ask for. */
export const GROUP: Field = { name: 'text', title: '', type: 'none' };
