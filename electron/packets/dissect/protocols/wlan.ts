/** IEEE 802.11 frames: the MAC header, control frames, data with LLC inside, protected data as it is. Management bodies are wlan-management.ts's. */
import { u16, u16le, u32 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Columns, Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import { type Field, GROUP } from '../field.ts';
import { FRAMES } from '../names/wlan.ts';
import { note } from '../notes.ts';
import { lookup } from '../tables.ts';
import { macText } from '../text.ts';
import { rest } from './data.ts';
import { hasFcs } from './radiotap.ts';
import { subframes } from './wlan-aggregate.ts';
import { emitManagement, MANAGEMENT_FIELDS, managementInfo } from './wlan-management.ts';

const CONTROL = 1;
const DATA = 2;
const TO_DS = 1;
const FROM_DS = 2;
const RETRY = 0x08;
const PROTECTED = 0x40;
const ORDER = 0x80;
const FCS = 4;
/** Of the QoS control. */
const AGGREGATED = 0x80;
const PS_POLL = 0x1a;
const BLOCK_ACK_REQUEST = 0x18;
const BLOCK_ACK = 0x19;

const DS = {
  0: 'Not leaving DS or network is operating in AD-HOC mode (To DS: 0 From DS: 0)',
  1: 'Frame from STA to DS via an AP (To DS: 1 From DS: 0)',
  2: 'Frame from DS to a STA via AP(To DS: 0 From DS: 1)',
  3: 'WDS (AP to AP) or Mesh (MP to MP) Frame (To DS: 1 From DS: 1)',
};
const PRIORITIES = {
  0: 'Best Effort (Best Effort)',
  1: 'Background (Background)',
  2: 'Spare (Background)',
  3: 'Excellent Effort (Best Effort)',
  4: 'Controlled Load (Video)',
  5: 'Video (Video)',
  6: 'Voice (Voice)',
  7: 'Network Control (Voice)',
};
const ACK_POLICIES = { 0: 'Normal Ack', 1: 'No Ack', 2: 'No explicit acknowledgment', 3: 'Block Ack' };
const TYPES = { 0: 'Management frame', 1: 'Control frame', 2: 'Data frame', 3: 'Extension frame' };
const flag = (name: string, title: string, mask: number): Field => ({
  ...f.flag(`wlan.fc.${name}`, title, { mask }),
  bits: 8,
});
const little = (mask: number) => ({ mask, bits: 16, little: true });

const F = {
  typeSubtype: f.x16('wlan.fc.type_subtype', 'Type/Subtype', { names: FRAMES }),
  control: f.x16('wlan.fc', 'Frame Control Field'),
  version: f.u8('wlan.fc.version', 'Version', { mask: 0x03, bits: 8 }),
  type: f.u8('wlan.fc.type', 'Type', { mask: 0x0c, bits: 8, names: TYPES }),
  subtype: f.u8('wlan.fc.subtype', 'Subtype', { mask: 0xf0, bits: 8 }),
  flags: f.x8('wlan.flags', 'Flags'),
  ds: f.x8('wlan.fc.ds', 'DS status', { mask: 0x03, bits: 8, names: DS }),
  toDs: flag('tods', 'To DS', TO_DS),
  fromDs: flag('fromds', 'From DS', FROM_DS),
  fragments: flag('frag', 'More Fragments', 0x04),
  retry: flag('retry', 'Retry', RETRY),
  power: flag('pwrmgt', 'PWR MGT', 0x10),
  more: flag('moredata', 'More Data', 0x20),
  protected: flag('protected', 'Protected flag', PROTECTED),
  order: flag('order', '+HTC/Order flag', ORDER),
  duration: f.u16('wlan.duration', 'Duration', { ...little(0x7fff), unit: [' microseconds', ' microseconds'] }),
  aid: f.u16('wlan.aid', 'Association ID', little(0x3fff)),
  receiver: f.mac('wlan.ra', 'Receiver address'),
  transmitter: f.mac('wlan.ta', 'Transmitter address'),
  destination: f.mac('wlan.da', 'Destination address'),
  source: f.mac('wlan.sa', 'Source address'),
  bssid: f.mac('wlan.bssid', 'BSS Id'),
  station: f.mac('wlan.staa', 'STA address'),
  address: f.mac('wlan.addr', 'Hardware address'),
  fragment: f.u16('wlan.frag', 'Fragment number', little(0x000f)),
  sequence: f.u16('wlan.seq', 'Sequence number', little(0xfff0)),
  qos: f.x16('wlan.qos', 'Qos Control'),
  tid: f.u16('wlan.qos.tid', 'TID', little(0x000f)),
  priority: f.u16('wlan.qos.priority', 'Priority', { ...little(0x0007), names: PRIORITIES }),
  ack: f.x16('wlan.qos.ack', 'Ack Policy', { ...little(0x0060), names: ACK_POLICIES }),
  aggregated: f.flag('wlan.qos.amsdupresent', 'Payload Type', {
    mask: 0x0080,
    bits: 16,
    little: true,
    truth: ['A-MSDU', 'MSDU'],
  }),
  htc: f.x32('wlan.htc', 'HT Control (+HTC)'),
  ccmp: f.text('wlan.ccmp.extiv', 'CCMP Ext. Initialization Vector'),
  tkip: f.text('wlan.tkip.extiv', 'TKIP Ext. Initialization Vector'),
  wepIv: f.x24('wlan.wep.iv', 'Initialization Vector'),
  wepKey: f.u8('wlan.wep.key', 'Key Index'),
  wepIcv: f.x32('wlan.wep.icv', 'WEP ICV'),
  baControl: f.x16('wlan.ba.control', 'Block Ack Control'),
  baType: f.x16('wlan.ba.control.ba_type', 'BA Type', little(0x001e)),
  baBitmap: f.bytes('wlan.ba.bm', 'Block Ack Bitmap'),
  fcs: f.x32('wlan.fcs', 'Frame check sequence'),
  ...MANAGEMENT_FIELDS,
};

interface Shape {
  type: number;
  /** type << 4 | subtype. */
  kind: number;
  flags: number;
  /** Offsets of the addresses by their part; undefined where the frame has none. */
  ra: number;
  ta: number | undefined;
  da: number | undefined;
  sa: number | undefined;
  bssid: number | undefined;
  station: number | undefined;
  qos: number | undefined;
  /** Several data units in one (A-MSDU): whom they are from and for, they say themselves. */
  several: boolean;
  /** Behind the MAC header. */
  body: number;
}

function shapeOf(d: Dissection, layer: Layer): Shape {
  const at = layer.start;
  const first = d.bytes[at]!;
  const flags = d.bytes[at + 1]!;
  const type = (first >> 2) & 3;
  const subtype = first >> 4;
  const kind = (type << 4) | subtype;
  const none = { da: undefined, sa: undefined, bssid: undefined, station: undefined, qos: undefined, several: false };
  if (type === CONTROL) {
    const ends = kind === 0x1e || kind === 0x1f;
    const alone = kind === 0x1c || kind === 0x1d;
    const two = {
      ta: alone || ends ? undefined : at + 10,
      bssid: kind === PS_POLL ? at + 4 : ends ? at + 10 : undefined,
    };
    return { type, kind, flags, ra: at + 4, ...none, ...two, body: at + (alone ? 10 : 16) };
  }
  const [a1, a2, a3] = [at + 4, at + 10, at + 16];
  if (type !== DATA) {
    const body = at + 24 + (flags & ORDER && type === 0 ? 4 : 0);
    return { type, kind, flags, ...none, ra: a1, ta: a2, da: a1, sa: a2, bssid: a3, body };
  }
  const ds = flags & 3;
  const four = ds === 3;
  const hasQos = (subtype & 8) !== 0;
  const qos = hasQos ? at + 24 + (four ? 6 : 0) : undefined;
  const body = at + 24 + (four ? 6 : 0) + (hasQos ? 2 : 0) + (hasQos && flags & ORDER ? 4 : 0);
  const several = qos !== undefined && (subtype & 4) === 0 && (d.bytes[qos]! & AGGREGATED) !== 0;
  const common = { type, kind, flags, ra: a1, ta: a2, qos, several, body };
  const third = several ? undefined : a3;
  if (four && several) return { ...common, da: undefined, sa: undefined, bssid: a3, station: undefined };
  if (four) return { ...common, da: a3, sa: at + 24, bssid: undefined, station: undefined };
  if (ds === TO_DS) return { ...common, da: third, sa: a2, bssid: a1, station: a2 };
  if (ds === FROM_DS) return { ...common, da: a1, sa: third, bssid: a2, station: a1 };
  return { ...common, da: a1, sa: a2, bssid: a3, station: undefined };
}

/** What protects the body: told by the header of the cipher. */
function cipherOf(
  { bytes }: Dissection,
  at: number,
): { header: number; name: 'wep' | 'tkip' | 'ccmp'; trailer: number } {
  if ((bytes[at + 3]! & 0x20) === 0) return { header: 4, name: 'wep', trailer: 4 };
  const tkip = bytes[at + 1] === ((bytes[at]! | 0x20) & 0x7f);
  return { header: 8, name: tkip ? 'tkip' : 'ccmp', trailer: 0 };
}

function flagsText(flags: number, fcs: boolean): string {
  const letters = ['o', 'p', 'm', 'P', 'R', 'M', 'F', 'T'];
  return letters.map((letter, i) => (flags & (0x80 >> i) ? letter : '.')).join('') + (fcs ? 'C' : '');
}

const nameOf = (kind: number) => FRAMES[kind] ?? 'Unrecognized (Reserved frame)';

export const wlan: Protocol = protocol({
  name: 'wlan',
  column: '802.11',
  title: 'IEEE 802.11',
  minLength: 10,
  binds: { linktype: [105] },
  fields: F,
  walk(d, layer) {
    if (hasFcs(d, layer) && layer.end - layer.start >= 10 + FCS) layer.end -= FCS;
    const shape = shapeOf(d, layer);
    const end = d.capturedEnd(layer);
    if (shape.body > end) {
      d.malformed(layer);
      return undefined;
    }
    layer.headerLength = (shape.type === DATA ? shape.body : end) - layer.start;
    if (shape.flags & PROTECTED && shape.type !== CONTROL && shape.body < end) {
      const { header, trailer, name } = cipherOf(d, shape.body);
      layer.headerLength = Math.min(shape.body + (name === 'wep' ? 0 : header), end) - layer.start;
      return rest(d, shape.body + header, layer.end - trailer);
    }
    const empty = (shape.kind & 4) !== 0;
    if (shape.type !== DATA || empty || shape.body >= end) return undefined;
    // Fragments are not put together.
    const part = (u16le(d.bytes, layer.start + 22) & 0x0f) !== 0 || (shape.flags & 0x04) !== 0;
    if (part) return rest(d, shape.body, layer.end);
    if (shape.several) return subframes(d, layer, shape.body);
    d.follow(shape.body, layer.end);
    return lookup('llc.dsap', -1);
  },
  addresses(d, layer, columns) {
    const shape = shapeOf(d, layer);
    if (shape.body <= d.capturedEnd(layer)) fillColumns(d, shape, columns);
  },
  info(d, layer) {
    const shape = shapeOf(d, layer);
    if (shape.body > d.capturedEnd(layer)) return nameOf(shape.kind);
    const control = u16le(d.bytes, layer.start + 22);
    const numbers = shape.type === CONTROL ? '' : `, SN=${control >> 4}, FN=${control & 0x0f}`;
    const text = `${nameOf(shape.kind)}${numbers}, Flags=${flagsText(shape.flags, hasFcs(d, layer))}`;
    const plain = shape.type === 0 && (shape.flags & PROTECTED) === 0;
    return plain ? text + managementInfo(d, shape.body, d.capturedEnd(layer), shape.kind) : text;
  },
  label(d, layer) {
    const { kind, flags } = shapeOf(d, layer);
    return `IEEE 802.11 ${nameOf(kind)}, Flags: ${flagsText(flags, hasFcs(d, layer))}`;
  },
  emit(d, layer, out) {
    const shape = shapeOf(d, layer);
    const at = layer.start;
    emitControl(d, at, shape, out);
    if (shape.kind === PS_POLL) out.item(F.aid, at + 2, 2);
    else out.item(F.duration, at + 2, 2);
    emitAddresses(at, shape, out);
    if (shape.qos !== undefined) emitQos(d, shape, out);
    const end = d.capturedEnd(layer);
    if (shape.body > end) return;
    if (shape.kind === BLOCK_ACK || shape.kind === BLOCK_ACK_REQUEST) blockAck(d, shape, end, out);
    else if (shape.flags & PROTECTED && shape.type !== CONTROL) emitCipher(d, shape.body, end, out);
    else if (shape.type === 0) emitManagement(d, shape.body, end, shape.kind, out);
    if (hasFcs(d, layer) && layer.end + FCS <= d.bytes.length) trailer(d, layer, out);
  },
});

/** The frame check sequence lies behind what the layer is taken to be. */
function trailer(d: Dissection, layer: Layer, out: FieldSink): void {
  const { bytes } = d;
  const at = layer.end;
  const value = (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
  out.value(F.fcs, layer.start, 0, value, { suffix: ' [unverified]' });
}

function fillColumns(d: Dissection, shape: Shape, columns: Columns): void {
  const { type, sa, da, ta, ra } = shape;
  if (type !== CONTROL) {
    columns.source = sa === undefined ? '' : macText(d.bytes, sa);
    columns.destination = da === undefined ? '' : macText(d.bytes, da);
    return;
  }
  // The station that is polled for, and who ends a period, are an access point's.
  const poll = shape.kind === PS_POLL;
  if (ta !== undefined) columns.source = `${macText(d.bytes, ta)} (TA)`;
  else columns.source = shape.bssid === undefined ? '' : `${macText(d.bytes, shape.bssid)} (BSSID)`;
  columns.destination = `${macText(d.bytes, ra)} (${poll ? 'BSSID' : 'RA'})`;
}

function emitControl(d: Dissection, at: number, { kind, flags }: Shape, out: FieldSink): void {
  out.value(F.typeSubtype, at, 1, kind);
  out.open(F.control, at, 2, u16(d.bytes, at));
  for (const field of [F.version, F.type, F.subtype]) out.item(field, at, 1);
  out.open(F.flags, at + 1, 1, flags);
  out.item(F.ds, at + 1, 1);
  out.hidden(F.toDs, at + 1, 1);
  out.hidden(F.fromDs, at + 1, 1);
  out.item(F.fragments, at + 1, 1);
  out.open(F.retry, at + 1, 1, (flags & RETRY) !== 0);
  if (flags & RETRY) note(out, 'note', 'Sequence', 'Retransmission (retry)', at + 1);
  out.close();
  for (const field of [F.power, F.more, F.protected, F.order]) out.item(field, at + 1, 1);
  out.close();
  out.close();
}

function emitAddresses(at: number, shape: Shape, out: FieldSink): void {
  const { type, ra, ta, da, sa, bssid, station } = shape;
  out.item(F.receiver, ra, 6);
  out.hidden(F.address, ra, 6);
  if (type === CONTROL) {
    if (shape.kind === PS_POLL) out.item(F.bssid, bssid!, 6);
    if (ta !== undefined) out.item(F.transmitter, ta, 6);
    else if (bssid !== undefined) out.item(F.bssid, bssid, 6);
    const second = ta ?? bssid;
    if (second !== undefined) out.hidden(F.address, second, 6);
    return;
  }
  out.item(F.transmitter, ta!, 6);
  out.hidden(F.address, ta!, 6);
  if (da !== undefined) out.item(F.destination, da, 6);
  if (sa !== undefined) out.item(F.source, sa, 6);
  if (bssid !== undefined) out.item(F.bssid, bssid, 6);
  if (shape.several && (shape.flags & 3) === 3) out.item(F.bssid, at + 24, 6);
  if (station !== undefined) out.item(F.station, station, 6);
  out.item(F.fragment, at + 22, 2);
  out.item(F.sequence, at + 22, 2);
  if ((shape.flags & 3) === 3 && type === DATA) out.hidden(F.address, at + 24, 6);
  if (!shape.several || (shape.flags & 3) === 3) out.hidden(F.address, at + 16, 6);
}

function emitQos(d: Dissection, shape: Shape, out: FieldSink): void {
  const at = shape.qos!;
  out.open(F.qos, at, 2, u16le(d.bytes, at));
  for (const field of [F.tid, F.priority, F.ack]) out.item(field, at, 2);
  if ((shape.kind & 4) === 0) out.item(F.aggregated, at, 2);
  out.close();
  if (shape.flags & ORDER) new Cursor(d, out, at + 2, shape.body).le32(F.htc);
}

function emitCipher(d: Dissection, at: number, end: number, out: FieldSink): void {
  const { bytes } = d;
  const { header, name } = cipherOf(d, at);
  if (at + header > end) return;
  const title = name.toUpperCase();
  out.open(GROUP, at, header, null, { label: `${title} parameters` });
  const key = bytes[at + 3]! >> 6;
  if (name === 'wep') {
    out.item(F.wepIv, at, 3);
    out.value(F.wepKey, at + 3, 1, key);
    if (end - 4 >= at + header) out.value(F.wepIcv, end - 4, 4, u32(bytes, end - 4), { suffix: ' (not verified)' });
  } else {
    const order = name === 'ccmp' ? [7, 6, 5, 4, 1, 0] : [7, 6, 5, 4, 0, 2];
    const text = order.map((i) => bytes[at + i]!.toString(16).padStart(2, '0').toUpperCase()).join('');
    out.value(name === 'ccmp' ? F.ccmp : F.tkip, at, 8, `0x${text}`);
    out.value(F.wepKey, at + 3, 1, key);
  }
  out.close();
}

function blockAck(d: Dissection, { body, kind }: Shape, end: number, out: FieldSink): void {
  const c = new Cursor(d, out, body, end);
  const type = (c.peek(1) >> 1) & 0x0f;
  c.under(F.baControl, 2, u16le(c.bytes, c.at), () => c.bits(2, F.baType));
  // Basic and compressed: one traffic identifier, one bitmap.
  if (type !== 0 && type !== 2) return;
  c.under(F.ssc, 2, u16le(c.bytes, c.at), () => c.bits(2, F.sscFragment, F.sscSequence));
  if (kind === BLOCK_ACK && c.left > 0) c.data(F.baBitmap, Math.min(c.left, type === 0 ? 128 : 8));
}
