/** QUIC's transport parameters, as its hellos carry them in an extension (RFC 9000 §18). */
import type { Cursor } from '../../cursor.ts';
import { f } from '../../define.ts';
import type { Field } from '../../field.ts';
import { isGrease } from '../../names/tls.ts';
import { showVarint, varint } from '../quic/varint.ts';

const q = (name: string) => `tls.quic.parameter.${name}`;
const bytes = (name: string, title = name): Field => f.bytes(q(name), title);
const number = (name: string, title = name): Field => f.u64(q(name), title);

/** Those with a value of their own kind. */
const KNOWN: Readonly<Record<number, Field>> = {
  0: bytes('original_destination_connection_id'),
  1: number('max_idle_timeout'),
  2: bytes('stateless_reset_token'),
  3: number('max_udp_payload_size'),
  4: number('initial_max_data'),
  5: number('initial_max_stream_data_bidi_local'),
  6: number('initial_max_stream_data_bidi_remote'),
  7: number('initial_max_stream_data_uni'),
  8: number('initial_max_streams_bidi'),
  9: number('initial_max_streams_uni'),
  10: number('ack_delay_exponent'),
  11: number('max_ack_delay'),
  14: number('active_connection_id_limit', 'Active Connection ID Limit'),
  15: bytes('initial_source_connection_id', 'Initial Source Connection ID'),
  16: bytes('retry_source_connection_id', 'Retry Source Connection ID'),
  32: number('max_datagram_frame_size'),
};
const NAMES: Readonly<Record<number, string>> = { 12: 'disable_active_migration', 13: 'preferred_address' };

function nameOf(type: number): string {
  const field = KNOWN[type];
  if (field) return field.name.slice(q('').length);
  if (type % 31 === 27) return 'GREASE';
  return NAMES[type] ?? (isGrease(type) ? 'GREASE' : 'Unknown');
}

const F = {
  type: f.u64(q('type'), 'Type'),
  length: f.u64(q('length'), 'Length'),
  value: f.bytes(q('value'), 'Value'),
};
export const PARAMETER_FIELDS: Readonly<Record<string, Field>> = {
  ...Object.fromEntries(Object.entries(F).map(([key, field]) => [`parameter_${key}`, field])),
  ...Object.fromEntries(Object.entries(KNOWN).map(([type, field]) => [`parameter_${type}`, field])),
};

export function transportParameters(c: Cursor): void {
  while (c.left > 0) {
    const type = varint(c.bytes, c.at, c.end);
    const length = type && varint(c.bytes, c.at + type.length, c.end);
    if (!length) return;
    const size = type.length + length.length + length.value;
    const name = nameOf(type.value);
    c.group(`Parameter: ${name} (len=${length.value})`, size, () => one(c, name));
  }
}

function one(c: Cursor, name: string): void {
  const at = c.at;
  const type = varint(c.bytes, at, c.end)?.value ?? 0;
  showVarint(c, F.type, { label: `Type: ${name} (0x${type.toString(16).padStart(2, '0')})` });
  const length = Math.min(showVarint(c, F.length), Math.max(0, c.left));
  const known = KNOWN[type];
  c.data(F.value, length);
  if (!known) return;
  c.at -= length;
  if (known.type === 'bytes') c.data(known, length);
  else showVarint(c, known);
}
