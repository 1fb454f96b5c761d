/** Bodies of SMB2 messages (MS-SMB2 §2.2): those that set up a connection, open files, read and write. */
import { u16le } from '../bytes.ts';
import type { Cursor } from '../cursor.ts';
import { f } from '../define.ts';
import type { Field } from '../field.ts';
import { SMB2_DIALECTS } from '../names/smb2.ts';
import { hex, hexText } from '../text.ts';
import { SMB2_HEADER, type Smb2Message, u32le, utf16Text } from './smb2-state.ts';

const boolean = (name: string, title: string): Field => ({ ...f.flag(name, title), bits: 0 });
const capability = (name: string, title: string, word = title): Field => ({
  ...boolean(`smb2.capabilities.${name}`, title),
  truth: [`This host supports ${word}`, `This host does NOT support ${word}`],
});
const CAPABILITIES: readonly Field[] = [
  capability('dfs', 'DFS'),
  capability('leasing', 'LEASING'),
  capability('large_mtu', 'LARGE MTU', 'LARGE_MTU'),
  capability('multi_channel', 'MULTI CHANNEL'),
  capability('persistent_handles', 'PERSISTENT HANDLES'),
  capability('directory_leasing', 'DIRECTORY LEASING'),
  capability('encryption', 'ENCRYPTION'),
];
const SECURITY: readonly Field[] = [
  boolean('smb2.sec_mode.sign_enabled', 'Signing enabled'),
  boolean('smb2.sec_mode.sign_required', 'Signing required'),
];
const SESSION_FLAGS: readonly Field[] = [
  boolean('smb2.ses_flags.guest', 'Guest'),
  boolean('smb2.ses_flags.null', 'Null'),
  boolean('smb2.ses_flags.encrypt', 'Encrypt'),
];
const DISPOSITIONS = {
  0: 'Supersede (supersede existing file (if it exists))',
  1: 'Open (if file exists open it, else fail)',
  2: 'Create (if file exists fail, else create it)',
  3: 'Open If (if file exists open it, else create it)',
  4: 'Overwrite (if file exists overwrite, else fail)',
  5: 'Overwrite If (if file exists overwrite, else create it)',
};
const ACTIONS = {
  0: 'No action taken?',
  1: 'The file existed and was opened',
  2: 'The file did not exist but was created',
  3: 'The file existed and was truncated',
};
const OPLOCKS = { 0: 'No oplock', 1: 'Level2 oplock', 8: 'Exclusive oplock', 9: 'Batch oplock', 255: 'Lease' };
const LEVELS = { 0: 'Anonymous', 1: 'Identification', 2: 'Impersonation', 3: 'Delegation' };

