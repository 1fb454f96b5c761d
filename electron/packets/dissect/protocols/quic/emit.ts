/** The tree of QUIC packets and of the frames that were opened. */
import { Cursor } from '../../cursor.ts';
import type { Dissection, FieldSink } from '../../dissection.ts';
import { type Field, GROUP } from '../../field.ts';
import { note } from '../../notes.ts';
import { hexText } from '../../text.ts';
import { F, FRAME_NAMES, TYPE_NAMES } from './fields.ts';
import type { Frame } from './frames.ts';
import { QUIC_V2 } from './keys.ts';
import { type Packet, type Range, RETRY } from './packets.ts';
import { showVarint } from './varint.ts';

const MADE = { generated: true };
const INITIAL = 0;

export function emitPacket(d: Dissection, packet: Packet, out: FieldSink, first: boolean): void {
  const { at, end } = packet;
  const kind = packet.long ? (packet.version === 0 ? 'Version Negotiation' : TYPE_NAMES[packet.type]) : 'Short Header';
  if (!first) out.open(GROUP, at, end - at, null, { label: `Coalesced packet: ${kind}` });
  out.value(F.packetLength, at, 0, end - at, MADE);
  const c = new Cursor(d, out, at, end);
  if (!packet.long) shortHeader(d, c, packet);
  else if (packet.version === 0) negotiation(c, packet);
  else longHeader(c, packet);
  if (packet.plain) {
    const { plain, frames } = packet;
    out.within(plain, () => {
      for (const frame of frames) emitFrame(new Cursor(d, out, frame.at, frame.end), frame);
    });
  }
  if (!first) out.close();
}

/** A part of the first byte, as it is without header protection. */
function first(c: Cursor, packet: Packet, ...fields: readonly Field[]): void {
  for (const field of fields) {
    const bits = (packet.first & field.mask!) >>> shiftOf(field.mask!);
    const value = field.type === 'boolean' ? bits !== 0 : bits;
    c.out.value(field, packet.at, 1, value, protectedLabel(field, packet.first));
  }
}

const shiftOf = (mask: number) => 31 - Math.clz32(mask & -mask);

/** Labels are made from the packet's bytes, which are still protected: bits that were read otherwise bring their own. */
function protectedLabel(field: Field, value: number): { label: string } {
  let bits = '';
  for (let i = 7; i >= 0; i--) {
    bits += (field.mask! >> i) & 1 ? String((value >> i) & 1) : '.';
    if (i === 4) bits += ' ';
  }
  const number = (value & field.mask!) >>> shiftOf(field.mask!);
  const name =
    field.type === 'boolean' ? (number ? 'True' : 'False') : (field.names as Record<number, string>)?.[number];
  const text = name === undefined ? String(number) : field.type === 'boolean' ? name : `${name} (${number})`;
  return { label: `${bits} = ${field.title}: ${text}` };
}

function id(c: Cursor, lengthField: Field, field: Field, { at, end }: Range): void {
  c.out.value(lengthField, at - 1, 1, end - at);
  if (end > at) c.out.value(field, at, end - at, c.bytes.subarray(at, end));
}

function longHeader(c: Cursor, packet: Packet): void {
  const { out } = c;
  const { at, end, token, length, dcid, scid, version } = packet;
  first(c, packet, F.form);
  if (packet.type !== RETRY) first(c, packet, F.fixed);
  first(c, packet, version === QUIC_V2 ? F.typeV2 : F.type);
  if (packet.number !== undefined) first(c, packet, F.reserved, F.numberLength);
  out.value(F.version, at + 1, 4, version);
  id(c, F.dcidLength, F.dcid, dcid);
  id(c, F.scidLength, F.scid, scid);
  if (packet.type === RETRY) {
    if (!token) return;
    out.value(F.retryToken, token.at, token.end - token.at, c.bytes.subarray(token.at, token.end));
    out.value(F.retryTag, token.end, end - token.end, c.bytes.subarray(token.end, end));
    return;
  }
  if (packet.type === INITIAL && token) {
    c.at = scid.end;
    showVarint(c, F.tokenLength);
    if (token.end > token.at) out.value(F.token, token.at, token.end - token.at, c.bytes.subarray(token.at, token.end));
  }
  if (!length) return;
  out.value(F.length, length.at, length.size, BigInt(length.value));
  body(c, packet, F.payload);
}

function body(c: Cursor, packet: Packet, field: Field): void {
  const { numberAt, number, numberLength, end } = packet;
  if (number === undefined) {
    note(c.out, 'warn', 'Decryption', 'Failed to create decryption context: Secrets are not available', numberAt);
    if (end > numberAt) c.out.value(F.remaining, numberAt, end - numberAt, c.bytes.subarray(numberAt, end));
    return;
  }
  c.out.value(F.number, numberAt, numberLength, BigInt(number));
  const at = numberAt + numberLength;
  c.out.value(field, at, end - at, c.bytes.subarray(at, end));
}

