/** Expert notes as tree nodes below the field they are about. Severities, groups and wording are Wireshark's. */
import type { Extra, FieldSink } from './dissection.ts';
import type { Field } from './field.ts';

export const SEVERITIES = ['chat', 'note', 'warn', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];
export type NoteGroup =
  | 'Checksum'
  | 'Comment'
  | 'Malformed'
  | 'Protocol'
  | 'Reassemble'
  | 'Request'
  | 'Response'
  | 'Sequence'
  | 'Undecoded';

const EXPERT: Field = { name: '_ws.expert', title: 'Expert Info', type: 'none' };
export const SEVERITY_WORDS: Record<Severity, string> = { chat: 'Chat', note: 'Note', warn: 'Warning', error: 'Error' };

/** What makes a node an expert note. */
export function expert(severity: Severity, group: NoteGroup, text: string): Extra {
  return {
    label: `Expert Info (${SEVERITY_WORDS[severity]}/${group}): ${text}`,
    severity,
    note: { group, text },
    generated: true,
  };
}

export function note(out: FieldSink, severity: Severity, group: NoteGroup, text: string, offset: number): void {
  out.value(EXPERT, offset, 0, null, expert(severity, group, text));
}