const F = {
  structure: f.x16('smb2.buffer_code', 'StructureSize'),
  fixedLength: f.u16('smb2.buffer_code.length', 'Fixed Part Length'),
  dynamic: boolean('smb2.buffer_code.dynamic', 'Dynamic Part'),
  dialectCount: f.u16('smb2.dialect_count', 'Dialect count'),
  dialect: f.x16('smb2.dialect', 'Dialect', { names: SMB2_DIALECTS }),
  security: f.x8('smb2.sec_mode', 'Security mode'),
  capabilities: f.x32('smb2.capabilities', 'Capabilities'),
  client: f.text('smb2.client_guid', 'Client Guid'),
  server: f.text('smb2.server_guid', 'Server Guid'),
  maxTransaction: f.u32('smb2.max_trans_size', 'Max Transaction Size'),
  maxRead: f.u32('smb2.max_read_size', 'Max Read Size'),
  maxWrite: f.u32('smb2.max_write_size', 'Max Write Size'),
  requestFlags: f.u8('smb2.ses_req_flags', 'Flags'),
  sessionFlags: f.x16('smb2.session_flags', 'Session Flags'),
  previous: f.x64('smb2.previous_sesid', 'Previous Session Id'),
  treePath: f.text('smb2.tree', 'Tree'),
  shareType: f.x8('smb2.share_type', 'Share Type', {
    names: { 1: 'Physical disk', 2: 'Named pipe', 3: 'Printer' },
  }),
  shareFlags: f.x32('smb2.share_flags', 'Share flags'),
  shareCapabilities: f.x32('smb2.share_caps', 'Share Capabilities'),
  oplock: f.x8('smb2.create.oplock', 'Oplock', { names: OPLOCKS }),
  level: f.u32('smb2.impersonation.level', 'Impersonation level', { names: LEVELS }),
  attributes: f.x32('smb2.file_attribute', 'File Attributes'),
  disposition: f.u32('smb2.create.disposition', 'Disposition', { names: DISPOSITIONS }),
  filename: f.text('smb2.filename', 'Filename'),
  action: f.u32('smb2.create.action', 'Create Action', { names: ACTIONS }),
  allocation: f.u64('smb2.allocation_size', 'Allocation Size'),
  fileEnd: f.u64('smb2.eof', 'End Of File'),
  file: f.text('smb2.fid', 'File Id'),
  readLength: f.u32('smb2.read_length', 'Read Length'),
  offset: f.u64('smb2.file_offset', 'File Offset'),
  least: f.u32('smb2.min_count', 'Min Count'),
  readRemaining: f.u32('smb2.read_remaining', 'Read Remaining'),
  dataOffset: f.x16('smb2.data_offset', 'Data Offset'),
  writeLength: f.u32('smb2.write_length', 'Write Length'),
  written: f.u32('smb2.write.count', 'Write Count'),
  writeRemaining: f.u32('smb2.write.remaining', 'Write Remaining'),
  closeFlags: f.x16('smb2.close.flags', 'Close Flags'),
};
const all = (fields: readonly Field[]) => Object.fromEntries(fields.map((field) => [field.name, field]));
export const SMB2_BODY_FIELDS = { ...F, ...all(CAPABILITIES), ...all(SECURITY), ...all(SESSION_FLAGS) };

const bigText = (bytes: Uint8Array, at: number) =>
  ((BigInt(u32le(bytes, at + 4)) << 32n) | BigInt(u32le(bytes, at))).toString();

/** What the Info column says beside the command: path, name, length and place. */
export function fileInfo(bytes: Uint8Array, { at, end, command, response, file }: Smb2Message): string {
  const body = at + SMB2_HEADER;
  if (command === 3 && !response && body + 8 <= end) return ` Tree: ${nameAt(bytes, at, body + 4, end)}`;
  const named = file === undefined ? '' : ` File: ${file}`;
  if (!response && (command === 8 || command === 9) && body + 16 <= end)
    return ` Len:${u32le(bytes, body + 4)} Off:${bigText(bytes, body + 8)}${named}`;
  return named;
}

/** Offset (from the header) and length at `where`. */
function nameAt(bytes: Uint8Array, start: number, where: number, end: number): string {
  const at = start + u16le(bytes, where);
  return utf16Text(bytes.subarray(0, end), at, u16le(bytes, where + 2));
}

function guid(bytes: Uint8Array, at: number): string {
  const turned = [3, 2, 1, 0, 5, 4, 7, 6].map((i) => (bytes[at + i] ?? 0).toString(16).padStart(2, '0')).join('');
  const last = hexText(bytes, at + 8, at + 16);
  return [turned.slice(0, 8), turned.slice(8, 12), turned.slice(12, 16), last.slice(0, 4), last.slice(4)].join('-');
}

const id = (c: Cursor, field: Field) => {
  c.out.value(field, c.at, 16, guid(c.bytes, c.at));
  c.skip(16);
};

