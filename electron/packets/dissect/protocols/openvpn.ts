/**
 * OpenVPN (OpenVPN's src/openvpn/ssl_pkt.h, "OpenVPN wire protocol"): opcodes, session ids, acknowledgements. The TLS records inside the control channel are
 * put together over packets, by their packet ids. Packets protected by tls-auth show their HMAC; what tls-crypt hides stays data.
 */
import { own } from '../../state/conversations.ts';
import { u16, u32 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import { GROUP } from '../field.ts';
import { PDU_MORE, PDU_REST, source } from '../tcp-payload.ts';
import { tcpFacts } from './tcp-facts.ts';
import { tls } from './tls.ts';
import { udpFacts } from './udp.ts';

const OPCODES: Record<number, string> = {
  1: 'P_CONTROL_HARD_RESET_CLIENT_V1',
  2: 'P_CONTROL_HARD_RESET_SERVER_V1',
  3: 'P_CONTROL_SOFT_RESET_V1',
  4: 'P_CONTROL_V1',
  5: 'P_ACK_V1',
  6: 'P_DATA_V1',
  7: 'P_CONTROL_HARD_RESET_CLIENT_V2',
  8: 'P_CONTROL_HARD_RESET_SERVER_V2',
  9: 'P_DATA_V2',
  10: 'P_CONTROL_HARD_RESET_CLIENT_V3',
  11: 'P_CONTROL_WKC_V1',
};
const ACK = 5;
const DATA_V1 = 6;
const DATA_V2 = 9;
const CRYPT_OPCODE = 10;
/** Acknowledged in one packet at most. */
const MAX_ACKS = 8;
const SESSION_ID = 8;
/** Of SHA1, SHA256, SHA512, MD5: lengths of the HMAC, the usual one first. */
const HMACS = [20, 32, 64, 16];
/** tls-crypt's, after packet id and time. */
const CRYPT_HMAC = 32;
/** Packet id and time, which follow the HMAC. */
const REPLAY = 8;
/** No clock stands before 2001. */
const EARLIEST = 1_000_000_000;
const MAX_PENDING = 1 << 17;

const F = {
  length: f.u16('openvpn.plen', 'Packet Length'),
  type: f.x8('openvpn.type', 'Type'),
  opcode: f.x8('openvpn.opcode', 'Opcode', { mask: 0xf8, bits: 8, names: OPCODES }),
  key: f.u8('openvpn.keyid', 'Key ID', { mask: 7, bits: 8 }),
  peer: f.u24('openvpn.peerid', 'Peer ID'),
  session: f.u64('openvpn.sessionid', 'Session ID'),
  hmac: f.bytes('openvpn.hmac', 'HMAC'),
  replay: f.u32('openvpn.pid', 'Replay-Packet-ID'),
  time: f.time('openvpn.net_time', 'Net Time'),
  acks: f.u8('openvpn.mpidarraylength', 'Message Packet-ID Array Length'),
  ack: f.u32('openvpn.mpidarrayelement', 'Message Packet-ID Array Element'),
  remote: f.u64('openvpn.rsessionid', 'Remote Session ID'),
  id: f.u32('openvpn.mpid', 'Message Packet-ID'),
  data: f.bytes('openvpn.data', 'Data'),
  piece: f.bytes('openvpn.fragment_bytes', 'Fragment bytes'),
};

/** Where the parts of a packet are. */
interface Parts {
  opcode: number;
  /** Of the byte with the opcode. */
  at: number;
  /** Length of the HMAC; −1: nothing after the session's id can be read. */
  hmac: number;
  acksAt: number;
  /** Of a control message's payload. */
  payload: number;
  /** The payload is kept for the packets after it. */
  kept: boolean;
}
const partsOf = (layer: Layer) => layer.facts as Parts;

const isData = (opcode: number) => opcode === DATA_V1 || opcode === DATA_V2;
const overTcp = (layer: Layer) => layer.below?.protocol.name === 'tcp';

/** After the acknowledgements, or undefined when they do not fit. */
function afterAcks(bytes: Uint8Array, at: number, end: number, opcode: number): number | undefined {
  const count = bytes[at]!;
  if (at >= end || count > MAX_ACKS) return undefined;
  const stop = at + 1 + 4 * count + (count > 0 ? SESSION_ID : 0) + (opcode === ACK ? 0 : 4);
  return stop <= end ? stop : undefined;
}

/** tls-crypt: version 3 of the reset has it always; else it shows by a time where none would be. */
function isCrypted(bytes: Uint8Array, { opcode, acksAt }: Parts, end: number): boolean {
  if (opcode >= CRYPT_OPCODE) return true;
  if (end - acksAt < REPLAY + CRYPT_HMAC || bytes[acksAt] !== 0) return false;
  const record = bytes[acksAt + 5]! >= 20 && bytes[acksAt + 5]! <= 24 && bytes[acksAt + 6] === 3;
  return !record && u32(bytes, acksAt + 4) > EARLIEST;
}

function readParts(bytes: Uint8Array, at: number, end: number): Parts {
  const opcode = bytes[at]! >> 3;
  const parts: Parts = { opcode, at, hmac: 0, acksAt: at + 1 + SESSION_ID, payload: end, kept: false };
  if (isData(opcode)) return parts;
  if (isCrypted(bytes, parts, end)) return { ...parts, hmac: -1 };
  const whole = (opcode >= 7 && opcode <= 8) || opcode === ACK;
  const plain = afterAcks(bytes, parts.acksAt, end, opcode);
  if (plain !== undefined && (!whole || plain === end)) return { ...parts, payload: plain };
  for (const hmac of HMACS) {
    const acksAt = parts.acksAt + hmac + REPLAY;
    const stop = afterAcks(bytes, acksAt, end, opcode);
    if (stop !== undefined && u32(bytes, acksAt - 4) > EARLIEST) return { ...parts, hmac, acksAt, payload: stop };
  }
  return plain === undefined ? { ...parts, hmac: -1 } : { ...parts, payload: plain };
}

/** Records that follow each other, of one direction. */
interface Control {
  expected: number;
  bytes: Uint8Array;
}
const CONTROL = Symbol('openvpn');

/** Whether these are whole TLS records; undefined when they are none. */
function wholeRecords(bytes: Uint8Array): boolean | undefined {
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at]! < 20 || bytes[at]! > 24 || (bytes.length > at + 1 && bytes[at + 1] !== 3)) return undefined;
    if (bytes.length - at < 5) return false;
    at += 5 + u16(bytes, at + 3);
    if (at > bytes.length) return false;
  }
  return true;
}

