/** Server Message Block 2 and 3 (MS-SMB2): the header of each message and what it is about; and the header of SMB 1 (MS-CIFS). */
import { u32 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import { type Field, GROUP } from '../field.ts';
import { NT_STATUS, SMB2_COMMANDS } from '../names/smb2.ts';
import { hex } from '../text.ts';
import { rest } from './data.ts';
import { emitSmb2Body, fileInfo, SMB2_BODY_FIELDS } from './smb2-bodies.ts';
import { isAsync, SMB2_HEADER, type Smb2Message, smb2Messages, u32le } from './smb2-state.ts';

const ENCRYPTED = 0xfd534d42;
const TRANSFORM_HEADER = 52;

const flag = (name: string, title: string, truth: readonly [string, string]): Field => ({
  name: `smb2.flags.${name}`,
  title,
  type: 'boolean',
  bits: 0,
  truth,
});
const FLAGS: readonly [number, Field][] = [
  [0x1, flag('response', 'Response', ['This is a RESPONSE', 'This is a REQUEST'])],
  [0x2, flag('async', 'Async command', ['This is an ASYNC command', 'This is a SYNC command'])],
  [0x4, flag('chained', 'Chained', ['This pdu is a CHAINED command', 'This pdu is NOT a chained command'])],
  [0x8, flag('signature', 'Signing', ['This pdu is SIGNED', 'This pdu is NOT signed'])],
  [0x70, flag('priority_mask', 'Priority', ['This pdu contains a PRIORITY', 'This pdu does NOT contain a PRIORITY'])],
  [0x10000000, flag('dfs', 'DFS operation', ['This is a DFS OPERATION', 'This is a normal operation'])],
  [0x20000000, flag('replay', 'Replay operation', ['This is a REPLAY OPERATION', 'This is NOT a replay operation'])],
];
const F = {
  id: f.x32('smb2.protocol_id', 'ProtocolId'),
  headerLength: f.u16('smb2.header_len', 'Header Length'),
  creditCharge: f.u16('smb2.credit.charge', 'Credit Charge'),
  channelSequence: f.u16('smb2.channel_sequence', 'Channel Sequence'),
  status: f.x32('smb2.nt_status', 'NT Status', { names: NT_STATUS }),
  command: f.u16('smb2.cmd', 'Command', { names: (value) => SMB2_COMMANDS[value] }),
  requested: f.u16('smb2.credits.requested', 'Credits requested'),
  granted: f.u16('smb2.credits.granted', 'Credits granted'),
  flags: f.x32('smb2.flags', 'Flags'),
  chain: f.x32('smb2.chain_offset', 'Chain Offset'),
  message: f.u64('smb2.msg_id', 'Message ID'),
  process: f.x32('smb2.pid', 'Process Id'),
  async: f.x64('smb2.aid', 'Async Id'),
  tree: f.x32('smb2.tid', 'Tree Id'),
  treePath: f.text('smb2.tree', 'Tree'),
  treeFrame: f.u32('smb2.tcon_frame', 'Connected in Frame'),
  session: f.x64('smb2.sesid', 'Session Id'),
  signature: f.bytes('smb2.signature', 'Signature'),
  responseTo: f.u32('smb2.response_to', 'Response to'),
  time: f.span('smb2.time', 'Time from request'),
  transformSignature: f.bytes('smb2.header.transform.signature', 'Signature'),
  nonce: f.bytes('smb2.header.transform.nonce', 'Nonce'),
  size: f.u32('smb2.header.transform.msg_size', 'Message size'),
  encrypted: f.bytes('smb2.header.transform.enc_data', 'Data'),
};

const messagesOf = (layer: Layer) => (layer.facts as Smb2Message[] | undefined) ?? [];

export const smb2: Protocol = protocol({
  name: 'smb2',
  column: 'SMB2',
  title: 'SMB2 (Server Message Block Protocol version 2)',
  tint: 'tcp',
  minLength: 4,
  fields: { ...F, ...Object.fromEntries(FLAGS.map(([, field]) => [field.name, field])), ...SMB2_BODY_FIELDS },
  walk(d, layer) {
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    if (u32(d.bytes, layer.start) === ENCRYPTED) return undefined;
    const messages = smb2Messages(d, layer);
    layer.facts = messages;
    const data = messages.findLast((message) => message.data)?.data;
    if (!data) return undefined;
    const end = Math.min(layer.end, data.at + data.length);
    return rest(d, data.at, end);
  },
  info(d, layer) {
    if (u32(d.bytes, layer.start) === ENCRYPTED) return 'Encrypted SMB3';
    return messagesOf(layer)
      .map((message) => messageInfo(d, message))
      .join(';');
  },
  emit(d, layer, out) {
    const { start } = layer;
    if (u32(d.bytes, start) === ENCRYPTED) emitTransform(Cursor.of(d, layer, out));
    for (const message of messagesOf(layer)) {
      out.open(GROUP, message.at, SMB2_HEADER, null, { label: 'SMB2 Header' });
      emitHeader(new Cursor(d, out, message.at, message.end), d, message);
      out.close();
      const length = message.end - message.at - SMB2_HEADER;
      if (length < 2) continue;
      const label = `${commandText(message)} ${message.response ? 'Response' : 'Request'} (${hex(message.command, 2)})`;
      out.open(GROUP, message.at + SMB2_HEADER, length, null, { label });
      emitSmb2Body(new Cursor(d, out, message.at + SMB2_HEADER, message.end), message);
      out.close();
    }
  },
});

const commandText = ({ command }: Smb2Message) =>
  SMB2_COMMANDS[command] ?? `unknown-0x${command.toString(16).toUpperCase()}`;

function messageInfo(d: Dissection, message: Smb2Message): string {
  const { response, status } = message;
  const failed = response && status !== 0 ? `, Error: ${NT_STATUS[status] ?? `Unknown (${hex(status, 8)})`}` : '';
  return `${commandText(message)} ${response ? 'Response' : 'Request'}${failed || fileInfo(d.bytes, message)}`;
}

function emitHeader(c: Cursor, d: Dissection, { response, asked, tree }: Smb2Message): void {
  const { out } = c;
  const start = c.at;
  c.u32(F.id);
  c.le16(F.headerLength);
  c.le16(F.creditCharge);
  if (response) c.le32(F.status);
  else {
    c.le16(F.channelSequence);
    c.skip(2);
  }
  c.le16(F.command);
  c.le16(response ? F.granted : F.requested);
  emitFlags(c);
  c.le32(F.chain);
  c.le64(F.message);
  if (isAsync(d.bytes, start)) c.le64(F.async);
  else {
    c.le32(F.process);
    const number = u32le(d.bytes, c.at);
    c.under(
      F.tree,
      4,
      number,
      () => {
        if (!tree) return;
        out.value(F.treePath, c.at, 4, tree.path, { generated: true });
        if (tree.shareType !== undefined)
          out.value(SMB2_BODY_FIELDS.shareType, c.at, 0, tree.shareType, { generated: true });
        out.value(F.treeFrame, c.at, 0, tree.frame, { generated: true });
      },
      tree && { suffix: `  ${tree.path}` },
    );
  }
  c.le64(F.session);
  c.data(F.signature, 16);
  if (!asked) return;
  out.value(F.responseTo, start, 0, asked.number, { generated: true });
  if (d.context) out.value(F.time, start, 0, BigInt(Math.round(d.context.timeNs - asked.timeNs)), { generated: true });
}

function emitFlags(c: Cursor): void {
  const flags = u32le(c.bytes, c.at);
  const set = FLAGS.filter(([mask]) => flags & mask).map(([, { title }]) => title);
  const label = `Flags: ${[hex(flags, 8), ...set].join(', ')}`;
  c.under(
    F.flags,
    4,
    flags,
    () => {
      for (const [mask, field] of FLAGS) c.out.value(field, c.at, 4, (flags & mask) !== 0);
    },
    { label },
  );
}

function emitTransform(c: Cursor): void {
  if (c.left < TRANSFORM_HEADER) return;
  c.u32(F.id);
  c.data(F.transformSignature, 16);
  c.data(F.nonce, 16);
  c.le32(F.size);
  c.skip(4);
  c.le64(F.session);
  if (c.left > 0) c.data(F.encrypted);
}

const SMB1_COMMANDS: Record<number, string> = {
  0: 'Create Directory',
  4: 'Close',
  6: 'Delete',
  7: 'Rename',
  36: 'Locking AndX',
  37: 'Trans',
  43: 'Echo',
  46: 'Read AndX',
  47: 'Write AndX',
  50: 'Trans2',
  113: 'Tree Disconnect',
  114: 'Negotiate Protocol',
  115: 'Session Setup AndX',
  116: 'Logoff AndX',
  117: 'Tree Connect AndX',
  160: 'NT Trans',
  162: 'NT Create AndX',
};
const SMB1_HEADER = 32;
const ONE = {
  command: f.x8('smb.cmd', 'SMB Command', { names: SMB1_COMMANDS }),
  status: f.x32('smb.nt_status', 'NT Status', { names: NT_STATUS }),
  flags: f.x8('smb.flags', 'Flags'),
  flags2: f.x16('smb.flags2', 'Flags2'),
  processHigh: f.u16('smb.pid.high', 'Process ID High'),
  signature: f.bytes('smb.signature', 'Signature'),
  tree: f.u16('smb.tid', 'Tree ID'),
  process: f.u16('smb.pid', 'Process ID'),
  user: f.u16('smb.uid', 'User ID'),
  multiplex: f.u16('smb.mid', 'Multiplex ID'),
  words: f.u8('smb.wct', 'Word Count (WCT)'),
  bytes: f.u16('smb.bcc', 'Byte Count (BCC)'),
  dialect: f.text('smb.dialect.name', 'Name'),
};
const NEGOTIATE = 0x72;

export const smb1: Protocol = protocol({
  name: 'smb',
  column: 'SMB',
  title: 'SMB (Server Message Block Protocol)',
  tint: 'tcp',
  minLength: SMB1_HEADER,
  fields: ONE,
  info(d, layer) {
    const { bytes } = d;
    const at = layer.start;
    const response = (bytes[at + 9]! & 0x80) !== 0;
    const name = SMB1_COMMANDS[bytes[at + 4]!] ?? `unknown-0x${bytes[at + 4]!.toString(16)}`;
    const status = u32le(bytes, at + 5);
    const failed = status === 0 ? '' : `, Error: ${NT_STATUS[status] ?? `Unknown (${hex(status, 8)})`}`;
    return `${name} ${response ? 'Response' : 'Request'}${failed}`;
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    c.skip(4);
    const command = c.u8(ONE.command);
    c.le32(ONE.status);
    const response = (c.u8(ONE.flags) & 0x80) !== 0;
    c.le16(ONE.flags2);
    c.le16(ONE.processHigh);
    c.data(ONE.signature, 8);
    c.skip(2);
    c.le16(ONE.tree);
    c.le16(ONE.process);
    c.le16(ONE.user);
    c.le16(ONE.multiplex);
    const words = c.u8(ONE.words);
    c.skip(2 * words);
    c.le16(ONE.bytes);
    if (command === NEGOTIATE && !response) emitDialects(c);
  },
});

function emitDialects(c: Cursor): void {
  while (c.left > 1 && c.peek(1) === 2) {
    c.skip(1);
    const before = c.at;
    c.cstring(ONE.dialect);
    if (c.at <= before) return;
  }
}