function bits(c: Cursor, field: Field, width: 1 | 2 | 4, flags: readonly Field[]): void {
  const value = width === 4 ? u32le(c.bytes, c.at) : width === 2 ? u16le(c.bytes, c.at) : c.peek(1);
  const set = flags.filter((_flag, i) => (value >>> i) & 1).map(({ title }) => title);
  const shown = field.base === 'hex' ? hex(value, 2 * width) : String(value);
  const show = () => {
    for (const [i, flag] of flags.entries()) c.out.value(flag, c.at, width, ((value >>> i) & 1) !== 0);
  };
  c.under(field, width, value, show, { label: `${field.title}: ${[shown, ...set].join(', ')}` });
}

export function emitSmb2Body(c: Cursor, message: Smb2Message): void {
  const size = u16le(c.bytes, c.at);
  c.under(F.structure, 2, size, () => {
    c.out.value(F.fixedLength, c.at, 2, size >>> 1);
    c.out.value(F.dynamic, c.at, 2, (size & 1) !== 0);
  });
  // An error's body is the same for all.
  if (message.response && message.status !== 0 && message.command !== 1) return;
  const emit = (message.response ? RESPONSES : REQUESTS)[message.command];
  emit?.(c, message);
}

type Emit = (c: Cursor, message: Smb2Message) => void;

const REQUESTS: Record<number, Emit> = {
  0(c) {
    const count = c.le16(F.dialectCount);
    bits(c, F.security, 1, SECURITY);
    c.skip(3);
    bits(c, F.capabilities, 4, CAPABILITIES);
    id(c, F.client);
    c.skip(8);
    for (let i = 0; i < count && c.left >= 2; i++) c.le16(F.dialect);
  },
  1(c) {
    c.u8(F.requestFlags);
    bits(c, F.security, 1, SECURITY);
    bits(c, F.capabilities, 4, CAPABILITIES);
    c.skip(8);
    c.le64(F.previous);
  },
  3(c, { at, end }) {
    const where = c.at + 2;
    const start = at + u16le(c.bytes, where);
    const length = u16le(c.bytes, where + 2);
    if (start + length <= end) c.out.value(F.treePath, start, length, nameAt(c.bytes, at, where, end));
  },
  5(c, { at, end, file }) {
    const body = c.at - 2;
    c.skip(1);
    c.u8(F.oplock);
    c.le32(F.level);
    c.skip(20);
    c.le32(F.attributes);
    c.skip(4);
    c.le32(F.disposition);
    const start = at + u16le(c.bytes, body + 44);
    const length = u16le(c.bytes, body + 46);
    if (file !== undefined && start + length <= end) c.out.value(F.filename, start, length, file);
  },
  6(c) {
    c.le16(F.closeFlags);
    c.skip(4);
    id(c, F.file);
  },
  8(c) {
    c.skip(2);
    c.le32(F.readLength);
    c.le64(F.offset);
    id(c, F.file);
    c.le32(F.least);
  },
  9(c) {
    c.le16(F.dataOffset);
    c.le32(F.writeLength);
    c.le64(F.offset);
    id(c, F.file);
  },
};

const RESPONSES: Record<number, Emit> = {
  0(c) {
    bits(c, F.security, 1, SECURITY);
    c.skip(1);
    c.le16(F.dialect);
    c.skip(2);
    id(c, F.server);
    bits(c, F.capabilities, 4, CAPABILITIES);
    c.le32(F.maxTransaction);
    c.le32(F.maxRead);
    c.le32(F.maxWrite);
  },
  1(c) {
    bits(c, F.sessionFlags, 2, SESSION_FLAGS);
  },
  3(c) {
    c.u8(F.shareType);
    c.skip(1);
    c.le32(F.shareFlags);
    c.le32(F.shareCapabilities);
  },
  5(c) {
    c.u8(F.oplock);
    c.skip(1);
    c.le32(F.action);
    c.skip(32);
    c.le64(F.allocation);
    c.le64(F.fileEnd);
    c.le32(F.attributes);
    c.skip(4);
    id(c, F.file);
  },
  8(c) {
    c.skip(6);
    c.le32(F.readRemaining);
  },
  9(c) {
    c.skip(2);
    c.le32(F.written);
    c.le32(F.writeRemaining);
  },
};
