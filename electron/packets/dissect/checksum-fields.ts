/** How transport checksums show: the field with its verdict in words, the status, what it should be. Wireshark's wording. */
import { u16 } from './bytes.ts';
import { CHECKSUM_STATUS, type ChecksumCheck, STATUS_NAMES } from './checksum.ts';
import type { Dissection, Extra, FieldSink } from './dissection.ts';
import type { Field } from './field.ts';
import { note } from './notes.ts';
import { hex } from './text.ts';

export interface ChecksumFields {
  readonly checksum: Field;
  readonly status: Field;
  /** ICMP's has none. */
  readonly calculated?: Field;
}

/**
 * @param verify adds up the packet: called only when somebody asks for the outcome
 * @param offload "TCP" or "UDP": whose checksum offload may explain a wrong value; absent where cards do not do it
 */
export function emitChecksum(
  d: Dissection,
  at: number,
  fields: ChecksumFields,
  verify: () => ChecksumCheck,
  offload: string | undefined,
  calculatedBelow: boolean,
  out: FieldSink,
): void {
  if (!out.asks(fields.checksum, fields.status, fields.calculated ?? fields.status)) return;
  const { status, expected } = verify();
  const should = expected === undefined ? '' : hex(expected, 4);
  const extra: Extra = { suffix: suffixOf(status, should, offload) };
  if (status === 'bad') extra.severity = offload ? 'error' : 'warn';
  else if (status === 'partial') extra.severity = 'note';
  out.open(fields.checksum, at, 2, u16(d.bytes, at), extra);
  if (status === 'bad') note(out, offload ? 'error' : 'warn', 'Checksum', `Bad checksum [should be ${should}]`, at);
  const calculated = () => {
    if (fields.calculated && expected !== undefined) out.value(fields.calculated, at, 2, expected, { generated: true });
  };
  if (calculatedBelow) calculated();
  out.close();
  const code = status === 'partial' ? CHECKSUM_STATUS.unverified : CHECKSUM_STATUS[status];
  const name = status === 'partial' ? 'Partial' : STATUS_NAMES[code];
  out.value(fields.status, at, 0, code, { label: `Checksum Status: ${name}`, generated: true });
  if (!calculatedBelow) calculated();
}

function suffixOf(status: ChecksumCheck['status'], should: string, offload: string | undefined): string {
  switch (status) {
    case 'good':
      return ' [correct]';
    case 'partial':
      return ` [partial: left to the network card to finish, will be ${should}]`;
    case 'bad':
      return ` incorrect, should be ${should}${offload ? ` (maybe caused by "${offload} checksum offload"?)` : ''}`;
    default:
      return ' [unverified]';
  }
}
