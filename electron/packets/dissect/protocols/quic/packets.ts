/** A datagram's QUIC packets: headers read, protection taken off where there are keys, handshake bytes put in order. */
import { u32 } from '../../bytes.ts';
import type { DataSource, Dissection, Layer } from '../../dissection.ts';
import { source } from '../../tcp-payload.ts';
import type { Level, QuicConnection, Side } from './connection.ts';
import { type Frame, readFrames } from './frames.ts';
import { fullNumber, initialKeys, type PacketKeys, QUIC_V2 } from './keys.ts';
import { varint } from './varint.ts';

export const RETRY = 3;
const INITIAL = 0;
const LEVELS: readonly Level[] = ['initial', 'early', 'handshake'];
const MAX_PACKETS = 20;
const MAX_ID = 20;
const TAG = 16;

export interface Range {
  at: number;
  end: number;
}

export interface Packet extends Range {
  long: boolean;
  /** First byte, without header protection when that could be taken off. */
  first: number;
  version: number;
  /** As in version 1, whatever the version. */
  type: number;
  dcid: Range;
  scid: Range;
  token: Range | undefined;
  /** Offset and bytes of the length field, where there is one. */
  length: { at: number; size: number; value: number } | undefined;
  /** Of the packet number; what follows is protected. */
  numberAt: number;
  /** Known once header protection is off. */
  number: number | undefined;
  numberLength: number;
  plain: DataSource | undefined;
  frames: Frame[];
}

const V1 = 1;
export const isKnownVersion = (version: number): boolean =>
  version === V1 || version === QUIC_V2 || (version >= 0xff00001d && version <= 0xff000022);

/** Whether bytes begin with a long header of a version that is known, or with the offer of versions. */
export function looksLikeQuic(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < 21 || !(bytes[at]! & 0x80)) return false;
  const version = u32(bytes, at + 1);
  const dcid = bytes[at + 5]!;
  const scid = bytes[at + 6 + dcid] ?? 255;
  if (dcid > MAX_ID || scid > MAX_ID || at + 7 + dcid + scid > end) return false;
  if (version !== 0) return isKnownVersion(version) && (bytes[at]! & 0x40) !== 0;
  const offered = end - (at + 7 + dcid + scid);
  return offered >= 4 && offered % 4 === 0 && dcid + scid > 0;
}

export interface Reader {
  d: Dissection;
  layer: Layer;
  connection: QuicConnection;
  side: Side;
}

/** @param onOpened hears of each packet before the next is opened: what is in it may bring the keys of that one */
export function readPackets(reader: Reader, start: number, end: number, onOpened: (packet: Packet) => void): Packet[] {
  const packets: Packet[] = [];
  for (let at = start; at < end && packets.length < MAX_PACKETS; ) {
    const packet = readHeader(reader, at, end);
    if (!packet) break;
    packets.push(packet);
    unprotect(reader, packet);
    onOpened(packet);
    at = packet.end;
  }
  return packets;
}

function readHeader({ d, connection, side }: Reader, at: number, end: number): Packet | undefined {
  const { bytes } = d;
  const first = bytes[at]!;
  const packet: Packet = {
    at,
    end,
    long: (first & 0x80) !== 0,
    first,
    version: connection.version,
    type: (first >> 4) & 3,
    dcid: { at: at + 1, end: at + 1 },
    scid: { at, end: at },
    token: undefined,
    length: undefined,
    numberAt: at,
    number: undefined,
    numberLength: 0,
    plain: undefined,
    frames: [],
  };
  return packet.long ? readLong(bytes, packet, connection, side) : readShort(packet, connection, side);
}

function readShort(packet: Packet, connection: QuicConnection, side: Side): Packet | undefined {
  const length = connection.sides[1 - side]!.idLength;
  // Coalesced packets end with a short one; what is no packet at all is padding.
  if (!(packet.first & 0x40)) return undefined;
  packet.dcid.end = packet.dcid.at + (length ?? 0);
  packet.numberAt = packet.dcid.end;
  return packet.numberAt <= packet.end ? packet : undefined;
}

