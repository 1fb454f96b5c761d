/** Expert notes as tree nodes below the field they are about. Wording is Wireshark's. */
import type { FieldSink } from './dissection.ts';
import type { Field } from './field.ts';

const EXPERT: Field = { name: '_ws.expert', title: 'Expert Info', type: 'none' };
const WORDS = { note: 'Note', warn: 'Warning', error: 'Error' };

export function note(
  out: FieldSink,
  severity: 'note' | 'warn' | 'error',
  group: 'Checksum' | 'Malformed' | 'Protocol' | 'Sequence' | 'Undecoded',
  text: string,
  offset: number,
): void {
  out.value(EXPERT, offset, 0, null, {
    label: `Expert Info (${WORDS[severity]}/${group}): ${text}`,
    severity,
    generated: true,
  });
}
