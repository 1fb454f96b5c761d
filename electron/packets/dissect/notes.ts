/** Expert notes as tree nodes below the field they are about. Severities, groups and wording are Wireshark's. */
import type { Dissection, Extra, FieldSink } from './dissection.ts';
import type { Field, FieldValue } from './field.ts';
import type { FrameInfo } from './frame.ts';

export const SEVERITIES = ['chat', 'note', 'warn', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];
export type NoteGroup =
  | 'Checksum'
  | 'Comment'
  | 'Decryption'
  | 'Malformed'
  | 'Protocol'
  | 'Reassemble'
  | 'Request'
  | 'Response'
  | 'Sequence'
  | 'Undecoded';

const EXPERT: Field = { name: '_ws.expert', title: 'Expert Info', type: 'none' };
/** What filters ask of a note; numbers and names are Wireshark's. */
export const NOTE_FIELDS = {
  note: EXPERT,
  message: { name: '_ws.expert.message', title: 'Message', type: 'string' },
  group: {
    name: '_ws.expert.group',
    title: 'Group',
    type: 'uint32',
    names: {
      16777216: 'Checksum',
      33554432: 'Sequence',
      50331648: 'Response',
      67108864: 'Request',
      83886080: 'Undecoded',
      100663296: 'Reassemble',
      117440512: 'Malformed',
      150994944: 'Protocol',
      184549376: 'Comment',
      201326592: 'Decryption',
    },
  },
  severity: {
    name: '_ws.expert.severity',
    title: 'Severity level',
    type: 'uint32',
    names: { 1048576: 'Comment', 2097152: 'Chat', 4194304: 'Note', 6291456: 'Warning', 8388608: 'Error' },
  },
} satisfies Record<string, Field>;
export const MALFORMED: Field = { name: '_ws.malformed', title: 'Malformed Packet', type: 'none' };
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

export const NOTE_NAMES: ReadonlySet<string> = new Set(
  [...Object.values(NOTE_FIELDS), MALFORMED].map(({ name }) => name),
);
const SEVERITY_CODES: Readonly<Record<string, number>> = {
  comment: 0x100000,
  chat: 0x200000,
  note: 0x400000,
  warn: 0x600000,
  error: 0x800000,
};
const GROUP_CODES = new Map(Object.entries(NOTE_FIELDS.group.names).map(([code, name]) => [name, Number(code)]));

/** A note as the fields that filters and `-e` ask for. */
export function noteValues(severity: Severity | 'comment', group: NoteGroup, text: string): [Field, FieldValue][] {
  const values: [Field, FieldValue][] = [
    [NOTE_FIELDS.note, null],
    [NOTE_FIELDS.message, text],
    [NOTE_FIELDS.group, GROUP_CODES.get(group)!],
    [NOTE_FIELDS.severity, SEVERITY_CODES[severity]!],
  ];
  if (group === 'Malformed') values.push([MALFORMED, null]);
  return values;
}

/** Notes on the packet as a whole, which no layer has. */
export function packetNotes(d: Dissection, { options }: FrameInfo): [Field, FieldValue][] {
  const comments = (options?.comments ?? []).flatMap((comment) => noteValues('comment', 'Comment', comment));
  if (d.problem?.kind !== 'malformed') return comments;
  return [...comments, ...noteValues('error', 'Malformed', 'Malformed Packet (Exception occurred)')];
}
