/** TCP options (RFC 9293 §3.1, RFC 7323, RFC 2018): the list for the tree and, fast, what the Info column names. */
import { u16, u32 } from '../bytes.ts';
import type { Dissection, FieldSink } from '../dissection.ts';
import type { Field } from '../field.ts';
import { note } from '../notes.ts';
import { hex } from '../text.ts';

const EOL = 0;
const NOP = 1;
const MSS = 2;
const WSCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;
/** The acknowledgment number lies that far in front of the options. */
const ACK_BEFORE = 12;
const TIMESTAMP = 8;

interface Known {
  /** In the option's own line and in the list of the Options line. */
  title: string;
  kind: string;
  field: Field;
  /** Length it must have; 0 = several. */
  length: number;
}
const known = (name: string, title: string, kind: string, length: number): Known => ({
  title,
  kind,
  length,
  field: { name: `tcp.options.${name}`, title, type: 'bytes' },
});

const KNOWN: Record<number, Known> = {
  [EOL]: known('eol', 'End of Option List (EOL)', 'End of Option List', 1),
  [NOP]: known('nop', 'No-Operation (NOP)', 'No-Operation', 1),
  [MSS]: known('mss', 'Maximum segment size', 'Maximum Segment Size', 4),
  [WSCALE]: known('wscale', 'Window scale', 'Window Scale', 3),
  [SACK_PERMITTED]: known('sack_perm', 'SACK permitted', 'SACK Permitted', 2),
  [SACK]: known('sack', 'SACK', 'SACK', 0),
  [TIMESTAMP]: known('timestamp', 'Timestamps', 'Time Stamp Option', 10),
  19: known('md5', 'TCP MD5 signature', 'MD5 Signature Option', 18),
  28: known('user_to', 'User Timeout', 'User Timeout Option', 4),
  29: known('ao', 'TCP AO', 'The TCP Authentication Option', 0),
  30: known('unknown', 'Multipath TCP', 'Multipath TCP', 0),
  34: known('tfo', 'TCP Fast Open', 'TCP Fast Open Cookie', 0),
};
const UNKNOWN: Known = known('unknown', 'Unknown', 'Unknown', 0);

const F = {
  options: { name: 'tcp.options', title: 'TCP Options', type: 'bytes' },
  kind: {
    name: 'tcp.option_kind',
    title: 'Kind',
    type: 'uint8',
    names: (value) => (KNOWN[value] ?? UNKNOWN).kind,
  },
  length: { name: 'tcp.option_len', title: 'Length', type: 'uint8' },
  mss: { name: 'tcp.options.mss_val', title: 'MSS Value', type: 'uint16' },
  shift: { name: 'tcp.options.wscale.shift', title: 'Shift count', type: 'uint8' },
  multiplier: { name: 'tcp.options.wscale.multiplier', title: 'Multiplier', type: 'uint16' },
  left: { name: 'tcp.options.sack_le', title: 'TCP SACK Left Edge', type: 'uint32' },
  right: { name: 'tcp.options.sack_re', title: 'TCP SACK Right Edge', type: 'uint32' },
  doubleLeft: { name: 'tcp.options.sack.dsack_le', title: 'TCP D-SACK Left Edge', type: 'uint32' },
  doubleRight: { name: 'tcp.options.sack.dsack_re', title: 'TCP D-SACK Right Edge', type: 'uint32' },
  double: { name: 'tcp.options.sack.dsack', title: 'D-SACK Sequence', type: 'none' },
  sackCount: { name: 'tcp.options.sack.count', title: 'TCP SACK Count', type: 'uint8' },
  value: { name: 'tcp.options.timestamp.tsval', title: 'Timestamp value', type: 'uint32' },
  echo: { name: 'tcp.options.timestamp.tsecr', title: 'Timestamp echo reply', type: 'uint32' },
  payload: { name: 'tcp.options.unknown.payload', title: 'Payload', type: 'bytes' },
} satisfies Record<string, Field>;