function shortHeader(d: Dissection, c: Cursor, packet: Packet): void {
  const { at, end, dcid, number } = packet;
  const idText = dcid.end > dcid.at ? ` DCID=${hexText(d.bytes, dcid.at, dcid.end)}` : '';
  const known = number === undefined ? '' : ` PKN=${number}`;
  c.out.open(F.short, at, end - at, null, { label: `QUIC Short Header${idText}${known}` });
  first(c, packet, F.form, F.fixed, F.spin);
  if (number !== undefined) first(c, packet, F.shortReserved, F.keyPhase, F.numberLength);
  if (dcid.end > dcid.at) c.out.value(F.dcid, dcid.at, dcid.end - dcid.at, c.bytes.subarray(dcid.at, dcid.end));
  body(c, packet, F.protected);
  c.out.close();
}

function negotiation(c: Cursor, packet: Packet): void {
  first(c, packet, F.form, F.vnUnused);
  c.out.value(F.version, packet.at + 1, 4, 0);
  id(c, F.dcidLength, F.dcid, packet.dcid);
  id(c, F.scidLength, F.scid, packet.scid);
  c.at = packet.scid.end;
  while (c.left >= 4) c.u32(F.supported);
}

function emitFrame(c: Cursor, frame: Frame): void {
  const { type, at, end } = frame;
  const name = FRAME_NAMES[type] ?? 'Unknown';
  const { out } = c;
  const padding = type === 0 ? ` Length: ${end - at}` : '';
  const about = frame.short.includes('(') ? ` id=${frame.short.replace(/.*\(|\)/g, '')}` : '';
  out.open(F.frame, at, end - at, null, { label: `${name}${padding}${about}` });
  const hex = `0x${type.toString(16).padStart(16, '0')}`;
  if (type >= 8 && type <= 15) {
    out.open(F.frameType, at, 1, BigInt(type), { label: `Frame Type: ${name} (${hex})` });
    c.bits(1, F.streamFin, F.streamLen, F.streamOff);
    out.close();
    c.skip(1);
  } else showVarint(c, F.frameType, { label: `Frame Type: ${name} (${hex})` });
  frameBody(c, frame);
  out.close();
}

const SIMPLE: Readonly<Record<number, readonly Field[]>> = {
  4: [F.resetStream, F.resetError, F.finalSize],
  5: [F.stopStream, F.stopError],
  16: [F.maxData],
  17: [F.maxStreamId, F.maxStreamData],
  18: [F.maxStreams],
  19: [F.maxStreams],
  20: [F.blocked],
  21: [F.blockedStream, F.blocked],
  22: [F.blockedStreams],
  23: [F.blockedStreams],
  25: [F.retire],
};

function frameBody(c: Cursor, { type, at, end }: Frame): void {
  const simple = SIMPLE[type];
  if (simple) for (const field of simple) showVarint(c, field);
  else if (type === 0) c.out.value(F.paddingLength, at, 0, end - at, MADE);
  else if (type === 2 || type === 3) acknowledged(c, type === 3);
  else if (type === 6) {
    showVarint(c, F.cryptoOffset);
    const length = showVarint(c, F.cryptoLength);
    c.out.value(F.crypto, c.at, length, null);
  } else if (type === 7) c.data(F.newToken, showVarint(c, F.newTokenLength));
  else if (type >= 8 && type <= 15) stream(c, type);
  else if (type === 24) {
    showVarint(c, F.newSequence);
    showVarint(c, F.retirePrior);
    c.data(F.newId, c.u8(F.newIdLength));
    c.data(F.newReset, 16);
  } else if (type === 26) c.data(F.challenge, 8);
  else if (type === 27) c.data(F.response, 8);
  else if (type === 28 || type === 29) {
    showVarint(c, type === 28 ? F.closeError : F.closeAppError);
    if (type === 28) showVarint(c, F.closeFrame);
    c.text(F.reason, showVarint(c, F.reasonLength));
  } else if (type === 48 || type === 49) {
    if (type === 49) showVarint(c, F.datagramLength);
    c.data(F.datagram);
  }
}

function acknowledged(c: Cursor, ecn: boolean): void {
  showVarint(c, F.largest);
  showVarint(c, F.ackDelay);
  const ranges = showVarint(c, F.ranges);
  showVarint(c, F.firstRange);
  for (let i = 0; i < ranges && c.left > 0; i++) {
    showVarint(c, F.gap);
    showVarint(c, F.range);
  }
  if (ecn) for (const field of [F.ect0, F.ect1, F.ce]) showVarint(c, field);
}

function stream(c: Cursor, type: number): void {
  const at = c.at;
  const id = showVarint(c, F.streamId);
  const size = c.at - at;
  const [initiator, direction] = [id % 2, Math.floor(id / 2) % 2];
  const words = [`${initiator ? 'Server' : 'Client'}-initiated`, direction ? 'Unidirectional' : 'Bidirectional'];
  c.out.value(F.initiator, at, size, BigInt(initiator), { label: `Stream initiator: ${words[0]} (${initiator})` });
  c.out.value(F.direction, at, size, BigInt(direction), { label: `Stream direction: ${words[1]} (${direction})` });
  if (type & 4) showVarint(c, F.streamOffset);
  const length = type & 2 ? showVarint(c, F.streamLength) : c.left;
  if (length > 0) c.data(F.streamData, length);
}