function readLong(bytes: Uint8Array, packet: Packet, connection: QuicConnection, side: Side): Packet | undefined {
  const { at, end } = packet;
  if (end - at < 7) return undefined;
  packet.version = u32(bytes, at + 1);
  packet.dcid = { at: at + 6, end: at + 6 + bytes[at + 5]! };
  packet.scid = { at: packet.dcid.end + 1, end: packet.dcid.end + 1 + (bytes[packet.dcid.end] ?? 0) };
  let from = packet.scid.end;
  if (from > end) return undefined;
  packet.numberAt = from;
  if (packet.version === 0) return packet;
  if (packet.version === QUIC_V2) packet.type = (packet.type + 3) & 3;
  connection.sides[side].idLength = packet.scid.end - packet.scid.at;
  if (packet.type === RETRY) {
    packet.token = { at: from, end: Math.max(from, end - TAG) };
    return packet;
  }
  if (packet.type === INITIAL) {
    const length = varint(bytes, from, end);
    if (!length || from + length.length + length.value > end) return undefined;
    from += length.length;
    packet.token = { at: from, end: from + length.value };
    from = packet.token.end;
  }
  const length = varint(bytes, from, end);
  if (!length) return undefined;
  packet.length = { at: from, size: length.length, value: length.value };
  packet.numberAt = from + length.length;
  packet.end = Math.min(end, packet.numberAt + length.value);
  return packet;
}

export const levelOf = (packet: Packet): Level | undefined => (packet.long ? LEVELS[packet.type] : 'application');

function unprotect(reader: Reader, packet: Packet): void {
  const { d, connection, side } = reader;
  const level = levelOf(packet);
  if (packet.version === 0 || !level || packet.end - packet.numberAt < 4 + TAG) return;
  const keys = connection.sides[side].keys[level];
  if (keys && open(reader, packet, level, keys)) return;
  if (level !== 'initial' || !isKnownVersion(packet.version)) return;
  // A client that begins, or begins anew after a Retry: only its own packets open with keys made like this.
  const fresh = connection.client === undefined || connection.client === side;
  const made = fresh ? initialKeys(packet.version, d.bytes.subarray(packet.dcid.at, packet.dcid.end)) : undefined;
  if (!made || !opens(d.bytes, packet, made.client)) return;
  connection.begin(side, packet.version, made);
  open(reader, packet, level, made.client);
}

/** Whether a client's first packets open: their numbers are small. */
function opens(bytes: Uint8Array, packet: Packet, keys: PacketKeys): boolean {
  return decrypt(bytes, packet, keys, -1) !== undefined;
}

function open(reader: Reader, packet: Packet, level: Level, keys: PacketKeys): boolean {
  const { d, layer, connection, side } = reader;
  const of = connection.sides[side];
  // The other phase: the keys of the next update, which then are this direction's.
  const opened =
    decrypt(d.bytes, packet, keys, of.largest[level], packet.long ? undefined : of.phase) ??
    (packet.long ? undefined : decrypt(d.bytes, packet, following(of, keys), of.largest[level], !of.phase));
  if (!opened) return false;
  if (!packet.long && opened.phase !== of.phase) {
    of.keys.application = of.following!;
    of.following = undefined;
    of.phase = opened.phase;
  }
  of.largest[level] = Math.max(of.largest[level], opened.number);
  packet.first = opened.first;
  packet.number = opened.number;
  packet.numberLength = opened.length;
  packet.plain = source(d, layer.start, opened.plain, 'Decrypted QUIC');
  layer.parts ??= [];
  layer.parts.push(packet.plain);
  packet.frames = readFrames(packet.plain.bytes, packet.plain.prefix, packet.plain.bytes.length);
  return true;
}

function following(of: QuicConnection['sides'][number], keys: PacketKeys): PacketKeys {
  of.following ??= keys.next();
  return of.following;
}

interface Opened {
  plain: Uint8Array;
  number: number;
  length: number;
  /** Without header protection. */
  first: number;
  phase: boolean;
}

/** @param phase only packets of this key phase */
function decrypt(
  bytes: Uint8Array,
  packet: Packet,
  keys: PacketKeys,
  largest: number,
  phase?: boolean,
): Opened | undefined {
  const { at, numberAt, end } = packet;
  const mask = keys.mask(bytes.subarray(numberAt + 4, numberAt + 20));
  const head = bytes.slice(at, numberAt + 4);
  head[0]! ^= mask[0]! & (packet.long ? 0x0f : 0x1f);
  const length = (head[0]! & 3) + 1;
  let truncated = 0;
  for (let i = 0; i < length; i++) {
    head[numberAt - at + i]! ^= mask[1 + i]!;
    truncated = truncated * 256 + head[numberAt - at + i]!;
  }
  const number = fullNumber(truncated, length, largest);
  const about = head.subarray(0, numberAt - at + length);
  const own = !packet.long && (head[0]! & 4) !== 0;
  if (phase !== undefined && own !== phase) return undefined;
  const plain = keys.open(number, about, bytes.subarray(numberAt + length, end));
  return plain && { plain, number, length, first: head[0]!, phase: own };
}