export const TCP_OPTION_FIELDS: Record<string, Field> = {
  ...Object.fromEntries(Object.entries(F).map(([key, field]) => [`opt_${key}`, field as Field])),
  ...Object.fromEntries([...Object.values(KNOWN), UNKNOWN].map(({ field }) => [field.name, field])),
};

/** Length of the option at `at`, or 0 when it makes no sense or leaves the area. */
function lengthAt(bytes: Uint8Array, at: number, end: number): number {
  const kind = bytes[at]!;
  if (kind === EOL || kind === NOP) return 1;
  const length = at + 1 < end ? bytes[at + 1]! : 0;
  return length < 2 || at + length > end ? 0 : length;
}

/**
 * " MSS=1460 SACK_PERM TSval=1 TSecr=0 WS=128": options of the right length, in packet order.
 * @param base that the edges of selective acknowledgements are relative to
 */
export function optionsInfo(bytes: Uint8Array, start: number, end: number, base: number): string {
  let text = '';
  for (let at = start; at < end; ) {
    const length = lengthAt(bytes, at, end);
    if (length === 0) break;
    const kind = bytes[at]!;
    if (kind === EOL) break;
    if (kind === MSS && length === 4) text += ` MSS=${u16(bytes, at + 2)}`;
    else if (kind === WSCALE && length === 3) text += ` WS=${2 ** Math.min(bytes[at + 2]!, 14)}`;
    else if (kind === SACK_PERMITTED && length === 2) text += ' SACK_PERM';
    else if (kind === SACK) {
      for (let edge = at + 2; edge + 8 <= at + length; edge += 8)
        text += ` SLE=${edgeAt(bytes, edge, base)} SRE=${edgeAt(bytes, edge + 4, base)}`;
    } else if (kind === TIMESTAMP && length === 10) text += ` TSval=${u32(bytes, at + 2)} TSecr=${u32(bytes, at + 6)}`;
    at += length;
  }
  return text;
}

const edgeAt = (bytes: Uint8Array, at: number, base: number) => (u32(bytes, at) - base) >>> 0;

interface Option {
  at: number;
  kind: number;
  length: number;
  about: Known;
}

function list(bytes: Uint8Array, start: number, end: number): Option[] {
  const found: Option[] = [];
  for (let at = start; at < end; ) {
    const length = lengthAt(bytes, at, end);
    if (length === 0) break;
    const kind = bytes[at]!;
    found.push({ at, kind, length, about: KNOWN[kind] ?? UNKNOWN });
    at += length;
  }
  return found;
}

/**
 * @param syn whether the segment opens a connection: some options belong there only
 * @param base as for `optionsInfo`
 */
export function emitTcpOptions(
  d: Dissection,
  start: number,
  end: number,
  syn: boolean,
  base: number,
  out: FieldSink,
): void {
  const { bytes } = d;
  const options = list(bytes, start, Math.min(end, bytes.length));
  const names = options.map(({ kind, about }) => (about === UNKNOWN ? `Unknown (${hex(kind, 2)})` : about.title));
  out.open(F.options, start, end - start, bytes.subarray(start, end), {
    label: [`Options: (${end - start} bytes)`, ...names].join(', '),
  });
  for (const option of options) emitOption(bytes, option, syn, base, u32(bytes, start - ACK_BEFORE), out);
  const last = options.at(-1);
  const covered = last ? last.at + last.length : start;
  if (covered < end) note(out, 'warn', 'Malformed', 'Option would go past the end of the options', covered);
  out.close();
}

const ONLY_IN_SYN: Record<number, string> = { [MSS]: 'MSS', [WSCALE]: 'window scale' };

