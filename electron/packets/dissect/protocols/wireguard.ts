/** WireGuard (wireguard.com/papers/wireguard.pdf): the four message types. Contents are encrypted. */
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Protocol } from '../dissection.ts';
import { hex } from '../text.ts';

const TYPES: Record<number, string> = {
  1: 'Handshake Initiation',
  2: 'Handshake Response',
  3: 'Cookie Reply',
  4: 'Transport Data',
};
const LENGTHS: Record<number, number> = { 1: 148, 2: 92, 3: 64 };
const F = {
  type: f.u8('wg.type', 'Type', { names: TYPES }),
  reserved: f.bytes('wg.reserved', 'Reserved'),
  sender: f.x32('wg.sender', 'Sender'),
  receiver: f.x32('wg.receiver', 'Receiver'),
  ephemeral: f.text('wg.ephemeral', 'Ephemeral'),
  encryptedStatic: f.none('wg.encrypted_static', 'Encrypted Static'),
  encryptedTimestamp: f.none('wg.encrypted_timestamp', 'Encrypted Timestamp'),
  encryptedEmpty: f.none('wg.encrypted_empty', 'Encrypted Empty'),
  mac1: f.bytes('wg.mac1', 'mac1'),
  mac2: f.bytes('wg.mac2', 'mac2'),
  nonce: f.bytes('wg.nonce', 'Nonce'),
  cookie: f.bytes('wg.encrypted_cookie', 'Encrypted Cookie'),
  counter: f.u64('wg.counter', 'Counter'),
  packet: f.none('wg.encrypted_packet', 'Encrypted Packet'),
  keepalive: f.none('wg.keepalive', 'This is a Keepalive message'),
};

function looksLike(bytes: Uint8Array, start: number, end: number): boolean {
  const type = bytes[start]!;
  if (bytes[start + 1] !== 0 || bytes[start + 2] !== 0 || bytes[start + 3] !== 0) return false;
  const length = end - start;
  return LENGTHS[type] === length || (type === 4 && length >= 32 && length % 16 === 0);
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** 32 bytes as keys are written. */
function keyText(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const digits = Math.min(4, bytes.length - i + 1);
    for (let j = 0; j < 4; j++) text += j < digits ? BASE64[(word >> (18 - 6 * j)) & 63] : '=';
  }
  return text;
}

const le32 = (bytes: Uint8Array, at: number) =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

export const wireguard: Protocol = protocol({
  name: 'wg',
  column: 'WireGuard',
  title: 'WireGuard Protocol',
  tint: 'udp',
  minLength: 4,
  binds: { 'udp.port': [51820] },
  heuristic: { udp: looksLike },
  fields: F,
  info(d, layer) {
    const type = d.bytes[layer.start]!;
    const first = hex(le32(d.bytes, layer.start + 4), 8)
      .toUpperCase()
      .replace('0X', '0x');
    const second = hex(le32(d.bytes, layer.start + 8), 8)
      .toUpperCase()
      .replace('0X', '0x');
    const name = TYPES[type] ?? 'Unknown';
    if (type === 1) return `${name}, sender=${first}`;
    if (type === 2) return `${name}, sender=${first}, receiver=${second}`;
    if (type === 3) return `${name}, receiver=${first}`;
    if (type !== 4) return name;
    const data = d.capturedEnd(layer) - layer.start - 32;
    const counter = le32(d.bytes, layer.start + 8) + 2 ** 32 * le32(d.bytes, layer.start + 12);
    return data === 0
      ? `Keepalive, receiver=${first}, counter=${counter}`
      : `${name}, receiver=${first}, counter=${counter}, datalen=${data}`;
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    const type = c.u8(F.type);
    c.data(F.reserved, 3);
    const key = () => {
      out.value(F.ephemeral, c.at, 32, keyText(c.bytes.subarray(c.at, c.at + 32)));
      c.skip(32);
    };
    const opaque = (field: typeof F.packet, length: number) => {
      out.value(field, c.at, length, null);
      c.skip(length);
    };
    if (type === 1) {
      c.le32(F.sender);
      key();
      opaque(F.encryptedStatic, 48);
      opaque(F.encryptedTimestamp, 28);
    } else if (type === 2) {
      c.le32(F.sender);
      c.le32(F.receiver);
      key();
      opaque(F.encryptedEmpty, 16);
    } else if (type === 3) {
      c.le32(F.receiver);
      c.data(F.nonce, 24);
      c.data(F.cookie, 32);
      return;
    } else {
      c.le32(F.receiver);
      c.le64(F.counter);
      if (c.left === 16) out.value(F.keepalive, c.at, 0, null, { generated: true });
      opaque(F.packet, c.left);
      return;
    }
    c.data(F.mac1, 16);
    c.data(F.mac2, 16);
  },
});
