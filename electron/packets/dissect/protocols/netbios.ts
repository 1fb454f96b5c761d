/** NetBIOS datagrams and sessions (RFC 1002 §4.3, §4.4); sessions also as the four bytes before SMB over TCP (MS-SMB2 §2.1). */
import { u16, u24, u32 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { decodeNetbios, type NetbiosName } from '../names/netbios.ts';
import { PDU_MORE, PDU_REST } from '../tcp-payload.ts';
import { hex } from '../text.ts';
import { rest } from './data.ts';
import { readName } from './dns-message.ts';
import { smb1, smb2 } from './smb2.ts';

const YES: readonly [string, string] = ['Yes', 'No'];
const DATAGRAMS: Record<number, string> = {
  16: 'Direct_unique datagram',
  17: 'Direct_group datagram',
  18: 'Broadcast datagram',
  19: 'Datagram error',
  20: 'Datagram query request',
  21: 'Datagram positive query response',
  22: 'Datagram negative query response',
};
const NODES = ['B node', 'P node', 'M node', 'NBDD'];
const DATAGRAM_ERRORS = {
  130: 'Destination name not present',
  131: 'Invalid source name format',
  132: 'Invalid destination name format',
};
const D = {
  type: f.u8('nbdgm.type', 'Message Type', { names: DATAGRAMS }),
  flags: f.x8('nbdgm.flags', 'Flags'),
  more: bit('nbdgm.next', 'More fragments follow', 1, 8, YES),
  first: bit('nbdgm.first', 'This is first fragment', 2, 8, YES),
  node: f.u8('nbdgm.node_type', 'Node Type', { mask: 0x0c, bits: 8, names: NODES }),
  id: f.x16('nbdgm.dgram_id', 'Datagram ID'),
  address: f.ip4('nbdgm.src.ip', 'Source IP'),
  port: f.u16('nbdgm.src.port', 'Source Port'),
  length: f.u16('nbdgm.dgram_len', 'Datagram length', { unit: [' byte', ' bytes'] }),
  offset: f.u16('nbdgm.pkt_offset', 'Packet offset', { unit: [' byte', ' bytes'] }),
  source: f.text('nbdgm.source_name', 'Source name'),
  destination: f.text('nbdgm.destination_name', 'Destination name'),
  error: f.x8('nbdgm.error_code', 'Error code', { names: DATAGRAM_ERRORS }),
};
const HEADER = 10;

function nameAt(d: Dissection, at: number, end: number): (NetbiosName & { length: number }) | undefined {
  const found = readName(d.bytes, at, at, end);
  if (!found) return undefined;
  const { text, length } = found;
  return { ...(decodeNetbios(text) ?? { plain: text, text, full: text }), length };
}

/** Shows a name and moves on; false when there is none. */
function name(c: Cursor, d: Dissection, field: Field): boolean {
  const found = nameAt(d, c.at, c.end);
  if (!found) return false;
  c.out.value(field, c.at, found.length, found.text, { label: `${field.title}: ${found.full}` });
  c.skip(found.length);
  return true;
}

const carriesData = (type: number) => type >= 16 && type <= 18;

export const nbdgm: Protocol = protocol({
  name: 'nbdgm',
  column: 'NBDS',
  title: 'NetBIOS Datagram Service',
  tint: 'udp',
  minLength: HEADER,
  binds: { 'udp.port': [138] },
  fields: D,
  walk(d, layer) {
    const end = d.capturedEnd(layer);
    layer.headerLength = end - layer.start;
    if (!carriesData(d.bytes[layer.start]!)) return undefined;
    let at = layer.start + HEADER + 4;
    for (let i = 0; i < 2; i++) {
      const found = at < end ? nameAt(d, at, end) : undefined;
      if (!found) return undefined;
      at += found.length;
    }
    layer.headerLength = at - layer.start;
    return rest(d, at, layer.end);
  },
  info: (d, layer) => DATAGRAMS[d.bytes[layer.start]!] ?? `Unknown (${d.bytes[layer.start]})`,
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    const type = c.u8(D.type);
    const flags = c.peek(1);
    const words = [
      hex(flags, 2),
      flags & 1 && 'More fragments follow',
      flags & 2 && 'This is first fragment',
      `Node Type: ${NODES[(flags >> 2) & 3]}`,
    ].filter(Boolean);
    c.under(D.flags, 1, flags, () => c.bits(1, D.more, D.first, D.node), { label: `Flags: ${words.join(', ')}` });
    c.u16(D.id);
    c.item(D.address, 4);
    c.u16(D.port);
    if (carriesData(type)) {
      c.u16(D.length);
      c.u16(D.offset);
      if (name(c, d, D.source)) name(c, d, D.destination);
    } else if (type === 19) c.u8(D.error);
    else if (type >= 20 && type <= 22) name(c, d, D.destination);
  },
});