function control(d: Dissection, layer: Layer, parts: Parts, end: number): Protocol | undefined {
  const { below } = layer;
  const conversation = below && (overTcp(layer) ? tcpFacts(below) : udpFacts(below))?.conversation;
  const here = d.bytes.subarray(parts.payload, end);
  const id = u32(d.bytes, parts.payload - 4);
  const session = u32(d.bytes, parts.at + 1);
  const known = conversation && own(conversation, CONTROL, () => new Map<number, Control>());
  const before = known?.get(session);
  if (!before || before.expected !== id || before.bytes.length === 0) {
    const whole = wholeRecords(here);
    if (whole === false && known) {
      if (!before || id >= before.expected) {
        if (known.size < MAX_ACKS || before) known.set(session, { expected: id + 1, bytes: here.slice() });
        parts.kept = true;
      }
      return undefined;
    }
    if (whole === undefined) return undefined;
    known?.delete(session);
    d.follow(parts.payload, end);
    return tls;
  }
  const joined = new Uint8Array(before.bytes.length + here.length);
  joined.set(before.bytes);
  joined.set(here, before.bytes.length);
  known!.delete(session);
  const whole = wholeRecords(joined);
  if (whole === false && joined.length <= MAX_PENDING) {
    known!.set(session, { expected: id + 1, bytes: joined });
    parts.kept = true;
    return undefined;
  }
  parts.kept = true;
  const from = source(d, parts.payload, joined, 'Reassembled OpenVPN');
  d.followIn(from, from.prefix, from.bytes.length);
  return tls;
}

export const openvpn: Protocol = protocol({
  name: 'openvpn',
  column: 'OpenVPN',
  title: 'OpenVPN Protocol',
  tint: 'tls',
  minLength: 1,
  binds: { 'udp.port': [1194], 'tcp.port': [1194] },
  fields: F,
  pdu(bytes, at, end) {
    if (end - at < 2) return PDU_MORE;
    const length = u16(bytes, at);
    return length === 0 ? PDU_REST : 2 + length;
  },
  walk(d, layer) {
    const end = d.capturedEnd(layer);
    layer.headerLength = end - layer.start;
    const parts = readParts(d.bytes, layer.start + (overTcp(layer) ? 2 : 0), end);
    layer.facts = parts;
    return parts.payload < end ? control(d, layer, parts, end) : undefined;
  },
  info(d, layer) {
    const { at } = partsOf(layer);
    if (at >= d.capturedEnd(layer)) return '';
    return `MessageType: ${OPCODES[d.bytes[at]! >> 3] ?? 'Unknown'}`;
  },
  emit(d, layer, out) {
    if (layer.short) return;
    const c = Cursor.of(d, layer, out);
    const { opcode, hmac, acksAt, payload, kept } = partsOf(layer);
    if (overTcp(layer)) c.u16(F.length);
    c.under(F.type, 1, c.peek(1), () => c.bits(1, F.opcode, F.key), {
      label: `Type: 0x${c.peek(1).toString(16).padStart(2, '0')} [opcode/key_id]`,
    });
    if (isData(opcode)) {
      if (opcode === DATA_V2) c.u24(F.peer);
      if (c.left > 0) data(c);
      return;
    }
    c.u64(F.session);
    if (hmac < 0) {
      hidden(c);
      return;
    }
    if (hmac > 0) {
      c.data(F.hmac, hmac);
      replay(c);
    }
    acknowledgements(c, acksAt);
    if (opcode !== ACK) c.u32(F.id);
    if (kept) c.data(F.piece, c.end - payload);
  },
});

function replay(c: Cursor): void {
  c.u32(F.replay);
  c.out.value(F.time, c.at, 4, BigInt(c.peek(4)) * 1_000_000_000n);
  c.skip(4);
}

/** What tls-crypt leaves readable. */
function hidden(c: Cursor): void {
  if (c.left >= REPLAY + CRYPT_HMAC && c.peek(4, 4) > EARLIEST) {
    replay(c);
    c.data(F.hmac, CRYPT_HMAC);
  }
  if (c.left > 0) data(c);
}

function data(c: Cursor): void {
  c.under(GROUP, c.left, null, () => c.data(F.data), { label: `Data (${c.left} bytes)` });
}

function acknowledgements(c: Cursor, at: number): void {
  c.at = at;
  const count = c.u8(F.acks);
  if (count === 0) return;
  c.group('Packet-ID Array', 4 * count, () => {
    for (let i = 0; i < count; i++) c.u32(F.ack);
  });
  c.u64(F.remote);
}