function emitOption(
  bytes: Uint8Array,
  { at, kind, length, about }: Option,
  syn: boolean,
  base: number,
  acknowledged: number,
  out: FieldSink,
): void {
  const fits = about.length === 0 || about.length === length;
  const label = `TCP Option - ${about.title}${fits ? bodyText(bytes, at, kind, length, base) : ''}`;
  out.open(about.field, at, length, bytes.subarray(at, at + length), { label });
  const strange = syn ? undefined : ONLY_IN_SYN[kind];
  if (strange) note(out, 'warn', 'Protocol', `The non-SYN packet does contain a ${strange} option`, at);
  out.item(F.kind, at);
  if (kind !== EOL && kind !== NOP) {
    out.open(F.length, at + 1, 1, length);
    if (!fits) note(out, 'note', 'Sequence', `option length should be ${about.length}`, at + 1);
    out.close();
    if (fits) emitBody(bytes, at, kind, length, base, acknowledged, out);
  }
  out.close();
}

function bodyText(bytes: Uint8Array, at: number, kind: number, length: number, base: number): string {
  switch (kind) {
    case MSS:
      return `: ${u16(bytes, at + 2)} bytes`;
    case WSCALE:
      return `: ${bytes[at + 2]} (multiply by ${2 ** Math.min(bytes[at + 2]!, 14)})`;
    case TIMESTAMP:
      return `: TSval ${u32(bytes, at + 2)}, TSecr ${u32(bytes, at + 6)}`;
    case SACK: {
      let text = '';
      for (let edge = at + 2; edge + 8 <= at + length; edge += 8)
        text += ` ${edgeAt(bytes, edge, base)}-${edgeAt(bytes, edge + 4, base)}`;
      return text;
    }
    default:
      return '';
  }
}

/** Whether `a` comes before `b`, around the end of the numbers. */
const isBefore = (a: number, b: number) => ((a - b) | 0) < 0;

/** The first block names what came twice: it is acknowledged already, or a part of the second (RFC 2883 §4). */
function isDouble(bytes: Uint8Array, at: number, count: number, acknowledged: number): boolean {
  const left = u32(bytes, at);
  if (isBefore(left, acknowledged)) return true;
  if (count < 2) return false;
  return !isBefore(left, u32(bytes, at + 8)) && !isBefore(u32(bytes, at + 12), u32(bytes, at + 4));
}

function emitDouble(bytes: Uint8Array, at: number, base: number, out: FieldSink): void {
  const relative = base === 0 ? '' : ' (relative)';
  for (const [field, from, side] of [
    [F.doubleLeft, at, 'Left'],
    [F.doubleRight, at + 4, 'Right'],
  ] as const) {
    const value = edgeAt(bytes, from, base);
    out.value(field, from, 4, value, { label: `D-SACK ${side} Edge = ${value}${relative}`, generated: true });
  }
  out.open(F.double, at, 8, null, { label: 'D-SACK Sequence' });
  note(out, 'warn', 'Sequence', 'D-SACK Sequence', at);
  out.close();
}

function emitBody(
  bytes: Uint8Array,
  at: number,
  kind: number,
  length: number,
  base: number,
  acknowledged: number,
  out: FieldSink,
): void {
  if (kind === MSS) out.item(F.mss, at + 2);
  else if (kind === WSCALE) {
    out.item(F.shift, at + 2);
    out.value(F.multiplier, at + 2, 1, 2 ** Math.min(bytes[at + 2]!, 14), { generated: true });
  } else if (kind === TIMESTAMP) {
    out.item(F.value, at + 2);
    out.item(F.echo, at + 6);
  } else if (kind === SACK) {
    let count = 0;
    for (let edge = at + 2; edge + 8 <= at + length; edge += 8, count++) {
      for (const [field, from, side] of [
        [F.left, edge, 'left'],
        [F.right, edge + 4, 'right'],
      ] as const) {
        const value = edgeAt(bytes, from, base);
        out.value(field, from, 4, value, { label: `${side} edge = ${value}${base === 0 ? '' : ' (relative)'}` });
      }
    }
    out.value(F.sackCount, at, 0, count, { generated: true });
    if (count > 0 && isDouble(bytes, at + 2, count, acknowledged)) emitDouble(bytes, at + 2, base, out);
  } else if (length > 2) out.item(F.payload, at + 2, length - 2);
}