const MESSAGE = 0;
const REQUEST = 0x81;
const NEGATIVE = 0x83;
const RETARGET = 0x84;
const SESSIONS: Record<number, string> = {
  [MESSAGE]: 'Session message',
  [REQUEST]: 'Session request',
  130: 'Positive session response',
  [NEGATIVE]: 'Negative session response',
  [RETARGET]: 'Retarget session response',
  133: 'Session keep-alive',
};
const SESSION_ERRORS: Record<number, string> = {
  128: 'Not listening on called name',
  129: 'Not listening for calling name',
  130: 'Called name not present',
  131: 'Called name present, but insufficient resources',
  143: 'Unspecified error',
};
const S = {
  type: f.x8('nbss.type', 'Message Type', { names: SESSIONS }),
  flags: f.x8('nbss.flags', 'Flags'),
  extend: bit('nbss.flags.e', 'Extend', 1, 8, ['Add 65536 to length', 'Add 0 to length']),
  length: f.u24('nbss.length', 'Length'),
  error: f.x8('nbss.error_code', 'Error code', { names: SESSION_ERRORS }),
  address: f.ip4('nbss.retarget_ip_address', 'Retarget IP address'),
  port: f.u16('nbss.retarget_port', 'Retarget port'),
  called: f.text('nbss.called_name', 'Called name'),
  calling: f.text('nbss.calling_name', 'Calling name'),
  continuation: f.bytes('nbss.continuation_data', 'Continuation data'),
};
const SESSION_HEADER = 4;
const CIFS_PORT = 445;
const SMB1 = 0xff534d42;
const SMB2 = 0xfe534d42;
const SMB3_ENCRYPTED = 0xfd534d42;

/** Over port 445 all of three bytes are the length; NetBIOS has seventeen bits. */
function isCifs(d: Dissection, layer: Layer): boolean {
  const tcp = layer.protocol.name === 'tcp' ? layer : layer.below;
  return tcp !== undefined && (u16(d.bytes, tcp.start) === CIFS_PORT || u16(d.bytes, tcp.start + 2) === CIFS_PORT);
}
const lengthAt = (bytes: Uint8Array, at: number, cifs: boolean) => u24(bytes, at + 1) & (cifs ? 0xffffff : 0x1ffff);
const isContinuation = (d: Dissection, layer: Layer) => SESSIONS[d.bytes[layer.start]!] === undefined;

export const nbss: Protocol = protocol({
  name: 'nbss',
  column: 'NBSS',
  title: 'NetBIOS Session Service',
  tint: 'tcp',
  minLength: 1,
  binds: { 'tcp.port': [139, CIFS_PORT] },
  fields: S,
  pdu(bytes, at, end, _memo, d, layer) {
    if (SESSIONS[bytes[at]!] === undefined) return PDU_REST;
    return end - at < SESSION_HEADER ? PDU_MORE : SESSION_HEADER + lengthAt(bytes, at, isCifs(d, layer));
  },
  walk(d, layer) {
    const end = d.capturedEnd(layer);
    layer.headerLength = end - layer.start;
    const body = layer.start + SESSION_HEADER;
    if (d.bytes[layer.start] !== MESSAGE || end <= body) return undefined;
    layer.headerLength = SESSION_HEADER;
    const mark = end - body >= 4 ? u32(d.bytes, body) : 0;
    if (mark !== SMB1 && mark !== SMB2 && mark !== SMB3_ENCRYPTED) return rest(d, body, layer.end);
    d.follow(body, layer.end);
    return mark === SMB1 ? smb1 : smb2;
  },
  info(d, layer) {
    const { bytes } = d;
    const at = layer.start;
    if (isContinuation(d, layer)) return 'NBSS Continuation Message';
    const type = bytes[at]!;
    const end = d.capturedEnd(layer);
    if (type === REQUEST) {
      const called = nameAt(d, at + SESSION_HEADER, end);
      const calling = called && nameAt(d, at + SESSION_HEADER + called.length, end);
      return `Session request${called ? `, to ${called.text}` : ''}${calling ? ` from ${calling.text}` : ''}`;
    }
    if (type === NEGATIVE && end > at + SESSION_HEADER)
      return `${SESSIONS[type]}, ${SESSION_ERRORS[bytes[at + SESSION_HEADER]!] ?? 'Unknown'}`;
    return SESSIONS[type]!;
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    if (isContinuation(d, layer)) {
      c.data(S.continuation);
      return;
    }
    const type = c.u8(S.type);
    if (isCifs(d, layer)) c.u24(S.length);
    else {
      const length = lengthAt(d.bytes, layer.start, false);
      c.under(S.flags, 1, c.peek(1), () => c.bits(1, S.extend));
      out.value(S.length, layer.start + 1, 3, length);
      c.skip(2);
    }
    if (type === REQUEST) {
      if (name(c, d, S.called)) name(c, d, S.calling);
    } else if (type === NEGATIVE) c.u8(S.error);
    else if (type === RETARGET) {
      c.item(S.address, 4);
      c.u16(S.port);
    }
  },
});
